"""Telling organisations what happened. What is told is written in the transaction in which it happened."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session

from schemas.notice import Notice, NoticeKind


def notify(
    session: Session,
    kind: NoticeKind,
    subject_id: UUID,
    organization_ids: Iterable[UUID],
    *,
    api_key_id: UUID | None = None,
    once: str | None = None,
    **detail: Any,
) -> None:
    """Tell these organisations, or one person of one of them. ``once``: whoever was told this before is not again.

    detail: ids, states and figures; never words of people, nor contacts.
    """
    for organization_id in organization_ids:
        notice = Notice(
            organization_id=organization_id,
            api_key_id=api_key_id,
            kind=kind,
            subject_id=subject_id,
            detail=detail,
            once=once,
        )
        session.execute(insert(Notice).values(notice.model_dump()).on_conflict_do_nothing())
