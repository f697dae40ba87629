"""Two encoders on the same needs: nDCG@10 of each need by vectors alone, and how sure the difference is."""

import hashlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from matching.index import Query
from matching.metrics import measure
from matching.significance import interval
from schemas.need import Need
from schemas.vocabulary import Side
from service.learning.encoder_card import Difference
from service.learning.judged import IndexedSet

Figures = npt.NDArray[np.float64]

_DEPTH = 200


def is_held_back(need: Need, share: float) -> bool:
    """By the need's title, so that no later training sees what an earlier one was measured with.

    Not by its id: two folders may hold one need under two ids.
    """
    drawn = int(hashlib.sha256(need.title.encode()).hexdigest()[:8], 16) / 0x1_0000_0000
    return drawn < share


def nearest(indexed: IndexedSet, need: str, among: Sequence[str] | None = None) -> dict[str, float]:
    """Capabilities by how near their vectors are, the nearest first: of those given, or of all."""
    query = Query(indexed.asking[need].query.vectors, {})
    index = indexed.serving.side(Side.capabilities)
    if among is None:
        found = index.search(query, k=_DEPTH)
    else:
        found = index.signals(query, [indexed.id_of(key) for key in among])
    scored = {indexed.key_of[one]: float(near) for one, near in zip(found.ids, found.dense, strict=True)}
    return dict(sorted(scored.items(), key=lambda pair: -pair[1]))


def ndcg_of_each(indexed: IndexedSet, needs: Sequence[str]) -> Figures:
    """Shape (needs, 2): over judged capabilities only, and over all. Each need must have an answer."""
    if not needs:
        return np.zeros((0, 2))
    grades = {need: indexed.judged.grades[need] for need in needs}
    found = {need: nearest(indexed, need) for need in needs}
    judged = {need: nearest(indexed, need, list(grades[need])) for need in needs}
    each = measure(found, judged, grades).each
    return np.column_stack([each["ndcg_judged"], each["ndcg"]])


def mean_difference(each: Figures) -> Difference:
    """Of differences, one a need."""
    low, high = interval(each)
    return Difference(mean=float(each.mean()), low=low, high=high)
