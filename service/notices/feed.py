"""Telling organisations what happened, in the transaction in which it happened; and the feed of what was told."""

from collections.abc import Iterable
from typing import Any, NamedTuple, Self
from uuid import UUID

from pydantic import Field, field_validator
from sqlalchemy import ColumnElement, and_, func, literal, or_, text, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from schemas.base import Shape, now
from schemas.cursors import read_cursor, write_cursor
from schemas.notice import Feed, Notice, NoticeKind, NoticeShown, NoticesRead
from schemas.operation import Installation
from schemas.outbox import Topic
from schemas.vocabulary import Role
from service.access import audit
from service.access.principal import GRANTS, Permission, Principal
from service.platform.outbox import announce_all
from service.platform.problems import NotThere

# More is not counted: nobody reads the figure to the last digit.
_MOST_COUNTED = 100
#: Without which what a notice is about is not read, by the noun of its kind. In single cases it takes more.
_NEEDED = {
    "introduction": Permission.introduce,
    "contract": Permission.contract,
    "challenge": Permission.challenge,
    "bid": Permission.challenge,
    "review": Permission.challenge,
    "broker": Permission.broker_work,
    "capability": Permission.posting_read,
    "match": Permission.match,
    "webhook": Permission.webhook_manage,
}


class FeedPlace(NamedTuple):
    """After which notice a feed goes on, and in which database that was. Opaque to clients."""

    installation: int
    xid: int
    notice_id: UUID

    @classmethod
    def read(cls, cursor: str) -> Self:
        raw = read_cursor("feed", cursor)
        return cls(int.from_bytes(raw[:8]), int.from_bytes(raw[8:16]), UUID(bytes=raw[16:]))

    @property
    def cursor(self) -> str:
        raw = self.installation.to_bytes(8) + self.xid.to_bytes(8) + self.notice_id.bytes
        return write_cursor("feed", raw)


class FeedQuery(Shape):
    limit: int = Field(default=50, ge=1, le=200)
    cursor: str | None = Field(
        default=None, description="`next_cursor` of the answer before, however long ago."
    )
    kind: list[NoticeKind] = Field(default_factory=list, max_length=200)
    unread: bool = Field(default=False, description="Only what nobody has marked as read.")

    @field_validator("cursor")
    @classmethod
    def one_of_ours(cls, cursor: str | None) -> str | None:
        if cursor is not None:
            FeedPlace.read(cursor)
        return cursor


def notify(
    session: Session,
    kind: NoticeKind,
    subject_id: UUID,
    organization_ids: Iterable[UUID],
    *,
    api_key_id: UUID | None = None,
    needs: Permission | None = None,
    once: str | None = None,
    **detail: Any,
) -> None:
    """Tell these organisations, or one person of one of them. ``once``: whoever was told this before is not again.

    needs: told to nobody without this permission; left out, the one that reading such an object takes.
    detail: ids, states and figures; never words of people, nor contacts. Webhooks and mails follow by themselves.
    """
    written: list[UUID] = []
    for organization_id in organization_ids:
        notice = Notice(
            organization_id=organization_id,
            api_key_id=api_key_id,
            kind=kind,
            subject_id=subject_id,
            detail=detail,
            needs=needs or _NEEDED[kind.value.partition(".")[0]],
            once=once,
        )
        written += session.execute(
            insert(Notice)
            .values(notice.model_dump(exclude={"written_xid"}))
            .on_conflict_do_nothing()
            .returning(col(Notice.id))
        ).scalars()
    if written:
        announce_all(session, Topic.notice_written, written)


def feed(session: Session, caller: Principal, asked: FeedQuery) -> Feed:
    """In the order in which they were written, each once, none left out: see docs/decisions/0031.

    Only what every later transaction comes after is given: a notice of a transaction that is still running
    could otherwise get its place before the cursor, once that has passed.
    """
    caller.require(Permission.notice_read)
    installation = _installation(session)
    settled = col(Notice.written_xid) < text("pg_snapshot_xmin(pg_current_snapshot())")
    place = tuple_(col(Notice.written_xid), col(Notice.id))
    query = select(Notice).where(readable_notices(caller), settled)
    after = FeedPlace.read(asked.cursor) if asked.cursor else None
    if after is not None and after.installation == installation:
        # Transaction ids are of one database: the cursor of another, from before a restore, begins anew.
        query = query.where(place > tuple_(text(f"'{after.xid}'::xid8"), literal(after.notice_id)))
    if asked.kind:
        query = query.where(col(Notice.kind).in_(asked.kind))
    if asked.unread:
        query = query.where(col(Notice.read_at).is_(None))
    found = session.exec(query.order_by(col(Notice.written_xid), col(Notice.id)).limit(asked.limit + 1)).all()
    items = found[: asked.limit]
    last = FeedPlace(installation, items[-1].written_xid or 0, items[-1].id) if items else None
    last = last or (after if after and after.installation == installation else None)
    return Feed(
        items=[shown(one) for one in items],
        next_cursor=(last or FeedPlace(installation, 0, UUID(int=0))).cursor,
        more=len(found) > asked.limit,
    )


def latest(session: Session, caller: Principal, *, unread: bool, most: int) -> list[NoticeShown]:
    """For people: the newest first."""
    caller.require(Permission.notice_read)
    read = col(Notice.read_at)
    query = select(Notice).where(readable_notices(caller), read.is_(None) if unread else read.is_not(None))
    return [shown(one) for one in session.exec(query.order_by(col(Notice.id).desc()).limit(most))]


def count_unread(session: Session, caller: Principal) -> int:
    """At most a hundred."""
    if not caller.may(Permission.notice_read):
        return 0
    some = select(Notice.id).where(readable_notices(caller), col(Notice.read_at).is_(None))
    return session.exec(select(func.count()).select_from(some.limit(_MOST_COUNTED).subquery())).one()


def mark_read(session: Session, caller: Principal, asked: NoticesRead) -> int:
    """What is left unread. Raises ``NotThere`` where a named notice is not the caller's; then none is marked."""
    caller.require(Permission.notice_read)
    query = select(Notice.id).where(readable_notices(caller))
    if asked.ids is not None:
        wanted = set(asked.ids)
        found = session.exec(query.where(col(Notice.id).in_(wanted))).all()
        if len(found) < len(wanted):
            raise NotThere
    else:
        found = session.exec(query.where(col(Notice.read_at).is_(None))).all()
    marked = session.execute(
        update(Notice)
        .where(col(Notice.id).in_(found), col(Notice.read_at).is_(None))
        .values(read_at=now())
        .returning(col(Notice.id))
        .execution_options(synchronize_session=False)
    ).all()
    if marked:
        # For everybody of the organisation they are read from now on: it may ask who did that.
        audit.note(session, caller, "notice.read", None, count=len(marked))
    return count_unread(session, caller)


def readable_notices(caller: Principal) -> ColumnElement[bool]:
    """Notices to the organisation and to the caller. Where both have one, only the caller's is returned.

    What a key may not read, such as one for embedding its organisation's bids, it is not told of either.
    """
    twin = aliased(Notice)
    told_in_person = (
        select(twin.id)
        .where(
            twin.organization_id == col(Notice.organization_id),
            twin.api_key_id == caller.key_id,
            twin.once == col(Notice.once),
        )
        .exists()
    )
    return and_(
        col(Notice.organization_id) == caller.organization_id,
        col(Notice.needs).in_(GRANTS[caller.role]),
        or_(
            col(Notice.api_key_id) == caller.key_id,
            and_(col(Notice.api_key_id).is_(None), or_(col(Notice.once).is_(None), ~told_in_person)),
        ),
    )


def may_be_told(role: Role, notice: Notice) -> bool:
    """Whether what a key of this role set up, such as a webhook, is told of it."""
    return notice.needs in GRANTS[role]


def event_of(notice: Notice) -> str:
    """What is told: the same for every notice of the same thing to the same organisation."""
    return f"{notice.kind.value}:{notice.once or notice.id}"


def shown(notice: Notice) -> NoticeShown:
    fields = notice.model_dump(include=set(NoticeShown.model_fields))
    return NoticeShown(**fields, personal=notice.api_key_id is not None)


def _installation(session: Session) -> int:
    found = session.exec(select(Installation.id)).one()
    return int.from_bytes(found.bytes[-8:])
