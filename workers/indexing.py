"""Encode postings, and store what the index needs of them."""

from collections.abc import Sequence
from uuid import UUID

import numpy as np
import structlog
from sqlalchemy import delete, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col

from matching.encoder import EncodingFailed
from schemas.embedding import Embedding, EncoderModel, ModelState
from schemas.outbox import OutboxMessage, Topic
from schemas.posting import IndexStatus
from schemas.vocabulary import PostingStatus, Side
from service.matches.encoders import EncodedText, encode
from service.matches.live_index import notify_indexes
from service.matches.percolator import has_subscriptions
from service.platform.db import transaction
from service.platform.outbox import CHANNEL, announce_all
from service.postings.access import TABLES, Posting
from service.postings.texts import writing_of
from workers.owed import done, still_owed, try_again

log = structlog.get_logger()

_SIDE_OF = {Topic.need_changed: Side.needs, Topic.capability_changed: Side.capabilities}


def index_postings(message_ids: Sequence[str]) -> None:
    """Encode the postings that these outbox rows name, where their words or the model changed.

    Encoding happens between two transactions, since it takes long. Whatever changes meanwhile has
    announced itself again.
    """
    with transaction() as session:
        messages = still_owed(session, message_ids)
        # The way back alone is not kept up; going back catches up first.
        models = list(
            session.execute(
                select(EncoderModel).where(col(EncoderModel.state) != ModelState.retired)
            ).scalars()
        )
        if not models:
            return
        work = {side: _postings(session, side, messages) for side in Side}
    failures: dict[UUID, str] = {}
    for side, postings in work.items():
        for model in models if postings else ():
            failures |= _index(side, postings, model)
    with transaction() as session:
        finished = [message for message in messages if message.subject_id not in failures]
        _enqueue_subscriber_alerts(session, finished)
        done(session, finished)
        for message in messages:
            if (error := failures.get(message.subject_id or UUID(int=0))) is not None and not try_again(
                session, message, error
            ):
                _mark(session, _SIDE_OF[message.topic], message.subject_id, error)
        # Wakes the relay, which waits for batches to end.
        session.execute(text("SELECT pg_notify(:channel, '')"), {"channel": CHANNEL})


def _enqueue_subscriber_alerts(session: Session, messages: Sequence[OutboxMessage]) -> None:
    """Enqueue a run of the saved searches against these postings, where there are any."""
    for side in Side:
        ids = {message.subject_id for message in messages if _SIDE_OF[message.topic] is side}
        if ids and has_subscriptions(session, side):
            announce_all(session, Topic.posting_indexed, ids)


def _postings(session: Session, side: Side, messages: Sequence[OutboxMessage]) -> list[Posting]:
    table = TABLES[side]
    ids = {message.subject_id for message in messages if _SIDE_OF[message.topic] is side}
    return list(session.execute(select(table).where(col(table.id).in_(ids))).scalars())


def _index(side: Side, postings: Sequence[Posting], model: EncoderModel) -> dict[UUID, str]:
    """Encode and keep; the error of each posting that could not be encoded."""
    with transaction() as session:
        kept: dict[UUID, str] = dict(
            session.execute(
                select(col(Embedding.posting_id), col(Embedding.text_hash)).where(
                    col(Embedding.posting_id).in_([posting.id for posting in postings]),
                    col(Embedding.model) == model.name,
                )
            ).all()
        )
    wanted = [posting for posting in postings if _is_wanted(posting)]
    stale = [posting for posting in wanted if kept.get(posting.id) != posting.text_hash]
    encoded, failures = _encode_each(model, side, stale) if stale else ([], {})
    with transaction() as session:
        gone = [posting.id for posting in postings if posting.deleted_at is not None]
        session.execute(delete(Embedding).where(col(Embedding.posting_id).in_(gone)))
        found_for = {posting.id: found for posting, found in encoded}
        for posting in wanted:
            if posting.id in failures or not _set_status(session, side, posting.id, posting.text_hash):
                continue
            if posting.id in found_for:
                _keep(session, side, posting, model, found_for[posting.id])
        notify_indexes(session)
    return failures


def _is_wanted(posting: Posting) -> bool:
    """Drafts too: their owner may ask what would match."""
    return posting.status is not PostingStatus.closed and posting.deleted_at is None


def _encode_each(
    model: EncoderModel, side: Side, postings: Sequence[Posting]
) -> tuple[list[tuple[Posting, EncodedText]], dict[UUID, str]]:
    """All in one batch; one by one only where the batch fails, to tell the one that is at fault."""
    try:
        found = encode(model, side, [writing_of(posting) for posting in postings])
        return list(zip(postings, found, strict=True)), {}
    except (EncodingFailed, OSError, RuntimeError, ValueError) as error:
        if len(postings) == 1:
            log.warning("encoding failed", posting=str(postings[0].id), error=str(error))
            return [], {postings[0].id: f"{type(error).__name__}: {error}"}
    encoded: list[tuple[Posting, EncodedText]] = []
    failures: dict[UUID, str] = {}
    for posting in postings:
        one, failed = _encode_each(model, side, [posting])
        encoded += one
        failures |= failed
    return encoded, failures


def _keep(session: Session, side: Side, posting: Posting, model: EncoderModel, found: EncodedText) -> None:
    values = {
        "side": side,
        "text_hash": posting.text_hash,
        "vectors": found.vectors.astype(np.float16).tobytes(),
        "wish": None if found.wish is None else found.wish.astype(np.float16).tobytes(),
        "terms": found.terms,
        "title_terms": found.title_terms,
        "spans": [place for span in found.spans for place in span],
        "sentences": found.sentences.astype(np.float16).tobytes(),
    }
    session.execute(
        insert(Embedding)
        .values(posting_id=posting.id, model=model.name, **values)
        .on_conflict_do_update(index_elements=["posting_id", "model"], set_=values)
    )


def _set_status(session: Session, side: Side, posting_id: UUID, text_hash: str) -> bool:
    """Mark a posting as indexed if its text is unchanged. The update locks the row and stamps it for the indexes."""
    table = TABLES[side]
    updated = session.execute(
        update(table)
        .where(col(table.id) == posting_id, col(table.text_hash) == text_hash)
        .values(index_status=IndexStatus.indexed, index_error="")
        .returning(col(table.id))
    )
    return updated.first() is not None


def _mark(session: Session, side: Side, posting_id: UUID | None, error: str) -> None:
    table = TABLES[side]
    session.execute(
        update(table)
        .where(col(table.id) == posting_id)
        .values(index_status=IndexStatus.failed, index_error=error)
    )
    log.error("posting cannot be indexed", posting=str(posting_id), error=error)
