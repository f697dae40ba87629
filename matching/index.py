"""All postings of one side: exact vectors, words, labels and facts over one numbering of slots."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import BinaryIO, Self
from uuid import UUID

import numpy as np
import numpy.typing as npt

from matching.content import Content, Entry, Labels, Vector
from matching.index_file import read_content, write_content
from matching.inverted import Slots
from matching.passages import Passages

__all__ = ["Candidates", "Entry", "MatchIndex", "Query", "Vector"]

# Give dead slots back once there are so many, and no sooner than they cost anything.
_MOST_DEAD_SHARE, _FEWEST_DEAD = 0.2, 1_000


@dataclass(frozen=True)
class Query:
    """What is asked with: vectors of its passages, shape (passages, dim), its words with their weights, its wish."""

    vectors: Vector
    terms: Mapping[str, float]
    wish: Vector | None = None


@dataclass(frozen=True)
class Candidates:
    """Aligned, in no order: ids, groups, facts, and signals.

    dense: the highest inner product of any two passages. words: BM25 over the best there is, NaN where no
    word of the query is anywhere. their_wish: of the candidate's wish with the query, NaN where it has none;
    our_wish: of the query's wish with the candidate. ``complete``: nothing else fits the filter.
    """

    ids: list[UUID]
    groups: list[str]
    facts: npt.NDArray[np.void]
    dense: npt.NDArray[np.float32]
    words: npt.NDArray[np.float32]
    their_wish: npt.NDArray[np.float32]
    our_wish: npt.NDArray[np.float32]
    complete: bool


class MatchIndex:
    """Exact search over unit vectors and over words, under the same filter.

    Upsert and delete take effect at once. Safe for use by several threads; no search waits for a compaction, and
    nobody for a snapshot.
    """

    def __init__(self, dim: int) -> None:
        self.dim = dim
        # Held by whoever changes the content, or replaces it; a compaction is made beside the searches.
        self._changing = Lock()
        # Held while the content is read or changed, for as short as can be.
        self._lock = Lock()
        self._content = Content(Passages(dim))

    def __len__(self) -> int:
        return len(self._content.slot_of)

    def __contains__(self, posting_id: UUID) -> bool:
        return posting_id in self._content.slot_of

    def ids(self) -> set[UUID]:
        with self._lock:
            return set(self._content.slot_of)

    def rarity(self, term: str) -> float:
        """BM25's inverse document frequency, above nought; highest for a word that no entry has."""
        with self._lock:
            return self._content.words.rarity(term, self._content.live)

    def upsert(self, entries: Sequence[Entry]) -> None:
        """Put in, or put in anew. Raises ``ValueError`` for vectors of another shape or not of unit length."""
        if not entries:
            return
        with self._changing:
            with self._lock:
                # Of an id given twice in one call, the last counts.
                self._content.append(list({entry.id: entry for entry in entries}.values()))
            self._compact()

    def delete(self, posting_ids: Iterable[UUID]) -> None:
        """Take out; ids that are not there are passed over."""
        with self._changing:
            with self._lock:
                self._content.remove(posting_ids)
            self._compact()

    def search(self, query: Query, *, k: int, filters: Labels | None = None) -> Candidates:
        """The k nearest by vector and the k best by words, together: at least k, or all there are.

        ``filters``: an entry fits when for each name it has at least one of the values.
        """
        with self._lock:
            content = self._content
            allowed = content.allowed(filters or {})
            words = content.words.scores(query.terms, content.live)
            if int(allowed.sum()) <= k:
                return _candidates(
                    content, query, np.flatnonzero(allowed).astype(np.int32), words, complete=True
                )
            nearest = content.passages.nearest(query.vectors, k, allowed)
            slots = np.union1d(nearest, _best(np.where(allowed, words, 0), k))
            return _candidates(content, query, slots, words, complete=False)

    def signals(self, query: Query, posting_ids: Iterable[UUID]) -> Candidates:
        """The same for given postings, as far as they are there."""
        with self._lock:
            content = self._content
            slots = sorted({content.slot_of[one] for one in posting_ids if one in content.slot_of})
            words = content.words.scores(query.terms, content.live)
            return _candidates(content, query, np.array(slots, np.int32), words, complete=False)

    def first_vectors(self, posting_ids: Sequence[UUID]) -> Vector:
        """The first passage of each, shape (len(posting_ids), dim). Raises ``KeyError``."""
        with self._lock:
            slots = [self._content.slot_of[one] for one in posting_ids]
            return self._content.passages.firsts(np.array(slots, np.int64))

    def frozen(self) -> Content:
        """The content of this moment, for ``write_content``."""
        with self._lock:
            return self._content.frozen()

    def save(self, file: BinaryIO) -> None:
        """Write the whole index, which ``load`` reads back. Searches and changes go on meanwhile."""
        write_content(self.frozen(), file)

    @classmethod
    def load(cls, file: BinaryIO, dim: int) -> Self:
        """Read what ``save`` wrote. Raises as ``read_content`` for anything else."""
        index = cls(dim)
        index._content = read_content(file, dim)
        return index

    def _compact(self) -> None:
        dead = len(self._content.ids) - len(self)
        if dead < max(_FEWEST_DEAD, _MOST_DEAD_SHARE * len(self._content.ids)):
            return
        compacted = self._content.compacted()
        with self._lock:
            self._content = compacted


def _candidates(
    content: Content, query: Query, slots: Slots, words: npt.NDArray[np.float32], *, complete: bool
) -> Candidates:
    against = query.vectors if query.wish is None else np.vstack([query.vectors, query.wish])
    products = content.passages.products(against, slots)
    nothing = np.full(len(slots), np.nan, np.float32)
    theirs = nothing.copy()
    for place, slot in enumerate(slots.tolist()):
        if (wish := content.wishes.get(slot)) is not None:
            theirs[place] = float((query.vectors @ wish.astype(np.float32)).max())
    return Candidates(
        [content.ids[slot] for slot in slots],
        [content.groups[slot] for slot in slots],
        content.facts[slots],
        products[: len(query.vectors)].max(axis=0, initial=-1),
        words[slots],
        theirs,
        nothing if query.wish is None else products[-1],
        complete,
    )


def _best(scores: npt.NDArray[np.float32], k: int) -> Slots:
    """Slots of the k highest scores above nought, in no order."""
    k = min(k, int((scores > 0).sum()))
    return np.argpartition(-scores, k - 1)[:k].astype(np.int32) if k else np.zeros(0, np.int32)
