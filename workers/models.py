"""What a worker does for the choice of a model: load it at the start, and build it while the old one serves."""

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
    """Load the chosen model, and make it known if it is not."""
    register(source_to_load(), progress)


def switch_model(message_id: str) -> None:
    """Have all postings encoded that the new model lacks; once none is lacking, let it serve.

    The encoding itself is left to the indexing tasks. This one puts itself off until they are done.
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
