"""This process's index, kept equal to the tables.

Every write to a posting stamps its row with the id of the transaction that wrote it. Transactions
commit out of order, so "seen up to 10" would miss a 9 that commits later. What is remembered
instead is the oldest transaction that was still running at the last look: whatever commits later
has at least that id. Rows between the two are looked at again, and skipped when nothing changed.
"""

import gc
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from threading import Lock
from typing import Any
from uuid import UUID

from sqlalchemy import and_, select, text
from sqlmodel import Session, col

from matching.index import Entry, MatchIndex
from schemas.account import Organization
from schemas.capability import Capability
from schemas.embedding import Embedding, EncoderModel, ModelState
from schemas.need import Need
from schemas.operation import Installation
from schemas.vocabulary import CapabilityKind, PostingStatus, Side
from service.matches.encoders import encoder_for
from service.matches.index_snapshot import load_snapshot, save_snapshot
from service.matches.stored_vectors import read_vectors
from service.matches.visibility import readers_of_posting
from service.platform.db import transaction
from service.postings.access import TABLES
from service.postings.facts import facts_of_row

CHANNEL = "duijie_index"
_ROWS_AT_ONCE = 2_000
# Many times as long as one refresh takes, or reading so many rows.
_SILENT_AFTER = 30.0


@dataclass
class _SideState:
    index: MatchIndex
    #: The oldest transaction that was running at the last look; None before the first.
    running_from: int | None = None
    #: Which version of each row the index holds, for rows that may be looked at again.
    applied: dict[UUID, int] = field(default_factory=dict)
    #: Postings taken in or out since the last snapshot.
    unsaved: int = 0


@dataclass(frozen=True)
class Serving:
    """The indexes of both sides and their model: one object, because a new model replaces all of them at once."""

    model: EncoderModel
    states: dict[Side, _SideState]

    def side(self, side: Side) -> MatchIndex:
        return self.states[side].index


def serving_of(model: EncoderModel, indexes: dict[Side, MatchIndex]) -> Serving:
    """Serve indexes that do not follow the tables, as benchmarks and commands do."""
    return Serving(model, {side: _SideState(index) for side, index in indexes.items()})


class LiveIndex:
    """``serving`` is None until the index has caught up for the first time."""

    def __init__(self) -> None:
        self.serving: Serving | None = None
        #: Whether a worker has been seen at work since this process started.
        self.worker_was_seen = False
        self._lock = Lock()
        self._looked_at = time.monotonic()

    @property
    def ready(self) -> bool:
        """Whether it has caught up once, and has looked at the tables lately."""
        return self.serving is not None and self.behind < _SILENT_AFTER

    @property
    def behind(self) -> float:
        """Seconds since it last looked at the tables, or read some rows of them while it catches up."""
        return time.monotonic() - self._looked_at

    def refresh(self) -> int:
        """Catch up with the tables. Returns the number of postings that were added or removed."""
        with self._lock, transaction() as session:
            model = serving_model(session)
            if model is None:
                self._look()
                return 0
            serving = self.serving
            if serving is None or serving.model.name != model.name:
                # Free texts are encoded in this process, by the model of the index.
                encoder_for(model.source)
                serving = Serving(model, {side: _first_state(session, side, model) for side in Side})
            changed = sum(
                _catch_up(session, model.name, side, state, self._look)
                for side, state in serving.states.items()
            )
            if serving is not self.serving:
                # The index lives as long as the process. If the garbage collector scanned it, 100,000 postings would
                # delay every answer by a quarter of a second now and then.
                gc.freeze()
            # Assigned last, so that a search uses either the old index or the new one, complete.
            self.serving = serving
            self._look()
            return changed

    def save(self) -> None:
        """Write a snapshot of each side that changed since the last one. Searches and changes do not wait for it."""
        serving = self.serving
        if serving is None:
            return
        with transaction() as session:
            installation = session.execute(select(col(Installation.id))).scalar_one()
        for side, state in serving.states.items():
            with self._lock:
                # Taken together: the content, and up to where it follows the tables.
                content, running_from, unsaved = state.index.frozen(), state.running_from, state.unsaved
            if running_from is None or not unsaved:
                continue
            if save_snapshot(side, content, running_from, installation, serving.model):
                with self._lock:
                    state.unsaved -= unsaved

    def _look(self) -> None:
        self._looked_at = time.monotonic()


def serving_model(session: Session) -> EncoderModel | None:
    return session.execute(
        select(EncoderModel).where(col(EncoderModel.state) == ModelState.serving)
    ).scalar_one_or_none()


def notify_indexes(session: Session) -> None:
    """On commit, wake every API process to refresh its index."""
    session.execute(text("SELECT pg_notify(:channel, '')"), {"channel": CHANNEL})


def _catch_up(session: Session, model: str, side: Side, state: _SideState, looked: Callable[[], None]) -> int:
    table = TABLES[side]
    running_from = int(
        session.execute(text("SELECT pg_snapshot_xmin(pg_current_snapshot())::text")).scalar_one()
    )
    rows = select(col(table.id), col(table.changed_xid))
    if state.running_from is not None:
        rows = rows.where(col(table.changed_xid) >= text(f"'{state.running_from}'::xid8"))
    touched = {row.id: int(row.changed_xid) for row in session.execute(rows)}
    stale = [posting_id for posting_id, xid in touched.items() if state.applied.get(posting_id) != xid]
    for start in range(0, len(stale), _ROWS_AT_ONCE):
        _apply(session, model, side, state.index, stale[start : start + _ROWS_AT_ONCE])
        looked()
    # A row written by a transaction that had ended before this look will not be looked at again.
    state.applied = {posting_id: xid for posting_id, xid in touched.items() if xid >= running_from}
    state.running_from = running_from
    state.unsaved += len(stale)
    return len(stale)


def _first_state(session: Session, side: Side, model: EncoderModel) -> _SideState:
    """Load the snapshot if it belongs to this installation and model; otherwise start empty, and the tables fill it."""
    installation = session.execute(select(col(Installation.id))).scalar_one()
    found = load_snapshot(side, installation, model)
    if found is None:
        return _SideState(MatchIndex(model.dim))
    index, running_from = found
    return _SideState(index, running_from)


def _apply(session: Session, model: str, side: Side, index: MatchIndex, posting_ids: list[UUID]) -> None:
    table = TABLES[side]
    rows = session.execute(
        select(
            col(table.id),
            col(table.organization_id),
            col(table.domain_path),
            col(table.region_path),
            col(table.cooperation_modes),
            col(table.visibility),
            col(table.maturity),
            col(table.published_at),
            col(table.completeness),
            (Need.budget if side is Side.needs else Capability.price).label("money"),  # type: ignore[union-attr]
            (Need.need_type if side is Side.needs else Capability.kind).label("sort"),  # type: ignore[union-attr]
            col(Organization.affiliation),
            col(Embedding.vectors),
            col(Embedding.wish),
            col(Embedding.terms),
        )
        .join(Organization, col(Organization.id) == col(table.organization_id))
        .join(Embedding, and_(col(Embedding.posting_id) == col(table.id), col(Embedding.model) == model))
        .where(
            col(table.id).in_(posting_ids),
            col(table.deleted_at).is_(None),
            col(table.status) == PostingStatus.published,
        )
    ).all()
    entries = [_entry(row, index.dim) for row in rows]
    index.delete(set(posting_ids) - {entry.id for entry in entries})
    index.upsert(entries)


def _entry(row: Any, dim: int) -> Entry:
    return Entry(
        row.id,
        read_vectors(row.vectors, dim),
        row.terms,
        _labels(row),
        str(row.organization_id),
        facts_of_row(row, row.money, row.affiliation, wishes=row.wish is not None),
        read_vectors(row.wish, dim)[0] if row.wish is not None else None,
    )


def _labels(row: Any) -> dict[str, Iterable[str]]:
    """The labels by which a search can filter the posting."""
    labels: dict[str, Iterable[str]] = {
        "domain": row.domain_path,
        "region": row.region_path,
        "cooperation_mode": row.cooperation_modes,
        "affiliation": [str(row.affiliation)],
        "reader": readers_of_posting(row.organization_id, row.visibility),
    }
    if row.sort is not None:
        labels["kind" if isinstance(row.sort, CapabilityKind) else "need_type"] = [str(row.sort)]
    return labels
