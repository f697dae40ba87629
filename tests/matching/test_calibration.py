"""Calibration against what is known of scores that are made to be right or wrong."""

import numpy as np
import pytest

from matching.calibration import error_by_chance, expected_calibration_error, lowest_threshold, reliability


def test_the_error_is_the_distance_of_score_and_share_weighted_by_pairs() -> None:
    # Three pairs in one bin, of which a third is relevant, and one pair in another, which is not.
    scores, relevant = [0.61, 0.65, 0.69, 0.12], [True, False, False, False]

    error = expected_calibration_error(scores, relevant)

    assert error == pytest.approx((3 * abs(0.65 - 1 / 3) + 1 * 0.12) / 4)


def test_errors_to_either_side_do_not_make_up_for_each_other_across_bins() -> None:
    scores, relevant = [0.25] * 10 + [0.75] * 10, [True] * 5 + [False] * 5 + [True] * 5 + [False] * 5

    error = expected_calibration_error(scores, relevant)

    assert error == pytest.approx(0.25)


def test_bins_of_equal_count_divide_where_scores_are_dense() -> None:
    # All in the lowest tenth, where one bin of equal width sees an error of nought.
    scores = np.linspace(0, 0.0999, 1000)
    relevant = np.arange(1000) % 20 == 0
    upside_down = np.where(np.arange(1000) < 500, relevant & (scores < 0), np.arange(1000) % 10 == 0)

    error = expected_calibration_error(scores, upside_down)
    by_count = expected_calibration_error(scores, upside_down, equal_count=True)

    assert error < 0.001
    assert by_count > 0.02


def test_a_score_of_one_is_in_the_highest_bin() -> None:
    scores = [1.0, 0.95]

    bins = reliability(scores, [True, True])

    assert [(one.low, one.high, one.count) for one in bins] == [(0.9, 1.0, 2)]


def test_a_bin_tells_its_pairs_their_share_and_its_wilson_interval() -> None:
    scores = [0.2] * 10

    (only,) = reliability(scores, [True] * 2 + [False] * 8)

    assert (only.count, only.share) == (10, 0.2)
    assert only.score == pytest.approx(0.2)
    # Wilson 1927, for 2 of 10.
    assert only.share_low == pytest.approx(0.0567, abs=1e-4)
    assert only.share_high == pytest.approx(0.5098, abs=1e-4)


def test_bins_of_equal_count_hold_equally_many_pairs() -> None:
    scores = np.random.default_rng(1).random(500) ** 3

    bins = reliability(scores, scores > 0.5, equal_count=True)

    assert [one.count for one in bins] == [50] * 10


def test_chance_alone_makes_an_error_that_grows_as_pairs_get_fewer() -> None:
    numbers = np.random.default_rng(2)
    scores = numbers.random(2000)

    (few, _), (many, many_high) = error_by_chance(scores[:100]), error_by_chance(scores)

    right = expected_calibration_error(scores, numbers.random(2000) < scores)
    assert few > 3 * many
    assert right < many_high < 0.04


def test_the_threshold_is_the_lowest_from_which_on_precision_is_reached() -> None:
    scores = [0.9, 0.8, 0.7, 0.6, 0.5]
    relevant = [True, False, True, True, False]

    threshold = lowest_threshold(scores, relevant, 0.75)

    assert threshold == 0.6


def test_pairs_of_one_score_are_taken_in_together() -> None:
    scores = [0.9, 0.8, 0.8, 0.8]
    relevant = [True, True, False, False]

    threshold = lowest_threshold(scores, relevant, 0.9)

    assert threshold == 0.9


def test_there_is_no_threshold_for_a_precision_that_is_never_reached() -> None:
    relevant = [False, True]

    threshold = lowest_threshold([0.9, 0.8], relevant, 0.6)

    assert threshold is None


@pytest.mark.parametrize(
    ("scores", "relevant"), [([], []), ([0.5], [True, False]), ([1.5], [True]), ([float("nan")], [True])]
)
def test_what_cannot_be_judged_is_refused(scores: list[float], relevant: list[bool]) -> None:
    with pytest.raises(ValueError, match=r"one for each|0 to 1"):
        expected_calibration_error(scores, relevant)
