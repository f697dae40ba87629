"""/v1/introductions"""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from sqlmodel import Session

from schemas.base import Page
from schemas.introduction import (
    Introduction,
    IntroductionAccept,
    IntroductionAsk,
    IntroductionDecline,
    IntroductionEnd,
)
from schemas.introduction_shown import IntroductionShown, StalledShown
from service.access.principal import Principal
from service.http.dependencies import LiveIndexDep, PrincipalDep, SessionDep
from service.http.language import LanguageDep
from service.http.once import IdempotencyKey, once
from service.introductions import (
    introductions,
)
from service.introductions import (
    requests as introduction_requests,
)
from service.introductions import (
    stalls as introduction_stalls,
)

router = APIRouter(prefix="/v1/introductions", tags=["introductions"])


def _shown(session: Session, caller: Principal, one: Introduction, language: str) -> IntroductionShown:
    return introductions.shown(session, caller, [one], language)[0]


@router.post("", status_code=201, response_model=IntroductionShown)
def ask_for_introduction(
    request: Request,
    session: SessionDep,
    caller: PrincipalDep,
    index: LiveIndexDep,
    language: LanguageDep,
    body: IntroductionAsk,
    key: IdempotencyKey = None,
) -> Response:
    """Ask the other side of a match. Brokers and operators propose two others to each other."""

    def ask() -> IntroductionShown:
        made = introduction_requests.ask(session, caller, index, body, language)
        return _shown(session, caller, made, language)

    return once(session, caller, key, request, body, ask)


@router.get("", response_model=Page[IntroductionShown | StalledShown])
def get_introductions(
    session: SessionDep,
    caller: PrincipalDep,
    language: LanguageDep,
    asked: Annotated[introductions.IntroductionQuery, Query()],
) -> Page[Any]:
    """Introductions that the caller has a part in, newest first. Operators list all; brokers also what has stalled."""
    if asked.stalled:
        return introduction_stalls.list_stalled(session, caller, asked, language)
    return introductions.list_introductions(session, caller, asked, language)


@router.get("/{introduction_id}")
def get_introduction(
    session: SessionDep, caller: PrincipalDep, language: LanguageDep, introduction_id: UUID
) -> IntroductionShown:
    """Read one introduction."""
    found, _ = introductions.access_introduction(session, caller, introduction_id)
    return _shown(session, caller, found, language)


@router.post("/{introduction_id}/accept")
def accept_introduction(
    session: SessionDep,
    caller: PrincipalDep,
    language: LanguageDep,
    introduction_id: UUID,
    body: IntroductionAccept,
) -> IntroductionShown:
    """Agree. Once both sides have, each may read the other's contacts."""
    return _shown(session, caller, introductions.accept(session, caller, introduction_id, body), language)


@router.post("/{introduction_id}/decline")
def decline_introduction(
    session: SessionDep,
    caller: PrincipalDep,
    language: LanguageDep,
    introduction_id: UUID,
    body: IntroductionDecline,
) -> IntroductionShown:
    """Say no, with a reason. The other side is told in neutral words."""
    return _shown(session, caller, introductions.decline(session, caller, introduction_id, body), language)


@router.post("/{introduction_id}/withdraw")
def withdraw_introduction(
    session: SessionDep, caller: PrincipalDep, language: LanguageDep, introduction_id: UUID
) -> IntroductionShown:
    """Take back what was asked for or proposed, before it is answered."""
    return _shown(session, caller, introductions.withdraw(session, caller, introduction_id), language)


@router.post("/{introduction_id}/end")
def end_introduction(
    session: SessionDep,
    caller: PrincipalDep,
    language: LanguageDep,
    introduction_id: UUID,
    body: IntroductionEnd,
) -> IntroductionShown:
    """End the dialogue, and say what came of it."""
    return _shown(session, caller, introductions.end(session, caller, introduction_id, body), language)
