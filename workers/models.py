"""The worker's part in changing the model: load it at start, and encode with it while the old model serves."""

from datetime import timedelta
from uuid import UUID

from schemas.base import now
from schemas.embedding import ModelState
from schemas.outbox import OutboxMessage
from service.matches.encoders import Progress
from service.matches.model_choice import (
    lacking_ids,
    let_serve,
    lock_choice,
    model_in,
    not_announced,
    register,
    source_to_load,
)
from service.platform.db import transaction
from service.platform.outbox import announce_all
from service.postings.access import TABLES, TOPICS

_LOOK_AGAIN = timedelta(seconds=2)


def register_model(progress: Progress | None = None) -> None:
    """Load the chosen model, and register it if it is new."""
    register(source_to_load(), progress)


def switch_model(message_id: str) -> None:
    """Enqueue the postings that the new model has not encoded; when none is left, let it serve.

    The indexing tasks do the encoding. This task reschedules itself until they are done.
    """
    with transaction() as session:
        message = session.get(OutboxMessage, UUID(message_id), with_for_update=True)
        if message is None:
            return
        lock_choice(session)
        building = model_in(session, ModelState.building)
        if building is None:
            session.delete(message)
            return
        lacking = {side: lacking_ids(session, side, building.name) for side in TABLES}
        if any(lacking.values()):
            for side, ids in lacking.items():
                announce_all(session, TOPICS[TABLES[side]], not_announced(session, ids))
            message.sent_at, message.due_at = None, now() + _LOOK_AGAIN
            return
        let_serve(session, building)
        session.delete(message)


__all__ = ["lacking_ids", "not_announced", "register_model", "switch_model"]
