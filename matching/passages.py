"""The vectors of postings: one row for each passage, several for a long posting, searched exactly."""

from collections.abc import Mapping, Sequence
from typing import Any, Self

import faiss
import numpy as np
import numpy.typing as npt

from matching.inverted import Mask, Slots

Vectors = npt.NDArray[np.float32]


class Passages:
    """Rows of unit vectors by slot. The rows of a slot stand together, in the order of its text."""

    def __init__(self, dim: int) -> None:
        self.dim = dim
        self._rows = faiss.IndexScalarQuantizer(
            dim, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT
        )
        self._slot_of_row = np.zeros(0, np.int32)
        self._first_row = np.zeros(0, np.int64)

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
        self._first_row = np.append(self._first_row, starts)
        slots = np.arange(first, first + len(vectors), dtype=np.int32)
        self._slot_of_row = np.append(self._slot_of_row, np.repeat(slots, counts))
        self._rows.add(rows)

    def nearest(self, vectors: Vectors, k: int, allowed: Mask) -> Slots:
        """Slots that hold the k nearest of each vector, or all allowed ones, each once and ascending."""
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

    def keep(self, kept: Slots, renumbered: Slots) -> None:
        """Move every slot to ``renumbered[slot]``; of those not in ``kept`` the rows are given back."""
        if not len(kept):
            self._rows.reset()
            self._slot_of_row, self._first_row = np.zeros(0, np.int32), np.zeros(0, np.int64)
            return
        rows, starts = self._rows_of(kept)
        vectors = self._rows.reconstruct_batch(rows)
        self._rows.reset()
        self._rows.add(vectors)
        self._slot_of_row, self._first_row = renumbered[self._slot_of_row[rows]], starts

    def dump(self) -> dict[str, npt.NDArray[Any]]:
        """All of it as two arrays: float16 rows, and where each slot's rows begin. No slot may be dead."""
        rows = self._rows.reconstruct_n(0, len(self._slot_of_row))
        return {"rows": rows.astype(np.float16), "starts": self._first_row}

    @classmethod
    def load(cls, dumped: Mapping[str, npt.NDArray[Any]], dim: int) -> Self:
        passages = cls(dim)
        rows, starts = dumped["rows"].astype(np.float32).reshape(-1, dim), dumped["starts"]
        if len(rows):
            passages._rows.add(rows)
        passages._first_row = starts
        counts = np.diff(starts, append=len(rows))
        passages._slot_of_row = np.repeat(np.arange(len(starts), dtype=np.int32), counts)
        return passages

    def _rows_of(self, slots: Slots) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """The rows of ``slots``, one slot after the other, and where each begins among them."""
        ends = np.append(self._first_row[1:], len(self._slot_of_row))
        counts = ends[slots] - self._first_row[slots]
        starts = np.concatenate([[0], np.cumsum(counts)[:-1]]).astype(np.int64)
        rows = np.repeat(self._first_row[slots] - starts, counts) + np.arange(counts.sum(), dtype=np.int64)
        return rows, starts
