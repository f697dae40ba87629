"""One's introductions: what waits for one first; and one of them, with all that may be done about it."""

import secrets
from collections.abc import Mapping
from datetime import timedelta, timezone
from types import MappingProxyType
from typing import Any, NamedTuple
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from sqlmodel import Session

from schemas.introduction import OPEN, DeclineReason, IntroductionOutcome, IntroductionStage
from schemas.introduction_shown import IntroductionShown, RevealedContacts, StalledShown
from schemas.vocabulary import Role
from service.access.principal import Permission
from service.contracts.contracts import ContractQuery, list_contracts
from service.http.dependencies import SessionDep
from service.introductions import introductions
from service.introductions.follow_ups import list_follow_ups
from service.introductions.introductions import IntroductionQuery
from service.introductions.messages import MessageQuery, list_messages
from service.introductions.milestones import list_milestones
from service.introductions.nda_versions import STANDARD_TEXT
from service.introductions.ndas import read_nda
from service.introductions.reveals import reveal_contacts, reveal_details
from service.introductions.stalls import list_stalled
from service.platform.paging import Cursor
from service.portal.pages import PageLanguageDep, render
from service.portal.sessions import SignedIn, SignedInDep

router = APIRouter(include_in_schema=False, prefix="/introductions")
_LISTED, _MESSAGES = 50, 50
# The one time zone of those who read these pages.
_BEIJING = timezone(timedelta(hours=8))


class Beside(NamedTuple):
    """What the page of one shows for this once.

    wrong: what is the matter, by the section from which it was sent; typed: what was sent.
    """

    status: int = 200
    cursor: str | None = None
    contacts: RevealedContacts | None = None
    wrong: Mapping[str, str] = MappingProxyType({})
    typed: Mapping[str, Any] = MappingProxyType({})


@router.get("")
def introductions_page(
    request: Request,
    session: SessionDep,
    visitor: SignedInDep,
    language: PageLanguageDep,
    cursor: Cursor | None = None,
) -> HTMLResponse:
    caller, told = visitor.principal, language
    asked = IntroductionQuery(limit=_LISTED, cursor=cursor)
    found = introductions.list_introductions(session, caller, asked, told)
    waiting = [one for one in found.items if waits_for(one, visitor)]
    others: list[StalledShown] = []
    if caller.role is Role.broker:
        stalled = list_stalled(session, caller, IntroductionQuery(limit=_LISTED, stalled=True), told)
        others = [one for one in stalled.items if isinstance(one, StalledShown)]
    return render(
        request,
        "introductions.html",
        visitor=visitor,
        waiting=[(one, waits_for(one, visitor)) for one in waiting],
        open=[one for one in found.items if one not in waiting and one.status in OPEN],
        over=[one for one in found.items if one not in waiting and one.status not in OPEN],
        stalled=others,
        next_cursor=found.next_cursor,
    )


@router.get("/{introduction_id}")
def introduction_page(
    request: Request,
    session: SessionDep,
    visitor: SignedInDep,
    language: PageLanguageDep,
    introduction_id: UUID,
    cursor: Cursor | None = None,
) -> HTMLResponse:
    return detail_page(request, session, visitor, language, introduction_id, Beside(cursor=cursor))


@router.get("/{introduction_id}/contacts")
def contacts_page(
    request: Request,
    session: SessionDep,
    visitor: SignedInDep,
    language: PageLanguageDep,
    introduction_id: UUID,
) -> HTMLResponse:
    """The page with the other side's contacts on it, which the audit notes."""
    revealed = reveal_contacts(session, visitor.principal, introduction_id)
    return detail_page(request, session, visitor, language, introduction_id, Beside(contacts=revealed))


@router.get("/{introduction_id}/details")
def details_page(
    request: Request, session: SessionDep, visitor: SignedInDep, introduction_id: UUID
) -> HTMLResponse:
    """Both postings with what is confidential, which the audit notes."""
    details = reveal_details(session, visitor.principal, introduction_id)
    return render(
        request,
        "introduction_details.html",
        visitor=visitor,
        introduction_id=introduction_id,
        sides=[("needs", details.need), ("capabilities", details.capability)],
    )


def detail_page(
    request: Request,
    session: Session,
    visitor: SignedIn,
    language: str,
    introduction_id: UUID,
    beside: Beside,
) -> HTMLResponse:
    caller = visitor.principal
    found, _ = introductions.access_introduction(session, caller, introduction_id)
    shown = introductions.shown(session, caller, [found], language)[0]
    may = set(shown.may)
    return render(
        request,
        "introduction.html",
        status=beside.status,
        visitor=visitor,
        one=shown,
        may=may,
        waits=waits_for(shown, visitor),
        side=_side(shown, visitor),
        contacts=beside.contacts,
        nda=read_nda(session, caller, found.id) if shown.nda and "read nda" in may else None,
        thread=list_messages(session, caller, found.id, MessageQuery(limit=_MESSAGES, cursor=beside.cursor))
        if "read messages" in may
        else None,
        contracts=list_contracts(
            session, caller, ContractQuery(introduction_id=found.id, limit=_LISTED)
        ).items
        if caller.may(Permission.contract)
        else [],
        milestones=list_milestones(session, caller, found.id) if "read milestones" in may else None,
        follow_ups=list_follow_ups(session, caller, found.id) if "read follow-ups" in may else None,
        stages=list(IntroductionStage),
        reasons=list(DeclineReason),
        outcomes=list(IntroductionOutcome),
        standard_nda=STANDARD_TEXT,
        wrong=beside.wrong,
        typed=beside.typed,
        once=secrets.token_urlsafe(16),
    )


def waits_for(one: IntroductionShown, visitor: SignedIn) -> str:
    """What waits for the visitor's side: ``answer``, ``sign``, or nothing."""
    if "accept" in one.may:
        return "answer"
    side = _side(one, visitor)
    unsigned = one.nda is not None and side and getattr(one.nda, f"{side}_signed_at") is None
    return "sign" if unsigned and one.status == "accepted" else ""


def _side(one: IntroductionShown, visitor: SignedIn) -> str:
    mine = visitor.principal.organization_id
    return "seeker" if mine == one.seeker.id else "provider" if mine == one.provider.id else ""
