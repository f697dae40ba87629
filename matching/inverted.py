"""Inverted lists over slots: which slots hold a key, and how often."""

from array import array
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt

Slots = npt.NDArray[np.int32]
Mask = npt.NDArray[np.bool_]


class Holders(NamedTuple):
    """The slots that hold a key, ascending, and how often each does."""

    key: str
    slots: Slots
    counts: npt.NDArray[np.int32]


class InvertedLists:
    """For each key the slots that hold it, in the order in which they were added, which is ascending.

    Lists are only appended to: a slot that is given up stays in them, so whoever reads them leaves
    out dead slots by a mask.
    """

    def __init__(self) -> None:
        self._slots: dict[str, array[int]] = {}
        self._counts: dict[str, array[int]] = {}

    def add(self, slot: int, counts: Mapping[str, int]) -> None:
        for key, count in counts.items():
            self._slots.setdefault(key, array("i")).append(slot)
            self._counts.setdefault(key, array("i")).append(count)

    def get(self, key: str) -> tuple[Slots, npt.NDArray[np.int32]]:
        """Slots that hold ``key``, each once, and how often each does; both are copies."""
        return np.array(self._slots.get(key, ()), np.int32), np.array(self._counts.get(key, ()), np.int32)

    def mask(self, keys: Iterable[str], size: int) -> Mask:
        """Which of the first ``size`` slots hold any of ``keys``."""
        found = np.zeros(size, np.bool_)
        for key in keys:
            found[self.get(key)[0]] = True
        return found

    def copied(self, renumbered: Slots) -> Iterator[Holders]:
        """Each list with every slot as ``renumbered[slot]``, without those that are −1 there or beyond its end.

        Slots may be added meanwhile.
        """
        for key, held in self._slots.copy().items():
            # One step of the interpreter: nobody appends to the array while it is copied.
            slots = np.frombuffer(held.tobytes(), np.int32)
            slots = slots[: np.searchsorted(slots, len(renumbered))]
            counts = np.frombuffer(self._counts[key].tobytes(), np.int32)[: len(slots)]
            moved = renumbered[slots]
            kept = moved >= 0
            if kept.any():
                yield Holders(key, moved[kept], counts[kept])

    @classmethod
    def of(cls, holders: Iterable[Holders]) -> Self:
        """Put together what ``copied`` gave."""
        lists = cls()
        for key, slots, counts in holders:
            lists._slots[key] = array("i", slots.tobytes())
            lists._counts[key] = array("i", counts.tobytes())
        return lists
