"""Facts of pairs are compared all at once, as one by one they would be."""

from datetime import date
from typing import Any

import numpy as np
import pytest

from matching.facts import NOTHING, RECORD, compare, freshness, record, stated

TODAY = date(2026, 11, 23)


def test_many_are_compared_as_each_alone() -> None:
    need = record(
        modes=0b101, domains=0b1, items=0b1, near=0b10, money=(None, 100), trl=(5, 9), region=["65", "6531"]
    )
    offers = [
        NOTHING,
        record(modes=0b100, domains=0b1, items=0b1, money=(100, 200), trl=(4, 5), region=["65", "6531"]),
        record(modes=0b010, domains=0b10, money=(101, None), trl=(1, 4), region=["65", "6590"]),
        record(domains=0b100, region=["44"]),
    ]

    together = compare(need, np.array(offers, RECORD))

    for place, offer in enumerate(offers):
        alone = compare(need, offer)
        for name, values in together.items():
            assert values[place] == pytest.approx(float(alone[name]), nan_ok=True), name
    assert together["domain"].tolist() == pytest.approx([np.nan, 1, 0.4, 0], nan_ok=True)
    assert together["money"].tolist() == pytest.approx([np.nan, 1, 0, np.nan], nan_ok=True)
    assert together["maturity"].tolist() == pytest.approx([np.nan, 1, 0, np.nan], nan_ok=True)
    assert together["region"].tolist() == pytest.approx([np.nan, 1, 0.5, 0], nan_ok=True)


@pytest.mark.parametrize(
    ("facts", "says"),
    [
        (NOTHING, False),
        (record(domains=1, region=["65"], completeness=1), False),
        (record(modes=1), True),
        (record(money=(None, 5)), True),
        (record(trl=(3, None)), True),
        (record(wishes=True), True),
    ],
)
def test_what_counts_as_asking_something_of_the_other_side(facts: Any, says: bool) -> None:
    assert bool(stated(facts)) is says


def test_freshness_halves_every_two_years_and_is_unknown_without_a_day() -> None:
    days = [TODAY, date(2024, 11, 23), date(2022, 11, 24), date(2027, 1, 1)]
    facts = np.array([*(record(day=day) for day in days), NOTHING], RECORD)

    assert freshness(facts, TODAY).tolist() == pytest.approx([1, 0.5, 0.25, 1, np.nan], abs=0.01, nan_ok=True)
