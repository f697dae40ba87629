"""Notify subscribers of newly indexed postings that match their saved searches."""

from collections import defaultdict
from datetime import timedelta
from functools import lru_cache
from threading import Lock
from typing import Any, cast
from uuid import UUID

from sqlmodel import Session, col, select

from schemas.base import now
from schemas.notice import Notice, NoticeKind
from schemas.outbox import OutboxMessage, Topic
from schemas.vocabulary import Side, Visibility
from service.access.principal import Permission
from service.matches.live_index import LiveIndex, Serving
from service.matches.percolator import Reached, Standing
from service.notices.feed import notify
from service.platform.db import transaction
from service.postings.access import TABLES, Posting
from workers.owed import done, put_off, take

# A transaction with an id holds up the feed, so each is short.
_AT_ONCE = 16
_SOON = timedelta(seconds=1)
_alone = Lock()


@lru_cache
def _kept() -> tuple[LiveIndex, Standing]:
    """Of this process, from its first subscription on: what is there takes seconds to read."""
    return LiveIndex(), Standing()


def tell_subscribers(message_id: str) -> None:
    """Run saved searches against all indexed postings. Idempotent: no subscriber is notified twice of one posting."""
    with transaction() as session:
        if session.get(OutboxMessage, UUID(message_id)) is None:
            # Another task took it along.
            return
        if not _alone.acquire(blocking=False):
            # That one takes this row, too, or has just ended without having seen it.
            put_off(session, UUID(message_id), now() + _SOON)
            return
    try:
        while _tell_some():
            pass
    finally:
        _alone.release()


def _tell_some() -> bool:
    """Whether there may be more."""
    index, standing = _kept()
    index.refresh()
    serving = index.serving
    if serving is None:
        return False
    with transaction() as session:
        standing.catch_up(session, serving)
    with transaction() as session:
        messages = take(session, Topic.posting_indexed, _AT_ONCE)
        for posting_id in {message.subject_id for message in messages}:
            _tell(session, serving, standing, posting_id)
        done(session, messages)
        return bool(messages)


def _tell(session: Session, serving: Serving, standing: Standing, posting_id: UUID | None) -> None:
    for side, table in TABLES.items():
        posting = cast("Posting | None", session.get(table, posting_id))
        if posting is not None and (reached := standing.reached_by(session, serving, posting, side)):
            _notify(session, posting, side, reached)


def _notify(session: Session, posting: Posting, side: Side, reached: list[Reached]) -> None:
    """One notice a person, however many searches match. One to the organisation replaces those to its people."""
    once = f"match:{posting.id}"
    whole = {one.subscription.organization_id for one in reached if one.subscription.whole_organization}
    whole |= set(
        session.exec(
            select(Notice.organization_id).where(
                Notice.kind == NoticeKind.match_found,
                Notice.once == once,
                col(Notice.api_key_id).is_(None),
                col(Notice.organization_id).in_([one.subscription.organization_id for one in reached]),
            )
        )
    )
    told: dict[tuple[UUID, UUID | None], list[Reached]] = defaultdict(list)
    for one in reached:
        organization = one.subscription.organization_id
        told[organization, None if organization in whole else one.subscription.api_key_id].append(one)
    for (organization, key), some in told.items():
        some.sort(key=lambda one: -one.score)
        detail: dict[str, Any] = {
            "side": side.value,
            "score": some[0].score,
            "subscriptions": [str(one.subscription.id) for one in some],
        }
        notify(
            session,
            NoticeKind.match_found,
            posting.id,
            [organization],
            api_key_id=key,
            needs=None if posting.visibility is Visibility.public else Permission.posting_read_members,
            once=once,
            **detail,
        )
