"""All postings of one side: exact vectors, words, labels and facts over one numbering of slots."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from threading import RLock
from typing import BinaryIO, Self
from uuid import UUID

import numpy as np
import numpy.typing as npt

from matching.facts import NOTHING, RECORD
from matching.inverted import InvertedLists, Mask, Slots
from matching.lexical import Words
from matching.passages import Passages

Vector = npt.NDArray[np.float32]
Labels = Mapping[str, Iterable[str]]

# Give dead slots back once there are so many, and no sooner than they cost anything.
_MOST_DEAD_SHARE, _FEWEST_DEAD = 0.2, 1_000


@dataclass(frozen=True)
class Entry:
    """One posting as the index keeps it.

    vectors: of its passages, shape (passages, dim), unit length. terms: its words, with repeats. labels: by
    what it can be filtered, as ``{"domain": ["fruit", "fruit.fruit_processing"], …}``. group: whose it is,
    for caps. facts: a ``matching.facts.record``. wish: vector of what it wishes of the other side.
    """

    id: UUID
    vectors: Vector
    terms: Sequence[str]
    labels: Labels = field(default_factory=dict)
    group: str = ""
    facts: np.void = NOTHING
    wish: Vector | None = None


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

    Upsert and delete take effect at once. Safe for use by several threads.
    """

    def __init__(self, dim: int) -> None:
        self.dim = dim
        self._lock = RLock()
        self._passages = Passages(dim)
        self._ids: list[UUID] = []
        self._groups: list[str] = []
        self._slot_of: dict[UUID, int] = {}
        self._live = np.zeros(0, np.bool_)
        self._facts = np.zeros(0, RECORD)
        self._wishes: dict[int, npt.NDArray[np.float16]] = {}
        self._words = Words()
        self._labels = InvertedLists()

    def __len__(self) -> int:
        return len(self._slot_of)

    def __contains__(self, posting_id: UUID) -> bool:
        return posting_id in self._slot_of

    def ids(self) -> set[UUID]:
        with self._lock:
            return set(self._slot_of)

    def rarity(self, term: str) -> float:
        """BM25's inverse document frequency, above nought; highest for a word that no entry has."""
        with self._lock:
            return self._words.rarity(term, self._live)

    def upsert(self, entries: Sequence[Entry]) -> None:
        """Put in, or put in anew. Raises ``ValueError`` for vectors of another shape or not of unit length."""
        if not entries:
            return
        # Of an id given twice in one call, the last counts.
        entries = list({entry.id: entry for entry in entries}.values())
        vectors = [np.atleast_2d(entry.vectors).astype(np.float32) for entry in entries]
        with self._lock:
            # First, since it refuses what is no unit vector.
            self._passages.append(len(self._ids), vectors)
            self._remove([entry.id for entry in entries])
            self._append(entries)
            self._compact()

    def delete(self, posting_ids: Iterable[UUID]) -> None:
        """Take out; ids that are not there are passed over."""
        with self._lock:
            self._remove(posting_ids)
            self._compact()

    def search(self, query: Query, *, k: int, filters: Labels | None = None) -> Candidates:
        """The k nearest by vector and the k best by words, together: at least k, or all there are.

        ``filters``: an entry fits when for each name it has at least one of the values.
        """
        with self._lock:
            allowed = self._allowed(filters or {})
            there = int(allowed.sum())
            words = self._words.scores(query.terms, self._live)
            if there <= k:
                return self._candidates(query, np.flatnonzero(allowed).astype(np.int32), words, complete=True)
            nearest = self._passages.nearest(query.vectors, k, allowed)
            return self._candidates(
                query, np.union1d(nearest, _best(np.where(allowed, words, 0), k)), words, complete=False
            )

    def signals(self, query: Query, posting_ids: Iterable[UUID]) -> Candidates:
        """The same for given postings, as far as they are there."""
        with self._lock:
            slots = sorted(
                {self._slot_of[posting_id] for posting_id in posting_ids if posting_id in self._slot_of}
            )
            words = self._words.scores(query.terms, self._live)
            return self._candidates(query, np.array(slots, np.int32), words, complete=False)

    def first_vectors(self, posting_ids: Sequence[UUID]) -> Vector:
        """The first passage of each, shape (len(posting_ids), dim). Raises ``KeyError``."""
        with self._lock:
            return self._passages.firsts(np.array([self._slot_of[one] for one in posting_ids], np.int64))

    def save(self, file: BinaryIO) -> None:
        """Write the whole index as plain arrays, which ``load`` reads back."""
        with self._lock:
            self._compact(always=True)
            wished = sorted(self._wishes)
            parts = {
                "ids": np.frombuffer(b"".join(one.bytes for one in self._ids), np.uint8),
                "groups": np.array(self._groups, dtype=np.str_),
                "facts": self._facts,
                "wished": np.array(wished, np.int32),
                "wishes": np.array([self._wishes[slot] for slot in wished], np.float16),
            }
            for name, part in (
                ("passages", self._passages),
                ("words", self._words),
                ("labels", self._labels),
            ):
                parts |= {f"{name}.{key}": values for key, values in part.dump().items()}
        np.savez(file, **parts, allow_pickle=False)

    @classmethod
    def load(cls, file: BinaryIO, dim: int) -> Self:
        """Read what ``save`` wrote. Raises ``ValueError``, ``KeyError`` or ``OSError`` for anything else."""
        index = cls(dim)
        with np.load(file, allow_pickle=False) as parts:
            dumped = {
                name: {
                    key.removeprefix(f"{name}."): parts[key] for key in parts if key.startswith(f"{name}.")
                }
                for name in ("passages", "words", "labels")
            }
            raw = parts["ids"].tobytes()
            index._ids = [UUID(bytes=raw[start : start + 16]) for start in range(0, len(raw), 16)]
            index._groups = parts["groups"].tolist()
            index._facts = parts["facts"]
            index._wishes = dict(zip(parts["wished"].tolist(), parts["wishes"], strict=True))
        index._slot_of = {posting_id: slot for slot, posting_id in enumerate(index._ids)}
        index._live = np.ones(len(index._ids), np.bool_)
        index._passages = Passages.load(dumped["passages"], dim)
        index._words = Words.load(dumped["words"])
        index._labels = InvertedLists.load(dumped["labels"])
        sizes = {len(part) for part in (index._ids, index._groups, index._facts, index._words)}
        if sizes | {index._passages.slots} != sizes or len(sizes) > 1:
            raise ValueError("The parts of the snapshot are of different lengths.")
        return index

    def _allowed(self, filters: Labels) -> Mask:
        allowed = self._live.copy()
        for name, values in filters.items():
            allowed &= self._labels.mask((f"{name}:{value}" for value in values), len(allowed))
        return allowed

    def _candidates(
        self, query: Query, slots: Slots, words: npt.NDArray[np.float32], *, complete: bool
    ) -> Candidates:
        against = query.vectors if query.wish is None else np.vstack([query.vectors, query.wish])
        products = self._passages.products(against, slots)
        nothing = np.full(len(slots), np.nan, np.float32)
        theirs = nothing.copy()
        for place, slot in enumerate(slots.tolist()):
            if (wish := self._wishes.get(slot)) is not None:
                theirs[place] = float((query.vectors @ wish.astype(np.float32)).max())
        return Candidates(
            [self._ids[slot] for slot in slots],
            [self._groups[slot] for slot in slots],
            self._facts[slots],
            products[: len(query.vectors)].max(axis=0, initial=-1),
            words[slots],
            theirs,
            nothing if query.wish is None else products[-1],
            complete,
        )

    def _remove(self, posting_ids: Iterable[UUID]) -> None:
        for posting_id in posting_ids:
            slot = self._slot_of.pop(posting_id, None)
            if slot is not None:
                self._live[slot] = False
                self._wishes.pop(slot, None)

    def _append(self, entries: Sequence[Entry]) -> None:
        first = len(self._ids)
        self._live = np.append(self._live, np.ones(len(entries), np.bool_))
        self._facts = np.append(self._facts, np.array([entry.facts for entry in entries], RECORD))
        self._words.append(first, [entry.terms for entry in entries])
        for slot, entry in enumerate(entries, first):
            self._ids.append(entry.id)
            self._groups.append(entry.group)
            self._slot_of[entry.id] = slot
            if entry.wish is not None:
                self._wishes[slot] = entry.wish.astype(np.float16)
            self._labels.add(
                slot, {f"{name}:{value}": 1 for name, values in entry.labels.items() for value in values}
            )

    def _compact(self, *, always: bool = False) -> None:
        dead = len(self._ids) - len(self)
        if not dead or (not always and dead < max(_FEWEST_DEAD, _MOST_DEAD_SHARE * len(self._ids))):
            return
        kept = np.flatnonzero(self._live).astype(np.int32)
        renumbered = np.full(len(self._ids), -1, np.int32)
        renumbered[kept] = np.arange(len(kept), dtype=np.int32)
        self._ids = [self._ids[slot] for slot in kept]
        self._groups = [self._groups[slot] for slot in kept]
        self._slot_of = {posting_id: slot for slot, posting_id in enumerate(self._ids)}
        self._live, self._facts = np.ones(len(kept), np.bool_), self._facts[kept]
        self._wishes = {int(renumbered[slot]): wish for slot, wish in self._wishes.items()}
        self._passages.keep(kept, renumbered)
        self._words.keep(kept, renumbered)
        self._labels.keep(renumbered)


def _best(scores: npt.NDArray[np.float32], k: int) -> Slots:
    """Slots of the k highest scores above nought, in no order."""
    k = min(k, int((scores > 0).sum()))
    return np.argpartition(-scores, k - 1)[:k].astype(np.int32) if k else np.zeros(0, np.int32)
