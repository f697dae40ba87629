"""评榜 for people: who reviews, what binds them, their score sheets, and the ranking."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import ValidationError
from sqlmodel import Session

from schemas.bid_review import Declaration, ReviewerAsk, SheetWrite
from service.challenges import bids, challenges
from service.challenges import reviewing as reviews
from service.challenges.bid_views import shown_bids
from service.http.dependencies import SessionDep
from service.platform.locales import messages_of
from service.platform.problems import Conflict, Unfit, WrongState, field_problems, why
from service.portal.organizations import named_key, named_organization
from service.portal.pages import PageLanguageDep, render
from service.portal.sessions import SenderDep, SentFormDep, SignedIn, SignedInDep

router = APIRouter(include_in_schema=False, prefix="/challenges/{challenge_id}")


class Beside(NamedTuple):
    """What is the matter, by the form from which it was sent; and what was typed there."""

    status: int = 200
    wrong: Mapping[str, str] = MappingProxyType({})
    typed: Mapping[str, Any] = MappingProxyType({})


@router.get("/reviews")
def reviews_page(
    request: Request, session: SessionDep, visitor: SignedInDep, language: PageLanguageDep, challenge_id: UUID
) -> HTMLResponse:
    return _page(request, session, visitor, language, challenge_id, Beside())


@router.post("/reviewers")
def assign_reviewer(
    request: Request,
    session: SessionDep,
    visitor: SenderDep,
    language: PageLanguageDep,
    form: SentFormDep,
    challenge_id: UUID,
) -> Response:
    """Ask an organisation, or one person of it by their key."""
    _ = messages_of(language).gettext
    # Nobody else learns by this form which organisations and keys there are.
    challenges.access_challenge(session, visitor.principal, challenge_id, "assign")
    name, person = (str(form.get(field) or "").strip() for field in ("name", "person"))
    status, wrong = 422, {}
    found = named_organization(session, name)
    key_id = named_key(session, found, person) if found and person else None
    if found is None:
        wrong = {"name": _("平台上没有这家单位：") + name}
    elif person and key_id is None:
        wrong = {"person": _("这家单位没有这个密钥：") + person}
    else:
        ask = ReviewerAsk(organization_id=found, api_key_id=key_id)
        try:
            with session.begin_nested():
                reviews.assign(session, visitor.principal, challenge_id, ask)
            return RedirectResponse(f"/challenges/{challenge_id}/reviews", 303)
        except Conflict as refused:
            status, wrong = refused.status, {"name": why(refused, language)}
    return _page(request, session, visitor, language, challenge_id, Beside(status, wrong, form))


@router.post("/reviewers/{reviewer_id}/recuse")
def recuse_reviewer(
    session: SessionDep, visitor: SenderDep, challenge_id: UUID, reviewer_id: UUID
) -> Response:
    reviews.recuse(session, visitor.principal, challenge_id, reviewer_id)
    return RedirectResponse(f"/challenges/{challenge_id}", 303)


@router.post("/declaration")
def declare(session: SessionDep, visitor: SenderDep, form: SentFormDep, challenge_id: UUID) -> Response:
    conflict = form.get("conflict") != "no"
    reviews.declare(session, visitor.principal, challenge_id, Declaration(conflict=conflict))
    onward = "" if conflict else "/reviews"
    return RedirectResponse(f"/challenges/{challenge_id}{onward}", 303)


@router.post("/bids/{bid_id}/score")
def score(
    request: Request,
    session: SessionDep,
    visitor: SenderDep,
    language: PageLanguageDep,
    form: SentFormDep,
    challenge_id: UUID,
    bid_id: UUID,
) -> Response:
    scores = [str(one).strip() for one in form.getlist("scores")]
    status = 422
    try:
        sheet = SheetWrite.model_validate({"scores": scores, "remark": str(form.get("remark") or "")})
        with session.begin_nested():
            reviews.score(session, visitor.principal, challenge_id, bid_id, sheet)
        return RedirectResponse(f"/challenges/{challenge_id}/reviews", 303)
    except ValidationError as error:
        wrong = " ".join(sorted({one.message for one in field_problems(error.errors(), language)}))
    except (Unfit, Conflict, WrongState) as refused:
        status, wrong = refused.status, why(refused, language)
    typed = {"scores": scores, "remark": form.get("remark")}
    beside = Beside(status, {str(bid_id): wrong}, typed)
    return _page(request, session, visitor, language, challenge_id, beside)


def _page(
    request: Request,
    session: Session,
    visitor: SignedIn,
    language: str,
    challenge_id: UUID,
    beside: Beside,
) -> HTMLResponse:
    caller = visitor.principal
    found = challenges.access_challenge(session, caller, challenge_id).challenge
    told = reviews.read_reviews(session, caller, challenge_id, language)
    listed = shown_bids(session, caller, bids.list_bids(session, caller, challenge_id))
    return render(
        request,
        "reviews.html",
        status=beside.status,
        visitor=visitor,
        challenge=challenges.shown(session, caller, found),
        reviews=told,
        reviewers={one.id: one.organization.name for one in told.reviewers},
        bids=listed,
        bidders={one.id: one.organization.name for one in listed},
        wrong=beside.wrong,
        typed=beside.typed,
    )
