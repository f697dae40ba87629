"""更正公告 for people: the form of an amendment, the decision about it, and what it changed."""

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import ValidationError
from sqlmodel import Session

from schemas.challenge import Challenge, ChallengeChange
from schemas.challenge_amendment import AmendmentCreate, AmendmentShown
from schemas.vocabulary import Term
from service.access.principal import Principal
from service.challenges import amendments as challenge_amendments
from service.challenges import challenges
from service.http.dependencies import SessionDep
from service.platform.locales import messages_of
from service.platform.phrases import label_of, named_domain
from service.platform.problems import Conflict, Unfit, WrongState, why
from service.platform.settings import settings
from service.portal.challenges.form import as_change, challenge_fields, challenge_values, read_challenge
from service.portal.challenges.moves import reason_in
from service.portal.field_errors import by_field
from service.portal.form_fields import FieldShown, Filled
from service.portal.line_fields import comma_of
from service.portal.pages import PageLanguageDep, render
from service.portal.sessions import SenderDep, SentFormDep, SignedIn, SignedInDep

router = APIRouter(include_in_schema=False, prefix="/challenges/{challenge_id}")


class ChangedField(NamedTuple):
    label: str
    before: str
    after: str


class AmendmentTold(NamedTuple):
    amendment: AmendmentShown
    changed: list[ChangedField]


@router.get("/amend")
def amendment_form(
    request: Request, session: SessionDep, visitor: SignedInDep, language: PageLanguageDep, challenge_id: UUID
) -> HTMLResponse:
    """The challenge as it stands, to be corrected."""
    found = challenges.access_challenge(
        session, visitor.principal, challenge_id, "propose amendment"
    ).challenge
    return _form(request, visitor, language, found, Filled(challenge_values(found, language), None, {}))


@router.post("/amend")
def propose(
    request: Request,
    session: SessionDep,
    visitor: SenderDep,
    language: PageLanguageDep,
    form: SentFormDep,
    challenge_id: UUID,
) -> Response:
    found = challenges.access_challenge(
        session, visitor.principal, challenge_id, "propose amendment"
    ).challenge
    _ = messages_of(language).gettext
    reason = str(form.get("reason") or "").strip()
    sent = read_challenge(form, language, None)
    typed = {**sent.values, "reason": reason}
    wrong, status = dict(sent.errors), 422
    if not reason:
        wrong["reason"] = _("请写明理由")
    if not wrong:
        try:
            body = AmendmentCreate(reason=reason, changes=as_change(sent.body))
            with session.begin_nested():
                challenge_amendments.propose(session, visitor.principal, challenge_id, body)
            return RedirectResponse(f"/challenges/{challenge_id}#amendments", 303)
        except Unfit as unfit:
            wrong = {unfit.pointer.removeprefix("/changes").strip("/") or "reason": why(unfit, language)}
        except Conflict as conflict:
            wrong, status = {"reason": why(conflict, language)}, conflict.status
        except ValidationError as error:
            wrong = by_field(error.errors(), language)
    return _form(request, visitor, language, found, Filled(typed, None, wrong), status=status)


@router.post("/amendments/{amendment_id}/{verb}")
def decide(
    request: Request,
    session: SessionDep,
    visitor: SenderDep,
    language: PageLanguageDep,
    form: SentFormDep,
    challenge_id: UUID,
    amendment_id: UUID,
    verb: Literal["publish", "refuse", "recall"],
) -> Response:
    """Consent, refuse or recall; what is in the way is told on a page of its own."""
    try:
        with session.begin_nested():
            _decide(session, visitor.principal, challenge_id, amendment_id, verb, form)
    except (Unfit, WrongState) as refused:
        return render(
            request,
            "amendment_refused.html",
            status=refused.status,
            visitor=visitor,
            challenge_id=challenge_id,
            wrong=why(refused, language),
        )
    return RedirectResponse(f"/challenges/{challenge_id}#amendments", 303)


def _decide(
    session: Session,
    caller: Principal,
    challenge_id: UUID,
    amendment_id: UUID,
    verb: Literal["publish", "refuse", "recall"],
    form: Mapping[str, Any],
) -> None:
    if verb == "publish":
        challenge_amendments.publish(session, caller, challenge_id, amendment_id)
    elif verb == "recall":
        challenge_amendments.recall(session, caller, challenge_id, amendment_id)
    else:
        reason = reason_in(str(form.get("reason") or "").strip()).reason
        challenge_amendments.refuse(session, caller, challenge_id, amendment_id, reason)


def told_amendments(
    session: Session, caller: Principal, challenge_id: UUID, language: str
) -> list[AmendmentTold]:
    """The newest first, each with what it changed, field by field as the form names them."""
    found = challenge_amendments.list_amendments(session, caller, challenge_id)
    return [AmendmentTold(one, _changed(one, language)) for one in reversed(found)]


def _changed(amendment: AmendmentShown, language: str) -> list[ChangedField]:
    before, after = (
        _said(ChallengeChange.model_validate(fields), language)
        for fields in (amendment.before, amendment.after)
    )
    translate = messages_of(language).gettext
    return [
        ChangedField(field.label, before[field.name], after[field.name])
        for field in challenge_fields(language, translate, {}, {})
        if field.name in amendment.after
    ]


def _said(fields: ChallengeChange, language: str) -> dict[str, str]:
    """Each field in the words of the form."""
    typed = challenge_values(fields, language)
    typed["deadline"] = typed["deadline"].replace("T", " ")
    typed["domains"] = [named_domain(language, key) for key in fields.domains]
    typed["publisher_may_review"] = messages_of(language).gettext(
        "是" if fields.publisher_may_review else "否"
    )
    return {name: _in_words(value, language) for name, value in typed.items()}


def _in_words(value: Any, language: str) -> str:
    if isinstance(value, list):
        return comma_of(language).join(_in_words(one, language) for one in value)
    return label_of(language, value) if isinstance(value, Term) else str(value)


def _form(
    request: Request,
    visitor: SignedIn,
    language: str,
    challenge: Challenge,
    sent: Filled,
    *,
    status: int = 200,
) -> HTMLResponse:
    _ = messages_of(language).gettext
    reason = FieldShown(
        "reason",
        "text",
        _("更正理由"),
        _("将随更正公告公布。"),
        True,
        [],
        sent.values.get("reason", ""),
        sent.errors.get("reason", ""),
    )
    fields = challenge_fields(language, _, sent.values, sent.errors)
    return render(
        request,
        "amendment_form.html",
        status=status,
        visitor=visitor,
        challenge=challenge,
        fields=[reason, *sorted(fields, key=lambda field: field.name != "deadline")],
        days=settings().challenge_amendment_days,
    )
