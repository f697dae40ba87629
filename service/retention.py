"""How long personal data stays: what is over its time is emptied, some rows at a time; the rows themselves stay."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy import Column, ColumnElement, Table, and_, delete, select, update
from sqlmodel import Session, col

from schemas.base import now
from schemas.capability import Capability
from schemas.import_run import ImportRun
from schemas.introduction import Introduction
from schemas.need import Need
from schemas.operation import AnsweredRequest
from schemas.personal_data import Retention
from schemas.sealed import Sealed
from schemas.vocabulary import PostingStatus
from schemas.web_session import WebSession
from service import audit
from service.personal_data import holdings
from service.settings import settings

_ROWS = 500
_IDLE = (PostingStatus.closed, PostingStatus.expired, PostingStatus.rejected)


def forget_what_is_over(session: Session) -> bool:
    """Empty some of what was kept long enough. Whether there may be more."""
    more = False
    for retention, table, over in _rules():
        more |= _forget(session, retention, table, over)
    more |= _delete_some(
        session,
        AnsweredRequest,
        col(AnsweredRequest.created_at) < _ago(settings().answer_days),
    )
    more |= _delete_some(session, WebSession, col(WebSession.expires_at) < now())
    return more


def _rules() -> list[tuple[Retention, Any, ColumnElement[bool]]]:
    idle = _ago(settings().posting_forget_days)
    postings: list[tuple[Retention, Any, ColumnElement[bool]]] = [
        (
            Retention.posting,
            table,
            and_(col(table.status).in_(_IDLE), col(table.updated_at) < idle),
        )
        for table in (Need, Capability)
    ]
    return [
        *postings,
        (
            Retention.introduction,
            Introduction,
            col(Introduction.ended_at) < _ago(settings().introduction_forget_days),
        ),
        (
            Retention.imported,
            ImportRun,
            col(ImportRun.finished_at) < _ago(settings().import_forget_days),
        ),
    ]


def _forget(session: Session, retention: Retention, root: Any, over: ColumnElement[bool]) -> bool:
    ids = list(
        session.execute(
            select(root.id)
            .where(over, root.forgotten_at.is_(None))
            .limit(_ROWS)
            .with_for_update(skip_locked=True)
        ).scalars()
    )
    if not ids:
        return False
    for holding, table, column in holdings():
        if holding.kept is retention and (key := _key_to(table, root.__table__)) is not None:
            _empty(session, table, column, key, ids)
    session.execute(update(root).where(root.id.in_(ids)).values(forgotten_at=now()))
    audit.note(session, None, "personal_data.forget", None, table=root.__tablename__, rows=len(ids))
    return len(ids) == _ROWS


def _key_to(table: Table, root: Table) -> Column[Any] | None:
    """The column by which rows of ``table`` belong to one of ``root``: its own id, or the key that leads there."""
    if table is root:
        return table.c.id
    return next((key.parent for key in table.foreign_keys if key.column.table is root), None)


def _empty(
    session: Session, table: Table, column: Column[Any], key: Column[Any], ids: Sequence[UUID]
) -> None:
    session.execute(update(table).where(key.in_(ids)).values({column: _nothing(column)}))


def _nothing(column: Column[Any]) -> Any:
    """What a column holds that holds nothing."""
    kind = column.type
    assert isinstance(kind, Sealed)
    if column.nullable:
        return None
    nothings: tuple[Any, ...] = ("", [], {})
    for empty in nothings:
        try:
            return kind.adapter.validate_python(empty)
        except ValidationError:
            continue
    raise TypeError(f"{column} cannot be emptied: let it be nullable")


def _delete_some(session: Session, table: Any, over: ColumnElement[bool]) -> bool:
    keys = list(table.__table__.primary_key.columns)
    rows = session.execute(select(*keys).where(over).limit(_ROWS).with_for_update(skip_locked=True)).all()
    for row in rows:
        session.execute(delete(table).where(*(key == value for key, value in zip(keys, row, strict=True))))
    return len(rows) == _ROWS


def _ago(days: int) -> datetime:
    return now() - timedelta(days=days)
