"""Sessions of the portal: when one is over, and those of one person, who may end each."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, delete, or_, select, update
from sqlmodel import Session, col

from schemas.account import ApiKey, Organization
from schemas.base import now
from schemas.web_session import WebSession
from service.access import audit
from service.access.principal import Principal
from service.platform.problems import NotThere
from service.platform.settings import settings

#: How exactly is known when a session was last used.
_SEEN_STEP = timedelta(minutes=1)


def is_over() -> ColumnElement[bool]:
    idle = timedelta(minutes=settings().session_idle_minutes) + _SEEN_STEP
    return or_(col(WebSession.expires_at) <= now(), col(WebSession.last_seen_at) <= now() - idle)


def note_use(session: Session, used: WebSession) -> None:
    if now() - used.last_seen_at > _SEEN_STEP:
        # A row that another request ends meanwhile is no error.
        session.execute(
            update(WebSession)
            .where(col(WebSession.id) == used.id)
            .values(last_seen_at=now(), updated_at=now())
        )


def list_sessions(session: Session, this: UUID) -> Sequence[WebSession]:
    """The one that asks first, then the others of the same person, or of the same key; the last used first."""
    query = (
        select(WebSession)
        .where(_of_the_same(session, this), ~is_over())
        .order_by((col(WebSession.id) == this).desc(), col(WebSession.last_seen_at).desc())
    )
    return session.execute(query).scalars().all()


def end_session(session: Session, caller: Principal, this: UUID, session_id: UUID) -> None:
    if not _end(session, caller, this, col(WebSession.id) == session_id):
        raise NotThere


def end_others(session: Session, caller: Principal, this: UUID) -> None:
    _end(session, caller, this, col(WebSession.id) != this)


def _end(session: Session, caller: Principal, this: UUID, which: ColumnElement[bool]) -> int:
    ended = session.execute(
        delete(WebSession).where(_of_the_same(session, this), which).returning(col(WebSession.id))
    ).all()
    for (session_id,) in ended:
        audit.note(session, caller, "session.end", session_id)
    return len(ended)


def _of_the_same(session: Session, this: UUID) -> ColumnElement[bool]:
    one = session.get(WebSession, this)
    if one is None:
        # Another request has ended it meanwhile.
        raise NotThere
    if one.person is None:
        return col(WebSession.api_key_id) == one.api_key_id
    # Each time that the provider signs somebody in they have another key.
    return col(WebSession.person) == one.person


def find_session(session: Session, token_hash: str) -> WebSession | None:
    """None where nobody is signed in with this token any more."""
    found = select(WebSession).where(col(WebSession.token_hash) == token_hash, ~is_over())
    return session.execute(found).scalar_one_or_none()


def forget_session(session: Session, token_hash: str) -> None:
    session.execute(delete(WebSession).where(col(WebSession.token_hash) == token_hash))


def forget_sessions_over(session: Session) -> None:
    session.execute(delete(WebSession).where(is_over()))


def name_of_key(session: Session, principal: Principal) -> str:
    """What the page's head calls somebody who signed in with a key: the organisation, or the key's own name."""
    row = session.execute(
        select(col(Organization.name), col(ApiKey.name))
        .join(ApiKey, col(ApiKey.organization_id) == col(Organization.id))
        .where(col(ApiKey.id) == principal.key_id)
    ).one()
    return str(row[1] or row[0])
