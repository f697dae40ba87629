"""What an index holds of each posting, over one numbering of slots."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Self
from uuid import UUID

import numpy as np
import numpy.typing as npt

from matching.facts import NOTHING, RECORD
from matching.inverted import InvertedLists, Mask, Slots
from matching.lexical import Words
from matching.passages import Passages

Vector = npt.NDArray[np.float32]
Labels = Mapping[str, Iterable[str]]


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


@dataclass
class Content:
    """Everything by slot. What is removed leaves a dead slot behind, until ``compacted`` numbers the rest anew."""

    passages: Passages
    words: Words = field(default_factory=Words)
    labels: InvertedLists = field(default_factory=InvertedLists)
    ids: list[UUID] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    live: Mask = field(default_factory=lambda: np.zeros(0, np.bool_))
    facts: npt.NDArray[np.void] = field(default_factory=lambda: np.zeros(0, RECORD))
    wishes: dict[int, npt.NDArray[np.float16]] = field(default_factory=dict)
    slot_of: dict[UUID, int] = field(default_factory=dict)

    def allowed(self, filters: Labels) -> Mask:
        """Which live slots have at least one of the values for each name."""
        allowed = self.live.copy()
        for name, values in filters.items():
            allowed &= self.labels.mask((f"{name}:{value}" for value in values), len(allowed))
        return allowed

    def append(self, entries: Sequence[Entry]) -> None:
        """Add new slots. Raises ``ValueError`` for vectors of another shape or not of unit length, and adds none."""
        first = len(self.ids)
        # First, since it refuses what is no unit vector.
        self.passages.append(first, [np.atleast_2d(entry.vectors).astype(np.float32) for entry in entries])
        self.remove(entry.id for entry in entries)
        self.live = np.append(self.live, np.ones(len(entries), np.bool_))
        self.facts = np.append(self.facts, np.array([entry.facts for entry in entries], RECORD))
        self.words.append(first, [entry.terms for entry in entries])
        for slot, entry in enumerate(entries, first):
            self.ids.append(entry.id)
            self.groups.append(entry.group)
            self.slot_of[entry.id] = slot
            if entry.wish is not None:
                self.wishes[slot] = entry.wish.astype(np.float16)
            self.labels.add(
                slot, {f"{name}:{value}": 1 for name, values in entry.labels.items() for value in values}
            )

    def remove(self, posting_ids: Iterable[UUID]) -> None:
        """Give up their slots; ids that are not there are passed over."""
        for posting_id in posting_ids:
            slot = self.slot_of.pop(posting_id, None)
            if slot is not None:
                self.live[slot] = False
                self.wishes.pop(slot, None)

    def frozen(self) -> Self:
        """All of it as it is now, for ``compacted`` and for files, while this one changes; it is no copy.

        What is only added to is shared, and whatever lies beyond the end of ``live`` came later.
        """
        return replace(self, live=self.live.copy(), wishes=self.wishes.copy(), slot_of={})

    def numbering(self) -> tuple[Slots, Slots]:
        """The live slots; and for each slot which of them it is, −1 for a dead one."""
        kept = np.flatnonzero(self.live).astype(np.int32)
        renumbered = np.full(len(self.live), -1, np.int32)
        renumbered[kept] = np.arange(len(kept), dtype=np.int32)
        return kept, renumbered

    def compacted(self) -> Self:
        """The same without dead slots, as arrays of its own."""
        kept, renumbered = self.numbering()
        counts = self.passages.counts(len(self.live))[kept]
        ids = [self.ids[slot] for slot in kept]
        return replace(
            self,
            passages=Passages.of(self.passages.dim, counts, self.passages.copied(self.live)),
            words=Words.of(self.words.lengths(kept), self.words.copied(renumbered)),
            labels=InvertedLists.of(self.labels.copied(renumbered)),
            ids=ids,
            groups=[self.groups[slot] for slot in kept],
            live=np.ones(len(kept), np.bool_),
            facts=self.facts[kept],
            wishes={int(renumbered[slot]): wish for slot, wish in self.wishes.items()},
            slot_of={posting_id: slot for slot, posting_id in enumerate(ids)},
        )
