"""揭榜挂帅 for people: the list and each challenge for everybody; publishing, and what may be done next."""

import secrets
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import ValidationError
from sqlmodel import Session

from schemas.bid import BidShown
from schemas.challenge import ChallengeShown, ChallengeStatus, usual_criteria
from schemas.domains import DOMAINS
from service.access.principal import ANYONE, Permission
from service.challenges import advice as challenge_advice
from service.challenges import challenges
from service.challenges import requests as challenge_requests
from service.challenges.bid_views import shown_bids
from service.challenges.bids import list_bids
from service.http.addresses import base_of
from service.http.dependencies import LiveIndexDep, SessionDep
from service.matches.live_index import LiveIndex
from service.platform.locales import messages_of
from service.platform.problems import Conflict, Unfit, VersionChanged, WrongState, why
from service.portal.challenges.amendments import told_amendments
from service.portal.challenges.form import (
    as_change,
    challenge_fields,
    challenge_values,
    criteria_typed,
    read_challenge,
)
from service.portal.challenges.moves import Verb, move, signable
from service.portal.field_errors import by_field
from service.portal.form_fields import Filled
from service.portal.json_ld import challenge_json_ld
from service.portal.once import once
from service.portal.pages import PageCallerDep, PageLanguageDep, render
from service.portal.public import asked_by_address
from service.portal.sessions import SenderDep, SentFormDep, SignedIn, SignedInDep, VisitorDep

router = APIRouter(include_in_schema=False, prefix="/challenges")

_BOXES = [key for key, one in DOMAINS.items() if one.parent is None]
_PUBLIC = [one for one in ChallengeStatus if one not in {ChallengeStatus.draft, ChallengeStatus.review}]
_USUAL = {
    "mode": "single",
    "price_rule": "mark",
    "winners": 1,
    "solver_share": 60,
    "months": 24,
    "least_reviewers": 3,
    "publicity_days": 5,
    "ip_ownership": "negotiable",
    "publisher_may_review": "false",
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
    values: dict[str, Any] = {**_USUAL, "criteria": criteria_typed(usual_criteria(), language)}
    if need_id is not None:
        draft = challenge_requests.drafted_from(session, visitor.principal, need_id)
        told = challenge_values(draft, language)
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
    sent = read_challenge(form, language, str(need_id) if need_id else None)
    address = f"/challenges/new{_about(need_id)}"
    if sent.errors:
        return _form(request, visitor, language, sent, address, status=422)

    def create() -> ChallengeShown:
        made = challenge_requests.create(session, visitor.principal, sent.body)
        return challenges.shown(session, visitor.principal, made)

    try:
        made = once(session, visitor.principal, form, request, sent.body, create)
    except Conflict:
        return _form(request, visitor, language, sent, address, status=409)
    return RedirectResponse(f"/challenges/{made['id']}", 303)


@router.get("/{challenge_id}/edit")
def edit_challenge(
    request: Request, session: SessionDep, visitor: SignedInDep, language: PageLanguageDep, challenge_id: UUID
) -> HTMLResponse:
    found = challenges.access_challenge(session, visitor.principal, challenge_id, "change").challenge
    values = {**challenge_values(found, language), "version": found.version}
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
    sent = read_challenge(form, language, None)
    version, address = str(form.get("version") or ""), f"/challenges/{challenge_id}/edit"
    seen = frozenset({int(version)}) if version.isdecimal() else None
    kept = {**sent.values, "version": version}
    if sent.errors:
        return _form(request, visitor, language, Filled(kept, None, sent.errors), address, status=422)
    try:
        with session.begin_nested():
            challenges.change(session, visitor.principal, challenge_id, as_change(sent.body), seen)
    except Unfit as unfit:
        wrong = {unfit.pointer.strip("/"): why(unfit, language)}
        return _form(request, visitor, language, Filled(kept, None, wrong), address, status=422)
    except VersionChanged as changed:
        again = Filled(kept, None, {"title": why(changed, language)})
        return _form(request, visitor, language, again, address, status=changed.status)
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
            move(session, visitor.principal, challenge_id, verb, form)
    except (Unfit, WrongState) as refused:
        told = why(refused, language)
        return _page(request, session, index, visitor, language, challenge_id, told, status=refused.status)
    except ValidationError as error:
        [told, *_] = by_field(error.errors(), language).values()
        return _page(request, session, index, visitor, language, challenge_id, told, status=422)
    return RedirectResponse(f"/challenges/{challenge_id}", 303)


def _page(
    request: Request,
    session: Session,
    index: LiveIndex,
    visitor: SignedIn | None,
    language: str,
    challenge_id: UUID,
    wrong: str = "",
    *,
    status: int = 200,
) -> HTMLResponse:
    caller = visitor.principal if visitor else ANYONE
    found = challenges.access_challenge(session, caller, challenge_id).challenge
    shown = challenges.shown(session, caller, found)
    bids: list[BidShown] = []
    if caller.may(Permission.challenge):
        bids = shown_bids(session, caller, list_bids(session, caller, challenge_id))
    suggested = None
    if "read suggestions" in shown.may and shown.status is ChallengeStatus.open:
        suggested = challenge_advice.suggest_bidders(session, caller, index, challenge_id, language)
    analysis = None
    if "read analysis" in shown.may:
        analysis = challenge_advice.analyse_failure(session, caller, index, challenge_id, language)
    return render(
        request,
        "challenge.html",
        status=status,
        visitor=visitor,
        challenge=shown,
        json_ld=challenge_json_ld(shown, f"{base_of(request)}/challenges/{challenge_id}"),
        bids=bids,
        mine=next((one for one in bids if visitor and one.organization.id == caller.organization_id), None),
        suggested=suggested,
        analysis=analysis,
        amendments=told_amendments(session, caller, challenge_id, language),
        signable=signable(session, caller, shown),
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
        fields=challenge_fields(
            language,
            translate,
            sent.values,
            sent.errors,
            with_kind=address.startswith("/challenges/new")
            and visitor.principal.may(Permission.challenge_manage),
        ),
        version=sent.values.get("version", ""),
        once=secrets.token_urlsafe(16),
    )


def _about(need_id: UUID | None) -> str:
    return f"?need_id={need_id}" if need_id else ""
