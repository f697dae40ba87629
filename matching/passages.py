"""The vectors of postings: one row for each passage, several for a long posting, searched exactly."""

from collections.abc import Iterable, Iterator, Sequence
from threading import Lock
from typing import Self

import faiss
import numpy as np
import numpy.typing as npt

from matching.inverted import Mask, Slots

Vectors = npt.NDArray[np.float32]
# Rows as they are kept: two bytes a dimension.
Codes = npt.NDArray[np.uint8]
Counts = npt.NDArray[np.int64]

# Three megabytes at 384 dimensions, copied in less than a millisecond.
_ROWS_AT_ONCE = 4_096


class Passages:
    """Rows of unit vectors by slot. The rows of a slot stand together, in the order of its text."""

    def __init__(self, dim: int) -> None:
        self.dim = dim
        self._rows = faiss.IndexScalarQuantizer(
            dim, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT
        )
        self._slot_of_row = np.zeros(0, np.int32)
        self._first_row = np.zeros(0, np.int64)
        # FAISS moves its rows when they grow, which must not happen under whoever copies them.
        self._growing = Lock()

    @property
    def slots(self) -> int:
        return len(self._first_row)

    def append(self, first: int, vectors: Sequence[Vectors]) -> None:
        """Add the passages of new slots, numbered from ``first`` on.

        Raises ``ValueError`` for vectors of another shape or not of unit length, and then adds none.
        """
        rows = np.concatenate(vectors)
        if rows.shape[1] != self.dim:
            raise ValueError(f"Vectors have {rows.shape[1]} dimensions, the index has {self.dim}.")
        # FAISS takes NaN and any length without complaint, and answers nonsense later.
        if not np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-2):
            raise ValueError("Every vector must be of unit length.")
        counts = [len(one) for one in vectors]
        if not all(counts):
            raise ValueError("Every posting must have a vector.")
        starts = len(self._slot_of_row) + np.cumsum([0, *counts[:-1]], dtype=np.int64)
        slots = np.arange(first, first + len(vectors), dtype=np.int32)
        with self._growing:
            self._first_row = np.append(self._first_row, starts)
            self._slot_of_row = np.append(self._slot_of_row, np.repeat(slots, counts))
            self._rows.add(rows)

    def nearest(self, vectors: Vectors, k: int, allowed: Mask) -> Slots:
        """Slots that hold the k nearest of each vector, or all allowed ones, each once and ascending."""
        # A setting of the thread that searches. On few cores FAISS's own threads make one query ten times slower.
        faiss.omp_set_num_threads(1)
        bitmap = np.packbits(allowed[self._slot_of_row], bitorder="little")
        # The selector only borrows the bitmap, which therefore has a name until the search is over.
        selector = faiss.IDSelectorBitmap(len(self._slot_of_row), faiss.swig_ptr(bitmap))
        parameters = faiss.SearchParameters(sel=selector)  # type: ignore[call-arg]
        rows = k
        while True:
            _, found = self._rows.search(vectors.astype(np.float32), rows, params=parameters)
            per_vector = [np.unique(self._slot_of_row[some[some >= 0]]) for some in found]
            # Passages of one posting crowd out others, so more rows are asked for until enough postings came.
            if all(len(some) >= k for some in per_vector) or rows >= len(self._slot_of_row):
                return np.unique(np.concatenate(per_vector))
            rows *= 2

    def products(self, vectors: Vectors, slots: Slots) -> Vectors:
        """Shape (len(vectors), len(slots)): each vector's highest inner product with a passage of each slot."""
        if not len(slots):
            return np.zeros((len(vectors), 0), np.float32)
        rows, starts = self._rows_of(slots)
        products = vectors.astype(np.float32) @ self._rows.reconstruct_batch(rows).T
        highest: Vectors = np.maximum.reduceat(products, starts, axis=1)
        return highest

    def firsts(self, slots: npt.NDArray[np.int64]) -> Vectors:
        """The first passage of each slot, shape (len(slots), dim)."""
        if not len(slots):
            return np.zeros((0, self.dim), np.float32)
        vectors: Vectors = self._rows.reconstruct_batch(self._first_row[slots])
        return vectors

    def counts(self, slots: int) -> Counts:
        """How many rows each of the first ``slots`` slots has. Passages may be added meanwhile."""
        with self._growing:
            ends = np.append(self._first_row[1 : slots + 1], len(self._slot_of_row))[:slots]
            return ends - self._first_row[:slots]

    def copied(self, live: Mask) -> Iterator[Codes]:
        """The rows of the slots that are ``live``, some at a time. Passages may be added meanwhile."""
        wanted = np.repeat(live, self.counts(len(live)))
        for start in range(0, len(wanted), _ROWS_AT_ONCE):
            some = wanted[start : start + _ROWS_AT_ONCE]
            with self._growing:
                codes = faiss.rev_swig_ptr(self._rows.codes.data(), self._rows.codes.size())
                rows = codes.reshape(-1, self._rows.code_size)[start : start + len(some)]
                copy = rows[some]
            yield copy

    @classmethod
    def of(cls, dim: int, counts: Counts, codes: Iterable[Codes]) -> Self:
        """Put together what ``counts`` and ``copied`` gave. Raises ``ValueError`` where one does not fit the other."""
        passages = cls(dim)
        for some in codes:
            if len(some):
                passages._rows.add_sa_codes(some)
        if passages._rows.ntotal != counts.sum():
            raise ValueError(f"{counts.sum()} rows are told of, and there are {passages._rows.ntotal}.")
        passages._first_row = np.cumsum(counts) - counts
        passages._slot_of_row = np.repeat(np.arange(len(counts), dtype=np.int32), counts)
        return passages

    def _rows_of(self, slots: Slots) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """The rows of ``slots``, one slot after the other, and where each begins among them."""
        ends = np.append(self._first_row[1:], len(self._slot_of_row))
        counts = ends[slots] - self._first_row[slots]
        starts = np.concatenate([[0], np.cumsum(counts)[:-1]]).astype(np.int64)
        rows = np.repeat(self._first_row[slots] - starts, counts) + np.arange(counts.sum(), dtype=np.int64)
        return rows, starts
