"""The thread of an introduction."""

from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from schemas.base import Page
from schemas.introduction_message import IntroductionMessage, MessageShown, MessageWrite
from schemas.notice import NoticeKind
from service.access import audit
from service.access.briefs import briefs_of
from service.access.principal import Principal
from service.introductions.introductions import access_introduction, sides_of, tell_others, touch
from service.platform.paging import ListQuery, page


class MessageQuery(ListQuery):
    """The newest come first."""


def write_message(
    session: Session, caller: Principal, introduction_id: UUID, body: MessageWrite
) -> MessageShown:
    introduction, _ = access_introduction(session, caller, introduction_id, "write")
    written = IntroductionMessage(
        introduction_id=introduction.id,
        organization_id=caller.organization_id,
        api_key_id=caller.key_id,
        text=body.text,
        documents=body.documents,
    )
    session.add(written)
    touch(introduction)
    audit.note(
        session,
        caller,
        "introduction.write",
        introduction.id,
        sides_of(introduction),
        message=str(written.id),
    )
    tell_others(session, caller, introduction, NoticeKind.introduction_written, message_id=str(written.id))
    return _shown(session, [written])[0]


def list_messages(
    session: Session, caller: Principal, introduction_id: UUID, asked: MessageQuery
) -> Page[MessageShown]:
    introduction, _ = access_introduction(session, caller, introduction_id, "read messages")
    query = select(IntroductionMessage).where(col(IntroductionMessage.introduction_id) == introduction.id)
    rows, cursor = page(session, query, IntroductionMessage.id, asked)
    return Page(items=_shown(session, [row[0] for row in rows]), next_cursor=cursor)


def _shown(session: Session, messages: list[IntroductionMessage]) -> list[MessageShown]:
    writers = briefs_of(session, (one.organization_id for one in messages))
    return [
        MessageShown(
            id=one.id,
            at=one.created_at,
            organization=writers[one.organization_id],
            text=one.text,
            documents=one.documents,
        )
        for one in messages
    ]
