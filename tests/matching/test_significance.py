"""Intervals and tests against what can be worked out."""

from itertools import product

import numpy as np
import pytest

from matching.significance import interval, paired_p


def test_the_interval_holds_the_mean_and_narrows_with_more_needs() -> None:
    few = np.random.default_rng(1).normal(0.6, 0.2, 40)
    many = np.tile(few, 9)

    wide, narrow = interval(few), interval(many)

    assert wide.low < few.mean() < wide.high
    # Nine times as many needs, a third of the width.
    assert (narrow.high - narrow.low) / (wide.high - wide.low) == pytest.approx(1 / 3, rel=0.05)


def test_the_interval_of_a_normal_sample_is_about_two_standard_errors_to_either_side() -> None:
    each = np.random.default_rng(2).normal(0.5, 0.1, 200)

    found = interval(each)

    error = each.std(ddof=1) / np.sqrt(len(each))
    assert found.low == pytest.approx(each.mean() - 1.96 * error, abs=0.1 * error)
    assert found.high == pytest.approx(each.mean() + 1.96 * error, abs=0.1 * error)


def test_of_what_does_not_vary_the_interval_is_a_point() -> None:
    each = [0.7, 0.7, 0.7]

    found = interval(each)

    assert found == (0.7, 0.7)


def test_of_few_needs_every_way_to_exchange_the_rankings_is_tried() -> None:
    before, after = [0.1, 0.4, 0.5, 0.2, 0.9], [0.3, 0.5, 0.9, 0.1, 0.9]

    p = paired_p(before, after)

    differences = np.subtract(after, before)
    means = [(differences * signs).mean() for signs in product((1, -1), repeat=5)]
    as_large = sum(abs(mean) >= differences.mean() - 1e-12 for mean in means)
    assert p == pytest.approx(as_large / 32)


def test_of_many_needs_a_steady_gain_is_significant_and_a_wavering_one_is_not() -> None:
    noise = np.random.default_rng(3).normal(0, 0.1, 60)

    steady, wavering = paired_p(np.zeros(60), noise + 0.1), paired_p(np.zeros(60), noise - noise.mean())

    assert steady < 0.001
    assert wavering > 0.9


def test_which_of_the_two_came_first_does_not_matter() -> None:
    before, after = np.random.default_rng(4).random((2, 50))

    p = paired_p(before, after)

    assert p == pytest.approx(paired_p(after, before), abs=0.01)


def test_rankings_that_do_not_differ_have_a_p_of_one() -> None:
    each = [0.2] * 20

    p = paired_p(each, each)

    assert p == 1


def test_the_same_figures_come_out_again() -> None:
    before, after = np.random.default_rng(5).random((2, 50))

    again = (interval(after), paired_p(before, after))

    assert again == (interval(after), paired_p(before, after))
