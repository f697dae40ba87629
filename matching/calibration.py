"""Whether a score means what it says: of pairs scored 0.8, are 80 % relevant?

The headline is the expected calibration error over ten bins of equal width (Naeini et al. 2015): its bins
are the scores that people see, which is what the question is about, and other work reports it. Where most
scores are low its upper bins hold few pairs; bins of equal count are the check beside it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import binomtest

_BINS = 10
_DRAWS = 1_000

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Bin:
    """Pairs whose scores lie from ``low`` to ``high``: how many, their mean score, the share of them that is
    relevant, and its 95 % Wilson interval, as if pairs of one need were independent.
    """

    low: float
    high: float
    count: int
    score: float
    share: float
    share_low: float
    share_high: float


def expected_calibration_error(
    scores: npt.ArrayLike, relevant: npt.ArrayLike, *, equal_count: bool = False
) -> float:
    """Mean distance of mean score and relevant share over ten bins, weighted by the pairs in each."""
    values, yes = _checked(scores, relevant)
    return float(_errors(values, yes.astype(np.float64)[np.newaxis], _places(values, equal_count))[0])


def error_by_chance(scores: npt.ArrayLike, *, equal_count: bool = False) -> tuple[float, float]:
    """Which error a perfectly calibrated score would show on so many pairs: its mean, and its 95th percentile.

    Few pairs in a bin err by luck alone, so an error is read beside this.
    """
    values, _ = _checked(scores, np.zeros(np.shape(scores), np.bool_))
    draws = np.random.default_rng(0).random((_DRAWS, len(values))) < values
    errors = _errors(values, draws.astype(np.float64), _places(values, equal_count))
    return float(errors.mean()), float(np.quantile(errors, 0.95))


def reliability(scores: npt.ArrayLike, relevant: npt.ArrayLike, *, equal_count: bool = False) -> list[Bin]:
    """The bins that hold pairs, from the lowest scores up."""
    values, yes = _checked(scores, relevant)
    places = _places(values, equal_count)
    bins = []
    for place in np.unique(places):
        inside, hits = values[places == place], int(yes[places == place].sum())
        wilson = binomtest(hits, len(inside)).proportion_ci(method="wilson")
        low, high = (inside.min(), inside.max()) if equal_count else (place / _BINS, (place + 1) / _BINS)
        bins.append(
            Bin(
                low=float(low),
                high=float(high),
                count=len(inside),
                score=float(inside.mean()),
                share=hits / len(inside),
                share_low=float(wilson.low),
                share_high=float(wilson.high),
            )
        )
    return bins


def lowest_threshold(scores: npt.ArrayLike, relevant: npt.ArrayLike, precision: float) -> float | None:
    """The lowest score from which on at least ``precision`` of the pairs are relevant; None if there is none."""
    values, yes = _checked(scores, relevant)
    order = np.argsort(-values)
    ranked = values[order]
    precisions = np.cumsum(yes[order]) / np.arange(1, len(ranked) + 1)
    # A threshold takes in all pairs of one score, so only the last of equals can stand for it.
    last = np.append(ranked[1:] != ranked[:-1], True)
    reached: Sequence[int] = np.flatnonzero(last & (precisions >= precision)).tolist()
    return float(ranked[reached[-1]]) if reached else None


def _checked(scores: npt.ArrayLike, relevant: npt.ArrayLike) -> tuple[Floats, npt.NDArray[np.bool_]]:
    values, yes = np.asarray(scores, np.float64), np.asarray(relevant, np.bool_)
    if not len(values) or values.shape != yes.shape:
        raise ValueError(f"{values.shape} scores and {yes.shape} judgements; one for each is needed.")
    if not ((values >= 0) & (values <= 1)).all():
        raise ValueError("Scores must lie from 0 to 1.")
    return values, yes


def _places(scores: Floats, equal_count: bool) -> npt.NDArray[np.int64]:
    """The bin of each score. With equal counts, equal scores share a bin, so counts may differ by ties."""
    if not equal_count:
        return np.minimum((scores * _BINS).astype(np.int64), _BINS - 1)
    edges = np.quantile(scores, np.arange(1, _BINS) / _BINS)
    return np.searchsorted(edges, scores)


def _errors(scores: Floats, hits: Floats, places: npt.NDArray[np.int64]) -> Floats:
    """For each row of ``hits``, shape (rows, pairs): the sum of |score − hits| over bins, over all pairs."""
    total = np.zeros(len(hits))
    for place in np.unique(places):
        inside = places == place
        total += np.abs(scores[inside].sum() - hits[:, inside].sum(axis=1))
    return total / len(scores)
