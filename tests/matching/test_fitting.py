"""The fit finds what made the pairs, and leaves alone what they do not tell."""

import numpy as np
import pytest

from matching.fitting import BELIEVED, Pairs, fit, folds_of
from matching.score import SIGNALS


def pairs(rng: np.random.Generator, count: int, *, dense: float, words: float, bias: float) -> Pairs:
    """Pairs whose relevance was drawn from known weights; of all else nothing is known."""
    values = np.full((count, len(SIGNALS)), np.nan)
    values[:, SIGNALS.index("dense")] = rng.normal(0.3, 0.15, count)
    values[:, SIGNALS.index("words")] = rng.uniform(0, 1, count)
    odds = dense * values[:, SIGNALS.index("dense")] + words * values[:, SIGNALS.index("words")] + bias
    return Pairs(values, rng.uniform(size=count) < 1 / (1 + np.exp(-odds)))


def test_the_weights_that_made_the_pairs_are_found() -> None:
    rng = np.random.default_rng(1)
    made = pairs(rng, 40_000, dense=8, words=1.5, bias=-4)

    bias, weights = fit([made])

    assert weights["dense"].weight == pytest.approx(8, rel=0.05)
    assert weights["words"].weight == pytest.approx(1.5, rel=0.1)
    at_nought = bias - sum(weights[name].weight * weights[name].middle for name in ("dense", "words"))
    assert at_nought == pytest.approx(-4, rel=0.1)


def test_what_no_pair_carries_keeps_what_was_believed() -> None:
    _, weights = fit([pairs(np.random.default_rng(2), 500, dense=8, words=1, bias=-3)])

    assert weights["money"] == BELIEVED["money"]
    assert not weights["money"].learned
    assert weights["dense"].learned


def test_what_pairs_carry_is_learned() -> None:
    rng = np.random.default_rng(3)
    made = pairs(rng, 4_000, dense=8, words=1, bias=-3)
    met = rng.integers(0, 2, 4_000)
    made.values[:, SIGNALS.index("money")] = met
    contrary = Pairs(made.values, np.where(met == 1, False, made.relevant))

    _, weights = fit([contrary])

    assert weights["money"].weight < 0
    assert weights["money"].learned


def test_a_small_set_counts_as_much_as_a_large_one() -> None:
    rng = np.random.default_rng(4)
    large, small = (
        pairs(rng, count, dense=0.1, words=0.1, bias=bias) for count, bias in ((9_000, -3), (900, 3))
    )

    bias, _ = fit([large, small])

    assert abs(bias) < 0.3


def test_equal_needs_share_a_fold_and_folds_are_of_like_size() -> None:
    keys = [f"需求{number % 50}" for number in range(150)]

    folds = folds_of(keys, 5)

    assert all(len({folds[place] for place, one in enumerate(keys) if one == key}) == 1 for key in keys)
    assert np.bincount(folds).tolist() == [30] * 5
