"""Metrics against numbers worked out by hand."""

from itertools import product
from math import isnan, log2

import pytest

from matching.metrics import auc, measure

GRADES = {"n1": {"a": 3, "b": 2, "c": 0}, "n2": {"a": 1, "b": 0}}


def test_ndcg_recall_mrr_and_judged_share_are_as_by_hand() -> None:
    # c first, then an unjudged one, then a: b is not found.
    found = {"n1": {"c": 0.9, "x": 0.8, "a": 0.7}}
    only = {"n1": {"c": 0.9, "a": 0.7, "b": 0.1}}

    measured = measure(found, only, GRADES)

    ideal = 3 / log2(2) + 2 / log2(3)
    assert measured.ndcg == pytest.approx((3 / log2(4)) / ideal)
    assert measured.ndcg_judged == pytest.approx((3 / log2(3) + 2 / log2(4)) / ideal)
    assert measured.recall_10 == pytest.approx(1 / 2)
    assert measured.mrr == pytest.approx(1 / 3)
    assert measured.judged == pytest.approx(2 / 3)


def test_needs_without_a_relevant_pair_are_left_out_and_unanswered_ones_count_as_nought() -> None:
    grades = {**GRADES, "n3": {"a": 2}}

    measured = measure({"n1": {"a": 1.0, "b": 0.5}}, {"n1": {"a": 1.0, "b": 0.5}}, grades)

    assert measured.queries == ["n1", "n3"]
    assert measured.each["ndcg"].tolist() == [1, 0]
    assert measured.ndcg == pytest.approx((1 + 0) / 2)


def test_only_the_first_ten_count_for_rank_and_recall_at_ten() -> None:
    found = {"n1": {**{f"x{number}": 1 - number / 100 for number in range(10)}, "a": 0.1}}

    measured = measure(found, {}, GRADES)

    assert (measured.mrr, measured.recall_10, measured.judged) == (0, 0, 0)


def test_the_tenth_still_counts_for_rank() -> None:
    found = {"n1": {**{f"x{number}": 1 - number / 100 for number in range(9)}, "a": 0.1}}

    measured = measure(found, {}, GRADES)

    assert measured.mrr == pytest.approx(1 / 10)


def test_recall_at_a_hundred_counts_the_hundredth_and_no_further() -> None:
    others = {f"x{number}": 1 - number / 1000 for number in range(99)}

    measured = measure({"n1": {**others, "a": 0.1, "b": 0.05}}, {}, GRADES)

    assert measured.recall_100 == pytest.approx(1 / 2)


def test_of_equal_scores_the_same_ten_count_for_every_measure() -> None:
    # trec_eval puts the greater name first: x2 … x9, x11, x10, of which none was judged.
    found = {"n1": {"a": 0.5, **{f"x{number}": 0.5 for number in range(2, 12)}}}

    measured = measure(found, {}, GRADES)

    assert (measured.ndcg, measured.judged) == (0, 0)


def test_a_set_without_any_relevant_pair_is_refused() -> None:
    grades = {"n2": {"a": 1}}

    with pytest.raises(ValueError, match="grade 2"):
        measure({}, {}, grades)


def test_auc_is_the_share_of_comparisons_that_the_relevant_pair_wins() -> None:
    relevant, others = [0.9, 0.8, 0.3], [0.8, 0.8, 0.2, 0.2]

    area = auc([*relevant, *others], [True] * 3 + [False] * 4)

    wins = [(one > other) + (one == other) / 2 for one, other in product(relevant, others)]
    assert area == pytest.approx(sum(wins) / 12)


def test_auc_of_one_kind_only_is_not_a_number() -> None:
    relevant = [True, True]

    area = auc([0.1, 0.2], relevant)

    assert isnan(area)


def test_pairs_of_all_needs_count_for_auc_even_of_needs_without_a_relevant_one() -> None:
    only = {"n1": {"a": 0.9, "b": 0.4, "c": 0.1}, "n2": {"a": 0.5, "b": 0.2}}

    measured = measure({}, only, GRADES)

    # Of six comparisons, b of n1 (0.4) loses against a of n2 (0.5).
    assert measured.auc == pytest.approx(5 / 6)
