"""The optional last stage: a cross-encoder reads the first places and puts them in order."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from threading import Lock
from typing import TypeVar, cast

from sqlmodel import Session, col, select

from matching.rerank import Reranker, reorder
from schemas.match_list import MatchList, Reranked
from service.platform.settings import settings
from service.postings.access import TABLES, Posting
from service.postings.texts import text_of

# Reading more makes the order worse again: "Drowning in Documents", arXiv:2411.11767.
_FIRST = 50

_lock = Lock()
Item = TypeVar("Item")


def rerank_list(session: Session, text: str, made: MatchList) -> None:
    """Put the first places of a list in the reranker's order, where there is one.

    Scores stay: they are calibrated, and the order tells itself.
    """
    if settings().reranker is None or not made.items:
        return
    table = TABLES[made.looking_for]
    rows = session.exec(select(table).where(col(table.id).in_([one.id for one in made.items[:_FIRST]])))
    texts = {posting.id: text_of(cast("Posting", posting)) for posting in rows}
    made.items, made.reranked = rerank(text, made.items, lambda one: texts.get(one.id, ""))


def rerank(
    text: str, items: Sequence[Item], text_of_item: Callable[[Item], str]
) -> tuple[list[Item], Reranked]:
    """The first 50 in the reranker's order, then the others.

    What it had not read when its time ran out stays behind what it had, in the order it was in.
    """
    name = settings().reranker
    if name is None:
        return list(items), Reranked.off
    first = items[:_FIRST]
    scores = _reranker(name).scores(text, [text_of_item(item) for item in first], settings().reranker_seconds)
    again = [*reorder(first, scores), *items[_FIRST:]]
    return again, Reranked.whole if len(scores) == len(first) else Reranked.part


def _reranker(name: str) -> Reranker:
    with _lock:
        return _loaded(name)


@lru_cache(maxsize=1)
def _loaded(name: str) -> Reranker:
    return Reranker.load(name, settings().encoder_threads)
