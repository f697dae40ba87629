"""BM25 over slots: which postings hold a query's words, exactly, whatever was put in and taken out."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from heapq import nlargest
from typing import Self

import numpy as np
import numpy.typing as npt

from matching.inverted import Holders, InvertedLists, Mask, Slots

Scores = npt.NDArray[np.float32]

# As in Robertson & Zaragoza 2009, with the usual constants.
_K1, _B = 1.5, 0.75


class Words:
    """The words of every slot. Which slots are live is the caller's to say, and is asked for each time."""

    def __init__(self) -> None:
        self._lists = InvertedLists()
        self._lengths = np.zeros(0, np.int32)

    def append(self, first: int, texts: Sequence[Sequence[str]]) -> None:
        """Add the words of new slots, numbered from ``first`` on."""
        self._lengths = np.append(self._lengths, np.array([len(words) for words in texts], np.int32))
        for slot, words in enumerate(texts, first):
            self._lists.add(slot, Counter(words))

    def rarity(self, word: str, live: Mask) -> float:
        """Inverse document frequency, above nought; highest for a word that no live slot has."""
        slots, _ = self._lists.get(word)
        return _rarity(int(np.count_nonzero(live[slots])), int(live.sum()))

    def scores(self, weights: Mapping[str, float], live: Mask) -> Scores:
        """Each live slot's BM25 over the best there is: 0 to 1. NaN throughout where no live slot has a word.

        Relative to the best, since how much of a query's weight can be found at all varies tenfold with
        how long it is. A slot that has but one common word of many does not become the best by being alone:
        what the two heaviest words would give an average text is the least that counts as best.
        """
        there = int(live.sum())
        found = np.zeros(len(self._lengths), np.float32)
        average = float(self._lengths[live].mean()) if there else 1.0
        norms = (_K1 * (1 - _B + _B * self._lengths / max(average, 1e-9))).astype(np.float32)
        most: list[float] = []
        for word, weight in weights.items():
            slots, counts = self._lists.get(word)
            slots = slots.astype(np.intp)  # Once, instead of at each use.
            # Where all are live, to find that out slot by slot would cost as much as scoring them.
            holders = len(slots) if there == len(live) else int(np.count_nonzero(live[slots]))
            most.append(weight * _rarity(holders, there))
            shares = counts.astype(np.float32)
            shares /= shares + norms[slots]
            shares *= np.float32(most[-1] * (_K1 + 1))
            found[slots] += shares
        best = float(found[live].max(initial=0.0))
        least = sum(nlargest(2, most))
        return found / np.float32(max(best, least)) if best > 0 else np.full_like(found, np.nan)

    def lengths(self, slots: Slots) -> npt.NDArray[np.int32]:
        """How many words each of ``slots`` has."""
        lengths: npt.NDArray[np.int32] = self._lengths[slots]
        return lengths

    def copied(self, renumbered: Slots) -> Iterator[Holders]:
        """As ``InvertedLists.copied``."""
        return self._lists.copied(renumbered)

    @classmethod
    def of(cls, lengths: npt.NDArray[np.int32], holders: Iterable[Holders]) -> Self:
        """Put together what ``lengths`` and ``copied`` gave."""
        words = cls()
        words._lengths = lengths
        words._lists = InvertedLists.of(holders)
        return words

    def __len__(self) -> int:
        return len(self._lengths)


def _rarity(holders: int, there: int) -> float:
    return float(np.log1p((there - holders + 0.5) / (holders + 0.5)))
