"""揭榜挂帅 for people: the list and each challenge for everybody; publishing, and what may be done next."""

import json
import secrets
from typing import Any, Literal
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from sqlmodel import Session
from starlette.datastructures import FormData

from schemas.base import Wording
from schemas.bid_review import Award, Signing
from schemas.challenge import ChallengeShown, ChallengeStatus, Invite, WithReason
from schemas.domains import DOMAINS
from service import awards, challenge_advice, challenge_requests, challenges
from service.auth import ANYONE, Principal
from service.bid_views import shown_bids
from service.bids import list_bids
from service.db import SessionDep
from service.errors import Conflict, Unfit
from service.idempotency import once
from service.language import message_language
from service.live_index import LiveIndex, LiveIndexDep
from service.web.challenge_form import as_change, challenge_fields, challenge_values, read_challenge
from service.web.field_errors import id_in
from service.web.messages import messages_of
from service.web.pages import PageCallerDep, PageLanguageDep, render
from service.web.posting_form import Filled
from service.web.public import asked_by_address
from service.web.sessions import SenderDep, SentFormDep, SignedIn, SignedInDep, VisitorDep

router = APIRouter(include_in_schema=False, prefix="/challenges")

Verb = Literal[
    "submit",
    "recall",
    "return",
    "open",
    "withdraw",
    "award",
    "fail",
    "reopen",
    "sign",
    "start",
    "terminate",
    "invite",
]
_BOXES = [key for key, one in DOMAINS.items() if one.parent is None]
_PUBLIC = [one for one in ChallengeStatus if one not in {ChallengeStatus.draft, ChallengeStatus.review}]
_USUAL = {
    "mode": "single",
    "winners": 1,
    "solver_share": 60,
    "months": 24,
    "least_reviewers": 3,
    "publicity_days": 5,
    "ip_ownership": "negotiable",
}


@router.get("")
def challenges_page(
    request: Request,
    session: SessionDep,
    caller: PageCallerDep,
    visitor: VisitorDep,
    language: PageLanguageDep,
) -> HTMLResponse:
    asked, _ = asked_by_address(request, challenges.ChallengeQuery, language)
    found = challenges.list_challenges(session, caller, asked)
    return render(
        request,
        "challenges.html",
        visitor=visitor,
        asked=asked,
        found=found,
        boxes=_BOXES,
        statuses=list(ChallengeStatus) if visitor else _PUBLIC,
    )


@router.get("/new")
def new_challenge(
    request: Request,
    session: SessionDep,
    visitor: SignedInDep,
    language: PageLanguageDep,
    need_id: UUID | None = None,
) -> HTMLResponse:
    """An empty form; or, for a need, one that says what the need says."""
    values: dict[str, Any] = dict(_USUAL)
    if need_id is not None:
        draft = challenge_requests.drafted_from(session, visitor.principal, need_id)
        told = challenge_values(draft)
        values |= {name: told[name] for name in ("title", "goal", "indicators", "domains", "region")}
    return _form(request, visitor, language, Filled(values, None, {}), f"/challenges/new{_about(need_id)}")


@router.post("/new")
def create_challenge(
    request: Request,
    session: SessionDep,
    visitor: SenderDep,
    language: PageLanguageDep,
    form: SentFormDep,
    need_id: UUID | None = None,
) -> Response:
    """Keep a draft; it is handed in from its own page, where it can be read as others will."""
    sent = read_challenge(form, message_language(language), str(need_id) if need_id else None)
    address = f"/challenges/new{_about(need_id)}"
    if sent.errors:
        return _form(request, visitor, language, sent, address, status=422)

    def create() -> ChallengeShown:
        made = challenge_requests.create(session, visitor.principal, sent.body)
        return challenges.shown(session, visitor.principal, made)

    try:
        answer = once(session, visitor.principal, str(form.get("once") or ""), request, sent.body, create)
    except Conflict:
        return _form(request, visitor, language, sent, address, status=409)
    return RedirectResponse(f"/challenges/{json.loads(bytes(answer.body))['id']}", 303)


@router.get("/{challenge_id}/edit")
def edit_challenge(
    request: Request, session: SessionDep, visitor: SignedInDep, language: PageLanguageDep, challenge_id: UUID
) -> HTMLResponse:
    found = challenges.access_challenge(session, visitor.principal, challenge_id, "change").challenge
    values = challenge_values(found)
    return _form(request, visitor, language, Filled(values, None, {}), f"/challenges/{challenge_id}/edit")


@router.post("/{challenge_id}/edit")
def change_challenge(
    request: Request,
    session: SessionDep,
    visitor: SenderDep,
    language: PageLanguageDep,
    form: SentFormDep,
    challenge_id: UUID,
) -> Response:
    sent = read_challenge(form, message_language(language), None)
    if sent.errors:
        return _form(request, visitor, language, sent, f"/challenges/{challenge_id}/edit", status=422)
    challenges.change(session, visitor.principal, challenge_id, as_change(sent.body))
    return RedirectResponse(f"/challenges/{challenge_id}", 303)


@router.get("/{challenge_id}")
def challenge_page(
    request: Request,
    session: SessionDep,
    index: LiveIndexDep,
    language: PageLanguageDep,
    visitor: VisitorDep,
    challenge_id: UUID,
) -> HTMLResponse:
    return _page(request, session, index, visitor, language, challenge_id)


@router.post("/{challenge_id}/do/{verb}")
def move_challenge(
    request: Request,
    session: SessionDep,
    index: LiveIndexDep,
    visitor: SenderDep,
    language: PageLanguageDep,
    form: SentFormDep,
    challenge_id: UUID,
    verb: Verb,
) -> Response:
    """Do what its page offers. What it still lacks is told there."""
    try:
        # Nothing of what failed may stay, and the page reads in the same transaction.
        with session.begin_nested():
            _do(session, visitor.principal, challenge_id, verb, form)
    except Unfit as unfit:
        said = unfit.message.said(message_language(language))
        return _page(request, session, index, visitor, language, challenge_id, said)
    return RedirectResponse(f"/challenges/{challenge_id}", 303)


def _do(session: Session, caller: Principal, challenge_id: UUID, verb: Verb, form: FormData) -> None:
    said = str(form.get("reason") or "").strip()
    plain = {
        "submit": challenges.submit,
        "recall": challenges.recall,
        "open": challenges.open_to_bids,
        "start": awards.start,
    }
    with_reason = {
        "return": challenges.send_back,
        "withdraw": challenges.withdraw,
        "fail": awards.fail,
        "reopen": awards.reopen,
        "terminate": awards.terminate,
    }
    if verb in plain:
        plain[verb](session, caller, challenge_id)
    elif verb in with_reason:
        with_reason[verb](session, caller, challenge_id, _reason(said))
    elif verb == "award":
        chosen = [id_in(one) for one in form.getlist("bid_ids")]
        awards.award(session, caller, challenge_id, Award(bid_ids=chosen, reason=said[:200]))
    elif verb == "sign":
        awards.sign(session, caller, challenge_id, Signing())
    else:
        told = [id_in(one) for one in form.getlist("organization_ids")]
        challenge_advice.invite(session, caller, challenge_id, Invite(organization_ids=told))


def _reason(said: str) -> WithReason:
    if not said:
        raise Unfit("/reason", "missing", Wording("请写明理由", "Say why"))
    return WithReason(reason=said)


def _page(
    request: Request,
    session: Session,
    index: LiveIndex,
    visitor: SignedIn | None,
    language: str,
    challenge_id: UUID,
    wrong: str = "",
) -> HTMLResponse:
    caller = visitor.principal if visitor else ANYONE
    found = challenges.access_challenge(session, caller, challenge_id).challenge
    shown = challenges.shown(session, caller, found)
    bids = shown_bids(session, caller, list_bids(session, caller, challenge_id)) if visitor else []
    suggested = None
    if "read suggestions" in shown.may and shown.status is ChallengeStatus.open:
        suggested = challenge_advice.suggest_bidders(session, caller, index, challenge_id, language)
    analysis = None
    if "read analysis" in shown.may:
        analysis = challenge_advice.analyse_failure(
            session, caller, index, challenge_id, message_language(language)
        )
    return render(
        request,
        "challenge.html",
        status=422 if wrong else 200,
        visitor=visitor,
        challenge=shown,
        bids=bids,
        mine=next((one for one in bids if visitor and one.organization.id == caller.organization_id), None),
        suggested=suggested,
        analysis=analysis,
        wrong=wrong,
    )


def _form(
    request: Request, visitor: SignedIn, language: str, sent: Filled, address: str, *, status: int = 200
) -> HTMLResponse:
    translate = messages_of(language).gettext
    return render(
        request,
        "challenge_form.html",
        status=status,
        visitor=visitor,
        address=address,
        fields=challenge_fields(language, translate, sent.values, sent.errors),
        once=secrets.token_urlsafe(16),
    )


def _about(need_id: UUID | None) -> str:
    return f"?need_id={need_id}" if need_id else ""
