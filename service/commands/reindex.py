"""``duijie reindex``: everything encoded anew, by the worker, while the old vectors serve."""

import time
from collections.abc import Callable

from sqlalchemy import func, select, update
from sqlmodel import col

from schemas.embedding import Embedding
from schemas.outbox import OutboxMessage, Urgency
from schemas.posting import IndexStatus
from schemas.vocabulary import PostingStatus, Side
from service.access import audit
from service.platform.console import progress_bar
from service.platform.db import released, transaction
from service.platform.outbox import announce_all
from service.postings.access import TABLES, TOPICS

_LOOK_EVERY = 0.5


def reindex_all(progress: Callable[[str, float], None]) -> None:
    """Ask for everything to be encoded anew, failed postings too, and watch until it is done."""
    total = 0
    with transaction() as session:
        session.execute(update(Embedding).values(text_hash=""))
        audit.note(session, None, "index.rebuild", None)
        for side in Side:
            table = TABLES[side]
            ids = (
                session.execute(
                    select(col(table.id)).where(
                        col(table.deleted_at).is_(None), col(table.status) != PostingStatus.closed
                    )
                )
                .scalars()
                .all()
            )
            failed = col(table.index_status) == IndexStatus.failed
            session.execute(
                update(table).where(failed).values(index_status=IndexStatus.pending, index_error="")
            )
            announce_all(session, TOPICS[table], ids, urgency=Urgency.bulk)
            total += len(ids)
    left = total
    while left:
        with transaction() as session:
            left = session.execute(
                select(func.count()).where(col(OutboxMessage.topic).in_(list(TOPICS.values())))
            ).scalar_one()
        progress("重新编码（由后台任务完成）", max(0.0, 1 - left / total))
        time.sleep(_LOOK_EVERY)


def reindex() -> None:
    """把全部内容重新编码；其间旧向量继续服务。"""
    with released(), progress_bar() as progress:
        reindex_all(progress)
