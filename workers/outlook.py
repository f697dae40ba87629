"""Periodically match every published need, for supply gaps, drift figures and transfers."""

from datetime import timedelta
from uuid import UUID

import structlog
from sqlalchemy import ColumnElement, delete, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col

from schemas.base import now
from schemas.match_list import NeedOutlook
from schemas.need import Need
from schemas.outbox import OutboxMessage
from schemas.posting import IndexStatus
from schemas.vocabulary import PostingStatus
from service.matches.drift_figures import record_figures
from service.matches.live_index import LiveIndex, Serving
from service.matches.matches import best_for_need
from service.platform.db import transaction
from workers import transfers

log = structlog.get_logger()

# A need is matched when it is new or has changed, and otherwise once a night.
PAUSE = timedelta(minutes=10)
# Postings may still wait to be encoded, as all do after a first start.
SOON = timedelta(minutes=1)
_AGAIN = timedelta(hours=23)
_SLICE = 100
_BEST = 10


def look_over(message_id: str) -> None:
    """Match the needs that are due, one slice in each transaction. Resumes after a kill."""
    needs_due = bool(_due_ids())
    if needs_due or transfers.due_ids():
        index = LiveIndex()
        index.refresh()
        while index.serving is not None and (ids := _due_ids()):
            _look(index.serving, ids)
        if index.serving is not None and needs_due:
            with transaction() as session:
                record_figures(session, index.serving)
        while index.serving is not None and (ids := transfers.due_ids()):
            transfers.push(index.serving, ids)
    with transaction() as session:
        _forget(session)
        message = session.get(OutboxMessage, UUID(message_id), with_for_update=True)
        if message is not None:
            message.sent_at, message.due_at = None, now() + (SOON if _some_wait(session) else PAUSE)


def _due_ids() -> list[UUID]:
    with transaction() as session:
        return list(
            session.execute(
                select(col(Need.id))
                .outerjoin(NeedOutlook, col(NeedOutlook.need_id) == col(Need.id))
                .where(
                    *_published(),
                    col(Need.index_status) == IndexStatus.indexed,
                    or_(
                        col(NeedOutlook.looked_at).is_(None),
                        col(NeedOutlook.looked_at) < now() - _AGAIN,
                        col(NeedOutlook.looked_at) < col(Need.updated_at),
                    ),
                )
                .order_by(col(Need.id))
                .limit(_SLICE)
            ).scalars()
        )


def _some_wait(session: Session) -> bool:
    waiting = select(col(Need.id)).where(*_published(), col(Need.index_status) == IndexStatus.pending)
    return session.execute(waiting.limit(1)).first() is not None


def _look(serving: Serving, ids: list[UUID]) -> None:
    with transaction() as session:
        for need in session.execute(select(Need).where(col(Need.id).in_(ids))).scalars().all():
            best = best_for_need(session, serving, need, _BEST) or []
            values = {
                "looked_at": now(),
                "best_score": best[0].score if best else None,
                "best": [one.id for one in best],
                "scores": [one.score for one in best],
            }
            session.execute(
                insert(NeedOutlook)
                .values(need_id=need.id, **values)
                .on_conflict_do_update(index_elements=["need_id"], set_=values)
            )


def _forget(session: Session) -> None:
    """Delete the outlook of needs that are no longer published."""
    session.execute(
        delete(NeedOutlook).where(col(NeedOutlook.need_id).not_in(select(col(Need.id)).where(*_published())))
    )


def _published() -> tuple[ColumnElement[bool], ...]:
    return (col(Need.status) == PostingStatus.published, col(Need.deleted_at).is_(None))
