"""揭榜 and 验收 for people: handing a bid in, agreeing, delivering, accepting."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Literal, NamedTuple, TypeVar
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BaseModel, ValidationError
from sqlmodel import Session
from starlette.datastructures import FormData

from schemas.bid import Acceptance, Agreement, BidDelivered, BidStatus, Gate, GateDecision, IndicatorOutcome
from schemas.challenge import ChallengeShown, WithReason
from schemas.wording import Wording
from service.access.principal import Principal
from service.challenges import bids, challenges, deliveries
from service.challenges.bid_views import shown_bid
from service.http.dependencies import SessionDep
from service.platform.locales import messages_of
from service.platform.problems import Conflict, Unfit, WrongState, field_problems, why
from service.portal.challenges.bid_form import bid_fields, bid_values, read_bid
from service.portal.field_errors import number_in
from service.portal.form_fields import Filled
from service.portal.line_fields import lines_of, parts_of
from service.portal.pages import PageLanguageDep, render
from service.portal.sessions import SenderDep, SentFormDep, SignedIn, SignedInDep

Shaped = TypeVar("Shaped", bound=BaseModel)

router = APIRouter(include_in_schema=False, prefix="/challenges/{challenge_id}")

Verb = Literal["withdraw", "agree", "refuse", "exclude", "deliver", "decide", "accept"]


class Beside(NamedTuple):
    """What is the matter, by the verb whose form was sent; and what was typed there."""

    status: int = 200
    wrong: Mapping[str, str] = MappingProxyType({})
    typed: Mapping[str, Any] = MappingProxyType({})


@router.get("/bid")
def bid_form(
    request: Request, session: SessionDep, visitor: SignedInDep, language: PageLanguageDep, challenge_id: UUID
) -> HTMLResponse:
    """One's own bid: what was handed in, or an empty form."""
    mine = _mine(session, visitor.principal, challenge_id)
    if mine is None:
        challenges.access_challenge(session, visitor.principal, challenge_id)
        return _form(request, session, visitor, language, challenge_id, Filled({}, None, {}))
    shown = shown_bid(session, visitor.principal, mine)
    return _form(
        request, session, visitor, language, challenge_id, Filled(bid_values(shown, language), None, {})
    )


@router.post("/bid")
def hand_in_bid(
    request: Request,
    session: SessionDep,
    visitor: SenderDep,
    language: PageLanguageDep,
    form: SentFormDep,
    challenge_id: UUID,
) -> Response:
    """Hand it in, or put it in the place of the one that was."""
    caller, words = visitor.principal, messages_of(language).gettext
    sent = read_bid(session, form, language, words)
    if sent.errors:
        return _form(request, session, visitor, language, challenge_id, sent, status=422)
    mine = _mine(session, caller, challenge_id)
    try:
        with session.begin_nested():
            if mine is None:
                bid_id = bids.hand_in(session, caller, challenge_id, sent.body).id
            else:
                bid_id = bids.replace(session, caller, challenge_id, mine.bid.id, sent.body).bid.id
    except (Unfit, Conflict) as refused:
        place = refused.pointer.strip("/") if isinstance(refused, Unfit) else "proposal"
        again = Filled(sent.values, None, {place: why(refused, language)})
        return _form(request, session, visitor, language, challenge_id, again, status=refused.status)
    return RedirectResponse(f"/challenges/{challenge_id}/bids/{bid_id}", 303)


@router.get("/bids/{bid_id}")
def bid_page(
    request: Request, session: SessionDep, visitor: SignedInDep, challenge_id: UUID, bid_id: UUID
) -> HTMLResponse:
    return _bid_page(request, session, visitor, challenge_id, bid_id, Beside())


@router.post("/bids/{bid_id}/{verb}")
def move_bid(
    request: Request,
    session: SessionDep,
    visitor: SenderDep,
    language: PageLanguageDep,
    form: SentFormDep,
    challenge_id: UUID,
    bid_id: UUID,
    verb: Verb,
) -> Response:
    try:
        with session.begin_nested():
            _do(session, visitor.principal, challenge_id, bid_id, verb, form)
            return RedirectResponse(f"/challenges/{challenge_id}/bids/{bid_id}", 303)
    except ValidationError as error:
        status, told = (
            422,
            " ".join(sorted({one.message for one in field_problems(error.errors(), language)})),
        )
    except (Unfit, Conflict, WrongState) as refused:
        status, told = refused.status, why(refused, language)
    typed = {name: form.getlist(name) for name in form}
    return _bid_page(request, session, visitor, challenge_id, bid_id, Beside(status, {verb: told}, typed))


def _do(
    session: Session, caller: Principal, challenge_id: UUID, bid_id: UUID, verb: Verb, form: FormData
) -> None:
    place = (session, caller, challenge_id, bid_id)
    said = str(form.get("reason") or form.get("report") or "").strip()
    milestone = number_in(form.get("milestone"))
    if verb == "withdraw":
        bids.withdraw(*place)
    elif verb == "refuse":
        bids.refuse(*place)
    elif verb == "agree":
        bids.agree(*place, Agreement(commitment_accepted="commitment_accepted" in form))
    elif verb == "exclude":
        deliveries.exclude(*place, _shaped(WithReason, said, reason=said))
    elif verb == "deliver":
        deliveries.deliver(
            *place,
            _shaped(BidDelivered, said, report=said, milestone=milestone, attachments=_attachments(form)),
        )
    elif verb == "decide":
        decision = GateDecision.go if form.get("decision") == "go" else GateDecision.stop
        gate = _shaped(Gate, said, reason=said, milestone=milestone or 0, decision=decision)
        deliveries.decide(*place, gate)
    else:
        deliveries.accept(*place, _acceptance(form))


def _shaped(shape: type[Shaped], said: str, **fields: object) -> Shaped:
    if not said:
        raise Unfit("/reason", "missing", Wording("请填写说明", "Say something"))
    return shape.model_validate(fields)


def _attachments(form: FormData) -> list[dict[str, str]]:
    """One a line: a name and a link, or a link alone."""
    found = []
    for line in lines_of(form.get("attachments")):
        title, url = parts_of(line, 2)
        found.append({"title": title, "url": url} if url else {"url": title})
    return found


def _acceptance(form: FormData) -> Acceptance:
    outcomes, figures = form.getlist("outcome"), form.getlist("figure")
    remarks = form.getlist("remark") or [""] * len(outcomes)
    return Acceptance.model_validate(
        {
            "results": [
                {
                    "indicator": place,
                    "outcome": outcome,
                    "figure": str(figure).strip() or None,
                    "remark": str(remark),
                }
                for place, (outcome, figure, remark) in enumerate(
                    zip(outcomes, figures, remarks, strict=False)
                )
            ]
        }
    )


def _mine(session: Session, caller: Principal, challenge_id: UUID) -> bids.FoundBid | None:
    over = {BidStatus.withdrawn, BidStatus.lapsed}
    found = bids.list_bids(session, caller, challenge_id)
    return next(
        (
            one
            for one in found
            if one.bid.organization_id == caller.organization_id and one.status not in over
        ),
        None,
    )


def _challenge(session: Session, caller: Principal, challenge_id: UUID) -> ChallengeShown:
    found = challenges.access_challenge(session, caller, challenge_id).challenge
    return challenges.shown(session, caller, found)


def _form(
    request: Request,
    session: Session,
    visitor: SignedIn,
    language: str,
    challenge_id: UUID,
    sent: Filled,
    *,
    status: int = 200,
) -> HTMLResponse:
    return render(
        request,
        "bid_form.html",
        status=status,
        visitor=visitor,
        challenge=_challenge(session, visitor.principal, challenge_id),
        fields=bid_fields(language, messages_of(language).gettext, sent.values, sent.errors),
        commitment_error=sent.errors.get("commitment_accepted", ""),
    )


def _bid_page(
    request: Request,
    session: Session,
    visitor: SignedIn,
    challenge_id: UUID,
    bid_id: UUID,
    beside: Beside,
) -> HTMLResponse:
    caller = visitor.principal
    found = bids.access_bid(session, caller, challenge_id, bid_id)
    return render(
        request,
        "bid.html",
        status=beside.status,
        visitor=visitor,
        challenge=_challenge(session, caller, challenge_id),
        bid=shown_bid(session, caller, found),
        outcomes=list(IndicatorOutcome),
        wrong=beside.wrong,
        typed=beside.typed,
    )
