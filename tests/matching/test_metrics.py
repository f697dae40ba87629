"""Metrics against numbers worked out by hand."""

from math import log2

import pytest

from matching.metrics import measure

GRADES = {"n1": {"a": 3, "b": 2, "c": 0}, "n2": {"a": 1, "b": 0}}


def test_ndcg_recall_mrr_and_judged_share_are_as_by_hand() -> None:
    # c first, then an unjudged one, then a: b is not found.
    found = {"n1": {"c": 0.9, "x": 0.8, "a": 0.7}}
    only = {"n1": {"c": 0.9, "a": 0.7, "b": 0.1}}

    measured = measure(found, only, GRADES)

    ideal = 3 / log2(2) + 2 / log2(3)
    assert measured.ndcg == pytest.approx((3 / log2(4)) / ideal)
    assert measured.ndcg_judged == pytest.approx((3 / log2(3) + 2 / log2(4)) / ideal)
    assert measured.recall == pytest.approx(1 / 2)
    assert measured.mrr == pytest.approx(1 / 3)
    assert measured.judged == pytest.approx(2 / 3)


def test_needs_without_a_relevant_pair_are_left_out_and_unanswered_ones_count_as_nought() -> None:
    grades = {**GRADES, "n3": {"a": 2}}

    measured = measure({"n1": {"a": 1.0, "b": 0.5}}, {"n1": {"a": 1.0, "b": 0.5}}, grades)

    assert measured.ndcg == pytest.approx((1 + 0) / 2)
    assert measured.mrr == pytest.approx((1 + 0) / 2)


def test_only_the_first_ten_count_for_rank_and_recall() -> None:
    found = {"n1": {**{f"x{number}": 1 - number / 100 for number in range(10)}, "a": 0.1}}

    measured = measure(found, {}, GRADES)

    assert (measured.mrr, measured.recall, measured.judged) == (0, 0, 0)
