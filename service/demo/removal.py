"""Taking the demonstration data out again, with everything that hangs on it."""

from typing import Any
from uuid import UUID

from sqlalchemy import Column, Table, delete, or_, select, update
from sqlmodel import Session, SQLModel, col
from uuid_utils.compat import uuid7

from schemas.account import Organization
from schemas.audit import AuditEntry
from schemas.operation import Installation
from service.access import audit

# Ids without a foreign key, since they name rows of several tables. The audit keeps what happened.
_NAMING = ("subject_id", "posting_id")
_AUDIT = SQLModel.metadata.tables[str(AuditEntry.__tablename__)]


def remove_demo(session: Session) -> dict[str, int]:
    """Delete the demonstration's organisations and whatever names them or theirs. How many rows of each table.

    Where a row of somebody else's may also do without what it names, such as a broker, it stays.
    """
    gone = set(session.scalars(select(col(Organization.id)).where(col(Organization.illustration))))
    if not gone:
        return {}
    tables = [table for table in SQLModel.metadata.sorted_tables if table is not _AUDIT]
    counts: dict[str, int] = {}
    # Parents come first, so that one pass finds what hangs on what was found.
    for table in tables:
        naming = [_refers(column, gone) for column in table.columns if _binds(column)]
        if table.name != Organization.__tablename__ and naming and "id" in table.columns:
            gone |= set(session.scalars(select(table.c.id).where(or_(*naming))))
    for table in reversed(tables):
        _let_go(session, table, gone)
    for table in reversed(tables):
        found = [_refers(column, gone) for column in table.columns if _binds(column) or _is_id(column)]
        deleted: Any = session.execute(delete(table).where(or_(*found))) if found else None
        if deleted is not None and deleted.rowcount:
            counts[table.name] = deleted.rowcount
    # Snapshots of the index still have the postings.
    session.execute(update(Installation).values(id=uuid7()))
    audit.note(session, None, "demo.remove", None, rows=sum(counts.values()))
    return counts


def _let_go(session: Session, table: Table, gone: set[UUID]) -> None:
    for column in table.columns:
        if column.foreign_keys and column.nullable and _names_an_id(column):
            session.execute(update(table).where(column.in_(gone)).values({column: None}))


def _binds(column: Column[Any]) -> bool:
    """Whether a row goes with what this column names."""
    if column.foreign_keys:
        return not column.nullable and _names_an_id(column)
    return column.name in _NAMING


def _names_an_id(column: Column[Any]) -> bool:
    return any(_is_id(key.column) for key in column.foreign_keys)


def _is_id(column: Column[Any]) -> bool:
    return column.name == "id" and column.primary_key


def _refers(column: Column[Any], gone: set[UUID]) -> Any:
    return column.in_(gone)
