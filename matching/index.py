"""All postings of one side: exact vectors, words and labels over one numbering of slots."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from threading import RLock
from typing import BinaryIO, Self
from uuid import UUID

import faiss
import numpy as np
import numpy.typing as npt

from matching.inverted import InvertedLists, Mask, Slots

Vector = npt.NDArray[np.float32]
Labels = Mapping[str, Iterable[str]]

# BM25 as in Robertson & Zaragoza 2009, with the usual constants.
_K1, _B = 1.5, 0.75
# Give dead slots back once there are so many, and no sooner than they cost anything.
_MOST_DEAD_SHARE, _FEWEST_DEAD = 0.2, 1_000


@dataclass(frozen=True)
class Entry:
    """One posting as the index keeps it.

    vector: shape (dim,), unit length. terms: its words, with repeats. labels: by what it can be
    filtered, as ``{"domain": ["fruit", "fruit.fruit_processing"], …}``. group: whose it is, for caps.
    """

    id: UUID
    vector: Vector
    terms: Sequence[str]
    labels: Labels = field(default_factory=dict)
    group: str = ""


@dataclass(frozen=True)
class Candidates:
    """Aligned, in no order: ids, groups, inner products, and shares of the query's word weight.

    ``complete``: nothing else fits the filter.
    """

    ids: list[UUID]
    groups: list[str]
    dense: npt.NDArray[np.float32]
    lexical: npt.NDArray[np.float32]
    complete: bool


class MatchIndex:
    """Exact search over unit vectors and over words, under the same filter.

    Upsert and delete take effect at once. Safe for use by several threads.
    """

    def __init__(self, dim: int) -> None:
        self.dim = dim
        self._lock = RLock()
        self._clear()

    def _clear(self) -> None:
        self._vectors = faiss.IndexScalarQuantizer(
            self.dim, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT
        )
        self._ids: list[UUID] = []
        self._groups: list[str] = []
        self._slot_of: dict[UUID, int] = {}
        self._live = np.zeros(0, np.bool_)
        self._lengths = np.zeros(0, np.int32)
        self._terms = InvertedLists()
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
            slots, _ = self._holders(term)
            return self._rarity(len(slots))

    def upsert(self, entries: Sequence[Entry]) -> None:
        """Put in, or put in anew. Raises ``ValueError`` for vectors of another shape or not of unit length."""
        if not entries:
            return
        vectors = np.stack([entry.vector for entry in entries]).astype(np.float32)
        if vectors.shape[1] != self.dim:
            raise ValueError(f"Vectors have {vectors.shape[1]} dimensions, the index has {self.dim}.")
        # FAISS takes NaN and any length without complaint, and answers nonsense later.
        if not np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-2):
            raise ValueError("Every vector must be of unit length.")
        with self._lock:
            self._remove([entry.id for entry in entries])
            # Of an id given twice in one call, the last counts.
            last = {entry.id: place for place, entry in enumerate(entries)}
            self._append([entries[place] for place in last.values()], vectors[list(last.values())])
            self._compact()

    def delete(self, posting_ids: Iterable[UUID]) -> None:
        """Take out; ids that are not there are passed over."""
        with self._lock:
            self._remove(posting_ids)
            self._compact()

    def search(
        self,
        vector: Vector,
        terms: Sequence[str],
        *,
        k: int,
        filters: Labels | None = None,
    ) -> Candidates:
        """The k nearest by vector and the k best by words, together: between k and 2 k, or all there are.

        ``filters``: an entry fits when for each name it has at least one of the values.
        """
        with self._lock:
            allowed = self._allowed(filters or {})
            there = int(allowed.sum())
            if there == 0:
                return Candidates([], [], np.zeros(0, np.float32), np.zeros(0, np.float32), complete=True)
            complete, k = k >= there, min(k, there)
            lexical = self._lexical(terms)
            slots = np.union1d(self._nearest(vector, k, allowed), _best(np.where(allowed, lexical, -1), k))
            dense = self._vectors.reconstruct_batch(slots.astype(np.int64)) @ vector.astype(np.float32)
            return Candidates(
                [self._ids[slot] for slot in slots],
                [self._groups[slot] for slot in slots],
                dense.astype(np.float32),
                lexical[slots],
                complete,
            )

    def save(self, file: BinaryIO) -> None:
        """Write the whole index as plain arrays, which ``load`` reads back."""
        with self._lock:
            self._compact(always=True)
            parts = {
                "ids": np.frombuffer(b"".join(one.bytes for one in self._ids), np.uint8),
                "groups": np.array(self._groups, dtype=np.str_),
                "vectors": self._vectors.reconstruct_n(0, len(self._ids)).astype(np.float16),
                "lengths": self._lengths,
            }
            for name, lists in (("terms", self._terms), ("labels", self._labels)):
                parts |= {f"{name}.{part}": values for part, values in lists.dump().items()}
        np.savez(file, **parts, allow_pickle=False)

    @classmethod
    def load(cls, file: BinaryIO, dim: int) -> Self:
        """Read what ``save`` wrote. Raises ``ValueError``, ``KeyError`` or ``OSError`` for anything else."""
        index = cls(dim)
        with np.load(file, allow_pickle=False) as parts:
            vectors = parts["vectors"].astype(np.float32).reshape(-1, dim)
            if len(vectors):
                index._vectors.add(vectors)
            raw = parts["ids"].tobytes()
            index._ids = [UUID(bytes=raw[start : start + 16]) for start in range(0, len(raw), 16)]
            index._groups = parts["groups"].tolist()
            index._slot_of = {posting_id: slot for slot, posting_id in enumerate(index._ids)}
            index._live, index._lengths = np.ones(len(vectors), np.bool_), parts["lengths"]
            index._terms, index._labels = (
                InvertedLists.load(
                    {part: parts[f"{name}.{part}"] for part in ("keys", "ends", "slots", "counts")}
                )
                for name in ("terms", "labels")
            )
        if not len(vectors) == len(index._ids) == len(index._groups) == len(index._lengths):
            raise ValueError("The parts of the snapshot are of different lengths.")
        return index

    def _allowed(self, filters: Labels) -> Mask:
        allowed = self._live.copy()
        for name, values in filters.items():
            allowed &= self._labels.mask((f"{name}:{value}" for value in values), len(allowed))
        return allowed

    def _nearest(self, vector: Vector, k: int, allowed: Mask) -> Slots:
        bitmap = np.packbits(allowed, bitorder="little")
        # The selector only borrows the bitmap, which therefore has a name until the search is over.
        selector = faiss.IDSelectorBitmap(len(allowed), faiss.swig_ptr(bitmap))
        _, found = self._vectors.search(
            vector[np.newaxis].astype(np.float32),
            k,
            params=faiss.SearchParameters(sel=selector),  # type: ignore[call-arg]
        )
        slots: Slots = found[0][found[0] >= 0].astype(np.int32)
        return slots

    def _lexical(self, terms: Sequence[str]) -> npt.NDArray[np.float32]:
        """BM25 of every slot, over the most that these terms could give: 0 to 1."""
        scores = np.zeros(len(self._ids), np.float32)
        most = 0.0
        average = self._lengths[self._live].mean() if len(self) else 1.0
        norms = (_K1 * (1 - _B + _B * self._lengths / average)).astype(np.float32)
        for term, repeats in Counter(terms).items():
            slots, counts = self._holders(term)
            weight = repeats * self._rarity(len(slots))
            most += weight * (_K1 + 1)
            shares = counts.astype(np.float32)
            shares /= shares + norms[slots]
            scores[slots] += np.float32(weight * (_K1 + 1)) * shares
        return scores / np.float32(most or 1)

    def _holders(self, term: str) -> tuple[Slots, npt.NDArray[np.int32]]:
        """The live slots that hold a term, and how often each does."""
        slots, counts = self._terms.get(term)
        if len(self) == len(self._ids):
            # All are live, and to find that out slot by slot would cost as much as scoring them.
            return slots, counts
        alive = self._live[slots]
        return slots[alive], counts[alive]

    def _rarity(self, holders: int) -> float:
        return float(np.log1p((len(self) - holders + 0.5) / (holders + 0.5)))

    def _remove(self, posting_ids: Iterable[UUID]) -> None:
        for posting_id in posting_ids:
            slot = self._slot_of.pop(posting_id, None)
            if slot is not None:
                self._live[slot] = False

    def _append(self, entries: Sequence[Entry], vectors: Vector) -> None:
        first = len(self._ids)
        self._vectors.add(vectors)
        self._live = np.append(self._live, np.ones(len(entries), np.bool_))
        self._lengths = np.append(self._lengths, np.array([len(entry.terms) for entry in entries], np.int32))
        for slot, entry in enumerate(entries, first):
            self._ids.append(entry.id)
            self._groups.append(entry.group)
            self._slot_of[entry.id] = slot
            self._terms.add(slot, Counter(entry.terms))
            self._labels.add(
                slot, {f"{name}:{value}": 1 for name, values in entry.labels.items() for value in values}
            )

    def _compact(self, *, always: bool = False) -> None:
        dead = len(self._ids) - len(self)
        if not dead or (not always and dead < max(_FEWEST_DEAD, _MOST_DEAD_SHARE * len(self._ids))):
            return
        kept = np.flatnonzero(self._live)
        renumbered = np.full(len(self._ids), -1, np.int32)
        renumbered[kept] = np.arange(len(kept), dtype=np.int32)
        vectors = self._vectors.reconstruct_batch(kept)
        self._vectors.reset()
        self._vectors.add(vectors)
        self._ids = [self._ids[slot] for slot in kept]
        self._groups = [self._groups[slot] for slot in kept]
        self._slot_of = {posting_id: slot for slot, posting_id in enumerate(self._ids)}
        self._live, self._lengths = np.ones(len(kept), np.bool_), self._lengths[kept]
        self._terms.keep(renumbered)
        self._labels.keep(renumbered)


def _best(scores: npt.NDArray[np.float32], k: int) -> Slots:
    """Slots of the k highest scores above nought, in no order."""
    k = min(k, int((scores > 0).sum()))
    return np.argpartition(-scores, k - 1)[:k].astype(np.int32) if k else np.zeros(0, np.int32)
