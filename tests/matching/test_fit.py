"""Conditions: met, not met, or unknown."""

from datetime import date

import pytest

from matching.fit import Condition, Terms, conditions

TODAY = date(2027, 5, 1)


def only(need: Terms, capability: Terms) -> Condition:
    (found,) = conditions(need, capability, TODAY)
    return found


def test_what_neither_side_states_is_no_condition() -> None:
    assert conditions(Terms(), Terms(), TODAY) == []


@pytest.mark.parametrize(
    ("field", "stated"),
    [
        ("cooperation_modes", Terms(cooperation_modes=["license"])),
        ("domain", Terms(domains=["fruit"])),
        ("money", Terms(money=(100, 200))),
        ("maturity", Terms(trl=(4, 6))),
        ("region", Terms(region=["65"])),
    ],
)
def test_what_one_side_states_is_unknown_and_the_other_is_named_as_silent(field: str, stated: Terms) -> None:
    by_need, by_capability = only(stated, Terms()), only(Terms(), stated)

    assert (by_need.field, by_need.state, by_need.silent) == (field, "unknown", "capability")
    assert (by_capability.field, by_capability.state, by_capability.silent) == (field, "unknown", "need")


def test_a_range_without_ends_states_nothing() -> None:
    assert conditions(Terms(money=(None, None)), Terms(money=(None, None)), TODAY) == []
    assert only(Terms(money=(1, 2)), Terms(money=(None, None))).silent == "capability"


def test_modes_meet_in_what_both_name() -> None:
    found = only(Terms(cooperation_modes=["license", "joint"]), Terms(cooperation_modes=["joint", "equity"]))

    assert found == Condition("cooperation_modes", "met", shared=("joint",))


def test_modes_that_differ_are_not_met() -> None:
    found = only(Terms(cooperation_modes=["license"]), Terms(cooperation_modes=["equity"]))

    assert found == Condition("cooperation_modes", "not_met")


FRUIT = Terms(domains=["fruit", "fruit.fruit_processing"], neighbours=["agri_processing"])


@pytest.mark.parametrize(
    ("other", "state", "closeness", "shared"),
    [
        (["fruit", "fruit.fruit_processing"], "met", "item", ("fruit.fruit_processing",)),
        (["fruit", "fruit.protected_agri"], "met", "domain", ("fruit",)),
        (["fruit"], "met", "domain", ("fruit",)),
        (["agri_processing"], "not_met", "related", ()),
        (["textile"], "not_met", "other", ()),
    ],
)
def test_domains_meet_in_an_item_or_a_domain_and_neighbours_are_told_as_such(
    other: list[str], state: str, closeness: str, shared: tuple[str, ...]
) -> None:
    from_need = only(FRUIT, Terms(domains=other))
    from_capability = only(Terms(domains=other), FRUIT)

    assert from_need == from_capability
    assert (from_need.state, from_need.closeness, from_need.shared) == (state, closeness, shared)


@pytest.mark.parametrize(
    ("budget", "price", "state"),
    [
        ((50, 100), (80, 300), "met"),
        ((50, 100), (100, None), "met"),
        ((50, 100), (101, None), "not_met"),
        ((50, None), (1_000, 2_000), "unknown"),
        ((50, 100), (None, 90), "unknown"),
    ],
)
def test_a_price_meets_a_budget_when_it_begins_within_it(
    budget: tuple[int | None, int | None], price: tuple[int | None, int | None], state: str
) -> None:
    found = only(Terms(money=budget), Terms(money=price))

    assert (found.state, found.silent) == (state, None)


@pytest.mark.parametrize(
    ("asked", "offered", "state"), [((6, 9), (4, 7), "met"), ((6, 9), (2, 5), "not_met")]
)
def test_maturity_must_reach_what_is_asked(
    asked: tuple[int, int], offered: tuple[int, int], state: str
) -> None:
    assert only(Terms(trl=asked), Terms(trl=offered)).state == state


@pytest.mark.parametrize(
    ("other", "state", "shared"),
    [
        (["65", "659003", "659003.44"], "met", ("659003",)),
        (["65", "6531"], "met", ("65",)),
        (["44"], "not_met", ()),
    ],
)
def test_regions_meet_in_the_narrowest_that_both_lie_in(
    other: list[str], state: str, shared: tuple[str, ...]
) -> None:
    found = only(Terms(region=["65", "659003"]), Terms(region=other))

    assert found == Condition("region", state, shared=shared)  # type: ignore[arg-type]


def test_a_day_is_told_once_it_is_over_and_not_before() -> None:
    today, over = Terms(valid_until=TODAY, deadline=TODAY), Terms(valid_until=date(2027, 4, 30))

    assert conditions(today, today, TODAY) == []
    assert only(today, over) == Condition("capability_valid_until", "not_met")
    assert only(over, today) == Condition("need_valid_until", "not_met")
    assert only(Terms(deadline=date(2027, 4, 30)), Terms()) == Condition("deadline", "not_met")
