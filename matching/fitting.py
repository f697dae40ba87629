"""Fitting the score's weights on judged pairs: logistic regression towards what is believed beforehand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import expit

from matching.score import SIGNALS, TEXT_SIGNALS, Weight

Values = npt.NDArray[np.float64]

#: What each signal is believed to be worth where no judged pair tells: our own judgement, which ``fit`` starts
#: from and leaves only as far as pairs that carry the signal say otherwise.
BELIEVED: Mapping[str, Weight] = {
    "dense": Weight(weight=0, middle=0.2, spread=0.1, learned=False),
    "words": Weight(weight=0, middle=0.3, spread=0.25, learned=False),
    "domain": Weight(weight=1.0, middle=0.5, spread=0.35, learned=False),
    "cooperation_modes": Weight(weight=0.6, middle=0.5, spread=0.5, learned=False),
    "maturity": Weight(weight=0.6, middle=0.5, spread=0.5, learned=False),
    "money": Weight(weight=0.6, middle=0.5, spread=0.5, learned=False),
    "region": Weight(weight=0.3, middle=0.5, spread=0.4, learned=False),
    "wish": Weight(weight=3.0, middle=0.2, spread=0.1, learned=False),
    "freshness": Weight(weight=0.3, middle=0.5, spread=0.3, learned=False),
    "completeness": Weight(weight=0.3, middle=0.5, spread=0.25, learned=False),
}

# How strongly a weight is held to what was believed, per standard deviation of its signal. The texts' weights
# come from thousands of pairs, and are held only as far as keeps them finite.
_HELD, _HELD_TEXT = 10.0, 1.0


@dataclass(frozen=True)
class Pairs:
    """Judged pairs of one set. values: shape (pairs, len(SIGNALS)), NaN for unknown; relevant: shape (pairs,)."""

    values: Values
    relevant: npt.NDArray[np.bool_]


def fit(sets: Sequence[Pairs]) -> tuple[float, dict[str, Weight]]:
    """Bias and weights. Every set counts alike, however many pairs it has."""
    values = np.concatenate([one.values for one in sets])
    relevant = np.concatenate([one.relevant for one in sets])
    shares = np.concatenate(
        [np.full(len(one.relevant), len(relevant) / len(sets) / len(one.relevant)) for one in sets]
    )
    known = ~np.isnan(values)
    middles, spreads, believed = (
        np.array([getattr(BELIEVED[name], part) for name in SIGNALS])
        for part in ("middle", "spread", "weight")
    )
    learned = np.zeros(len(SIGNALS), np.bool_)
    for place in range(len(SIGNALS)):
        column = values[known[:, place], place]
        # A signal that hardly any pair carries, or that is the same in all, teaches nothing.
        learned[place] = len(column) > 0.01 * len(values) and column.std() > 1e-6
        if learned[place]:
            middles[place], spreads[place] = column.mean(), column.std()
    scaled = np.where(known, (values - middles) / spreads, 0)
    held = np.array([_HELD_TEXT if name in TEXT_SIGNALS else _HELD for name in SIGNALS])
    aims = believed * spreads

    def loss(found: Values) -> tuple[float, Values]:
        weights, bias = found[:-1], found[-1]
        odds = scaled @ weights + bias
        off = weights - aims
        value = shares @ (np.logaddexp(0, odds) - relevant * odds) + held @ off**2 / 2
        slope = shares * (expit(odds) - relevant)
        return float(value), np.append(slope @ scaled + held * off, slope.sum())

    found = minimize(loss, np.append(aims, 0.0), jac=True, method="L-BFGS-B").x
    weights = {
        name: Weight(
            weight=round(float(found[place] / spreads[place]), 4),
            middle=round(float(middles[place]), 4),
            spread=round(float(spreads[place]), 4),
            learned=bool(learned[place]),
        )
        for place, name in enumerate(SIGNALS)
    }
    return round(float(found[-1]), 4), weights


def folds_of(keys: Sequence[str], count: int, seed: int = 0) -> npt.NDArray[np.int64]:
    """Which fold each key is in. Equal keys, as of one need in two sets, are in the same fold."""
    names = sorted(set(keys))
    places = np.random.default_rng(seed).permutation(len(names)) % count
    fold_of = dict(zip(names, places.tolist(), strict=True))
    return np.array([fold_of[key] for key in keys], np.int64)
