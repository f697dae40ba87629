"""The audit: noted by actions, written at the end of their transaction, each entry sealed by the one before.

Entries of one transaction are gathered and written just before its commit, the last thing that it does. Only then is
the end of the chain locked, so that nobody who holds it waits for anybody else.
"""

import hashlib
import json
from collections.abc import Callable, Iterable
from typing import Annotated, Any, NamedTuple
from uuid import UUID

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError
from sqlalchemy import event, func, select, text
from sqlalchemy.orm import Session as AnySession
from sqlalchemy.orm import SessionTransaction
from sqlmodel import Session, col

from schemas.account import Organization
from schemas.audit import AuditEntry, AuditFields, AuditHead, AuditShown
from schemas.base import Label, Page, now
from service.access.principal import Permission, Principal
from service.platform.paging import Cursor, ListQuery, cursor_after, read_cursor

# Any number that nothing else in this database locks.
_END_OF_CHAIN = 0x41554449
_NOTED = "audit"
_READ = 1_000
_HIGHEST = 2**63 - 1


def _of_this_chain(cursor: str) -> str:
    """It holds a number; a cursor of another list would be a larger one than there can be."""
    if read_cursor(cursor).int > _HIGHEST:
        raise PydanticCustomError("wrong_cursor", "The cursor is not one of ours")
    return cursor


AuditCursor = Annotated[Cursor, AfterValidator(_of_this_chain)]


class AuditQuery(ListQuery):
    cursor: AuditCursor | None = Field(default=None, description="`next_cursor` of the page before.")
    subject_id: UUID | None = None
    action: list[Label] = Field(
        default=[], max_length=20, description="Whole, or a noun alone: `introduction`."
    )
    organization_id: UUID | None = Field(default=None, description="What concerns it.")


class _Noted(NamedTuple):
    fields: AuditFields
    savepoint: SessionTransaction | None


def note(
    session: Session,
    caller: Principal | None,
    action: str,
    subject_id: UUID | None,
    concerns: Iterable[UUID] = (),
    **detail: Any,
) -> None:
    """Write down what ``caller`` does, if its transaction commits. None: the service itself does it.

    detail: ids, states and figures; never words of people, nor contacts.
    """
    fields = AuditFields(
        at=now(),
        action=action,
        subject_id=subject_id,
        organization_id=caller.organization_id if caller else None,
        api_key_id=caller.key_id if caller else None,
        role=caller.role.value if caller else None,
        concerns=sorted({*concerns, *({caller.organization_id} if caller else ())}),
        detail=detail,
    )
    session.info.setdefault(_NOTED, []).append(_Noted(fields, session.get_nested_transaction()))


@event.listens_for(AnySession, "before_commit")
def _write_what_was_noted(session: AnySession) -> None:
    # The end of a savepoint is told here too, but is no commit.
    if session.in_nested_transaction() or not (noted := session.info.pop(_NOTED, [])):
        return
    session.execute(text("SELECT pg_advisory_xact_lock(:chain)"), {"chain": _END_OF_CHAIN})
    number, before = _end(session)
    for fields, _ in noted:
        number += 1
        # The time of writing, under the lock: numbers and times go the same way.
        entry = AuditEntry(**{**fields.model_dump(), "at": now()}, number=number, before=before, hash="")
        entry.hash = before = hash_of(entry)
        session.add(entry)


def _end(session: AnySession) -> tuple[int, str]:
    last = session.execute(
        select(col(AuditEntry.number), col(AuditEntry.hash)).order_by(col(AuditEntry.number).desc()).limit(1)
    ).first()
    return (last.number, last.hash) if last else (0, "")


@event.listens_for(AnySession, "after_soft_rollback")
def _forget_what_was_noted(session: AnySession, undone: SessionTransaction) -> None:
    """With a savepoint only what was noted since is undone."""
    noted: list[_Noted] = session.info.pop(_NOTED, [])
    if undone.nested:
        session.info[_NOTED] = [one for one in noted if one.savepoint is not undone]


def hash_of(entry: AuditEntry) -> str:
    """SHA-256 over everything but itself, written in one way."""
    fields = entry.model_dump(exclude={"hash"}, mode="json") | {"at": f"{entry.at.timestamp():.6f}"}
    written = json.dumps(fields, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(written.encode()).hexdigest()


class Verdict(NamedTuple):
    """What a walk along the whole chain found."""

    entries: int
    head: str
    broken_at: int | None = None
    anchored: bool = True


def _unseen(_what: str, _fraction: float) -> None:
    """Nobody watches."""


def verify(
    session: Session, anchor: str | None = None, progress: Callable[[str, float], None] = _unseen
) -> Verdict:
    """Walk the chain from its beginning, and compute each hash anew.

    anchor: a hash that was noted elsewhere before. That it is still there shows that no end was cut off since.
    """
    total = session.execute(select(func.count()).select_from(AuditEntry)).scalar_one()
    before, anchored = "", anchor is None
    chain = select(AuditEntry).order_by(col(AuditEntry.number)).execution_options(yield_per=_READ)
    with session.execute(chain) as entries:
        for number, entry in enumerate(entries.scalars(), start=1):
            if entry.number != number or entry.before != before or hash_of(entry) != entry.hash:
                return Verdict(total, before, number, anchored)
            before = entry.hash
            anchored = anchored or before == anchor
            progress("审计链", number / total)
    return Verdict(total, before, None, anchored)


def head(session: Session, caller: Principal) -> AuditHead:
    caller.require(Permission.audit_read_all)
    number, last = _end(session)
    return AuditHead(number=number, hash=last)


def list_audit(session: Session, caller: Principal, asked: AuditQuery) -> Page[AuditShown]:
    """Newest first. Operators read all, others what concerns their organisation."""
    caller.require(Permission.audit_read)
    query = (
        select(AuditEntry, col(Organization.name))
        .outerjoin(Organization, col(Organization.id) == col(AuditEntry.organization_id))
        .order_by(col(AuditEntry.number).desc())
        .limit(asked.limit + 1)
    )
    if not caller.may(Permission.audit_read_all):
        query = query.where(col(AuditEntry.concerns).contains([caller.organization_id]))
    if asked.organization_id is not None:
        query = query.where(col(AuditEntry.concerns).contains([asked.organization_id]))
    if asked.subject_id is not None:
        query = query.where(col(AuditEntry.subject_id) == asked.subject_id)
    if asked.action:
        noun = func.split_part(col(AuditEntry.action), ".", 1)
        query = query.where(col(AuditEntry.action).in_(asked.action) | noun.in_(asked.action))
    if asked.cursor is not None:
        query = query.where(col(AuditEntry.number) < read_cursor(asked.cursor).int)
    rows = session.execute(query).all()
    more, rows = len(rows) > asked.limit, rows[: asked.limit]
    return Page(
        items=[AuditShown(**entry.model_dump(), organization=name) for entry, name in rows],
        next_cursor=cursor_after(UUID(int=rows[-1][0].number)) if more else None,
    )
