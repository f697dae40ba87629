"""/v1/notifications"""

from typing import Annotated

from fastapi import APIRouter, Query

from schemas.notice import Feed, NoticesRead, Unread
from service.http.dependencies import PrincipalDep, SessionDep
from service.notices import feed as notices

router = APIRouter(prefix="/v1/notifications", tags=["notifications"])


@router.get("")
def get_notifications(
    session: SessionDep, caller: PrincipalDep, asked: Annotated[notices.FeedQuery, Query()]
) -> Feed:
    """What the organisation, or the caller in person, was told, in order. The cursor leads to what comes later."""
    return notices.feed(session, caller, asked)


@router.get("/unread")
def get_unread(session: SessionDep, caller: PrincipalDep) -> Unread:
    """How many are unread; a hundred stands for more."""
    return Unread(unread=notices.count_unread(session, caller))


@router.post("/read")
def mark_notifications_read(session: SessionDep, caller: PrincipalDep, body: NoticesRead) -> Unread:
    """Mark some, or all, as read. What all of an organisation were told is read once one of them has."""
    return Unread(unread=notices.mark_read(session, caller, body))
