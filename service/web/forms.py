"""Posting a need, registering a capability, and one's own postings."""

import json
import secrets
from typing import Any, Literal
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from sqlmodel import Session
from starlette.datastructures import FormData

from schemas.capability import Capability, CapabilityShown
from schemas.embedding import Side
from schemas.need import Need, NeedShown
from schemas.vocabulary import PostingStatus
from service import postings
from service.db import SessionDep
from service.errors import Conflict
from service.idempotency import once
from service.live_index import LiveIndex, LiveIndexDep
from service.posting_lists import CapabilityQuery, NeedQuery, list_capabilities, list_needs
from service.suggestions import suggest_and_find
from service.web.messages import messages_of
from service.web.pages import PageLanguageDep, render
from service.web.posting_form import Filled, fields_of, filled
from service.web.sessions import SenderDep, SentFormDep, SignedIn, SignedInDep

router = APIRouter(include_in_schema=False)

_TABLES: dict[Side, Any] = {Side.needs: Need, Side.capabilities: Capability}
_SHAPES: dict[Side, Any] = {Side.needs: NeedShown, Side.capabilities: CapabilityShown}
_SHORTEST = 4
_EMPTY = Filled({"visibility": "public"}, None, {})


@router.get("/needs/new")
def new_need(request: Request, visitor: SignedInDep, language: PageLanguageDep) -> HTMLResponse:
    return _form(request, visitor, language, Side.needs, _EMPTY)


@router.get("/capabilities/new")
def new_capability(request: Request, visitor: SignedInDep, language: PageLanguageDep) -> HTMLResponse:
    return _form(request, visitor, language, Side.capabilities, _EMPTY)


@router.post("/{side}/new")
def post_posting(
    request: Request,
    session: SessionDep,
    index: LiveIndexDep,
    visitor: SenderDep,
    language: PageLanguageDep,
    form: SentFormDep,
    side: Side,
) -> Response:
    """Keep it; or, with ``do=preview``, show what it is about and what it would find."""
    wanted = form.get("do")
    sent = filled(side, form, language, publish=wanted == "publish")
    if wanted == "preview":
        hints = _hints(session, index, visitor, language, side, form)
        return _form(request, visitor, language, side, sent, hints=hints, status=200)
    if sent.errors:
        return _form(request, visitor, language, side, sent, status=422)

    def post() -> Any:
        posted, _ = postings.post(
            session, visitor.principal, _TABLES[side], sent.body, publish=sent.body.publish
        )
        return postings.shown(session, posted, visitor.principal, _SHAPES[side])

    try:
        answer = once(session, visitor.principal, str(form.get("once") or ""), request, sent.body, post)
    except Conflict:
        # Sent once already, and changed since: that is another posting, if it is meant to be one.
        return _form(request, visitor, language, side, sent, status=409, sent_before=True)
    return RedirectResponse(f"/{side}/{json.loads(bytes(answer.body))['id']}", 303)


@router.post("/{side}/new/hints")
def hints_while_typing(
    request: Request,
    session: SessionDep,
    index: LiveIndexDep,
    visitor: SenderDep,
    language: PageLanguageDep,
    form: SentFormDep,
    side: Side,
) -> HTMLResponse:
    hints = _hints(session, index, visitor, language, side, form)
    return render(request, "hints.html", visitor=visitor, side=side, hints=hints)


@router.get("/my")
def my_postings(request: Request, session: SessionDep, visitor: SignedInDep) -> HTMLResponse:
    caller = visitor.principal
    return render(
        request,
        "my.html",
        visitor=visitor,
        lists={
            Side.needs: list_needs(session, caller, NeedQuery(mine=True, limit=200)),
            Side.capabilities: list_capabilities(session, caller, CapabilityQuery(mine=True, limit=200)),
        },
    )


@router.post("/{side}/{posting_id}/{verb}")
def change_state(
    session: SessionDep, visitor: SenderDep, side: Side, posting_id: UUID, verb: Literal["publish", "close"]
) -> Response:
    """Publish or close one of one's own. What a second click finds done already stays as it is."""
    posting = postings.access_own_posting(session, visitor.principal, _TABLES[side], posting_id)
    if verb == "publish" and posting.status not in (PostingStatus.published, PostingStatus.submitted):
        postings.publish(session, visitor.principal, posting)
    elif verb == "close" and posting.status is not PostingStatus.closed:
        postings.close(session, visitor.principal, posting)
    return RedirectResponse("/my", 303)


def _form(
    request: Request,
    visitor: SignedIn,
    language: str,
    side: Side,
    sent: Filled,
    *,
    hints: dict[str, Any] | None = None,
    status: int = 200,
    sent_before: bool = False,
) -> HTMLResponse:
    translate = messages_of(language).gettext
    return render(
        request,
        "posting_form.html",
        status=status,
        visitor=visitor,
        side=side,
        fields=fields_of(side, language, translate, sent.values, sent.errors if status != 200 else {}),
        hints=hints,
        once=secrets.token_urlsafe(16),
        sent_before=sent_before,
    )


def _hints(
    session: Session, index: LiveIndex, visitor: SignedIn, language: str, side: Side, form: FormData
) -> dict[str, Any]:
    """What the text is about, and what it would find if it were posted now. Nothing of it is kept."""
    typed = "\n".join(str(form.get(name) or "") for name in ("title", "wanted_result", "description")).strip()
    about = None
    if len(typed) >= _SHORTEST:
        about = suggest_and_find(session, visitor.principal, index, side, typed, language)
    return {"about": about[0], "found": about[1]} if about else {"about": None, "found": None}
