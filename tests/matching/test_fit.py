"""Conditions: met, not met, or unknown."""

import pytest

from matching.fit import Condition, Terms, conditions


def only(need: Terms, capability: Terms) -> Condition:
    (found,) = conditions(need, capability)
    return found


def test_what_neither_side_states_is_no_condition() -> None:
    assert conditions(Terms(), Terms()) == []


def test_what_one_side_states_is_unknown_and_neither_met_nor_missed() -> None:
    assert only(Terms(cooperation_modes=["license"]), Terms()) == Condition("cooperation_modes", None)
    assert only(Terms(), Terms(money=(100, 200))) == Condition("money", None)


def test_modes_meet_in_what_both_name() -> None:
    found = only(Terms(cooperation_modes=["license", "joint"]), Terms(cooperation_modes=["joint", "equity"]))

    assert found == Condition("cooperation_modes", True, ("joint",))


def test_modes_that_differ_are_not_met() -> None:
    assert only(Terms(cooperation_modes=["license"]), Terms(cooperation_modes=["equity"])).ok is False


@pytest.mark.parametrize(
    ("budget", "price", "ok"),
    [
        ((50, 100), (80, 300), True),
        ((50, 100), (100, None), True),
        ((50, 100), (101, None), False),
        ((50, None), (1_000, 2_000), None),
        ((50, 100), (None, 90), None),
        ((None, None), (None, None), "silent"),
    ],
)
def test_a_price_meets_a_budget_when_it_begins_within_it(
    budget: tuple[int | None, int | None], price: tuple[int | None, int | None], ok: object
) -> None:
    found = conditions(Terms(money=budget), Terms(money=price))

    assert [one.ok for one in found] == ([] if ok == "silent" else [ok])


@pytest.mark.parametrize(("asked", "offered", "ok"), [((6, 9), (4, 7), True), ((6, 9), (2, 5), False)])
def test_maturity_must_reach_what_is_asked(
    asked: tuple[int, int], offered: tuple[int, int], ok: bool
) -> None:
    assert only(Terms(trl=asked), Terms(trl=offered)).ok is ok
