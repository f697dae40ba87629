"""Inverted lists over slots: which slots hold a key, and how often."""

from array import array
from collections.abc import Iterable, Mapping
from typing import Any, Self

import numpy as np
import numpy.typing as npt

Slots = npt.NDArray[np.int32]
Mask = npt.NDArray[np.bool_]

_NONE = np.zeros(0, np.int32)


class InvertedLists:
    """For each key the slots that hold it, in the order in which they were added.

    Lists are only appended to: a slot that is given up stays in them until ``keep`` is called,
    so whoever reads them leaves out dead slots by a mask.
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

    def dump(self) -> dict[str, npt.NDArray[Any]]:
        """All of it as four arrays: keys, where each key's list ends, slots, counts."""
        lists = [self.get(key) for key in self._slots]
        return {
            "keys": np.array(list(self._slots), dtype=np.str_),
            "ends": np.cumsum([len(slots) for slots, _ in lists], dtype=np.int64),
            "slots": np.concatenate([_NONE, *(slots for slots, _ in lists)]),
            "counts": np.concatenate([_NONE, *(counts for _, counts in lists)]),
        }

    @classmethod
    def load(cls, dumped: Mapping[str, npt.NDArray[Any]]) -> Self:
        lists = cls()
        start = 0
        for key, end in zip(dumped["keys"].tolist(), dumped["ends"].tolist(), strict=True):
            lists._slots[key] = array("i", dumped["slots"][start:end].tolist())
            lists._counts[key] = array("i", dumped["counts"][start:end].tolist())
            start = end
        return lists

    def keep(self, renumbered: Slots) -> None:
        """Move every slot to ``renumbered[slot]``; −1 drops it."""
        for key in list(self._slots):
            slots, counts = self.get(key)
            moved = renumbered[slots]
            kept = moved >= 0
            if kept.any():
                self._slots[key] = array("i", moved[kept].tolist())
                self._counts[key] = array("i", counts[kept].tolist())
            else:
                del self._slots[key], self._counts[key]
