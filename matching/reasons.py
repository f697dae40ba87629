"""Why two postings met: the closest pair of sentences, and the words they share."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Span = tuple[int, int]


@dataclass(frozen=True)
class Sentences:
    """A text, where its sentences stand in it, and their vectors, shape (len(spans), dim), unit length."""

    text: str
    spans: Sequence[Span]
    vectors: npt.NDArray[np.float32]


@dataclass(frozen=True)
class SentencePair:
    """Spans in the two texts, and the cosine of what stands there."""

    need: Span
    capability: Span
    similarity: float


def closest_sentences(need: Sentences, capability: Sentences) -> SentencePair | None:
    """The pair with the highest cosine; of equals, the one that stands first. None where a side has none."""
    if not len(need.spans) or not len(capability.spans):
        return None
    cosines = need.vectors @ capability.vectors.T
    row, column = divmod(int(np.argmax(cosines)), cosines.shape[1])
    return SentencePair(need.spans[row], capability.spans[column], float(cosines[row, column]))


def shared_terms(
    need: Sequence[str], capability: Sequence[str], rarity: Callable[[str], float], most: int = 8
) -> list[str]:
    """Words that both use, the rarest first; of equally rare ones, in the order of the need."""
    theirs = set(capability)
    shared = [term for term in dict.fromkeys(need) if term in theirs]
    return sorted(shared, key=lambda term: -rarity(term))[:most]
