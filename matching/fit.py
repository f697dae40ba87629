"""Conditions that both sides may state, and whether they meet. What is not stated stays unknown."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

Range = tuple[int | None, int | None]
State = Literal["met", "not_met", "unknown"]
Silent = Literal["need", "capability"]
Field = Literal[
    "cooperation_modes",
    "domain",
    "money",
    "maturity",
    "region",
    "deadline",
    "need_valid_until",
    "capability_valid_until",
]
#: The same item of the same domain, the same domain, neighbouring domains, neither.
Closeness = Literal["item", "domain", "related", "other"]


@dataclass(frozen=True)
class Terms:
    """What one side states. An empty or absent value means that it says nothing about it.

    domains: whole domains (``fruit``) and items (``fruit.fruit_processing``), each item with its domain.
    neighbours: domains whose subject matter overlaps with those. money: least and most in yuan. trl: least
    and most, 1 to 9. region: from the widest to the narrowest. deadline, valid_until: the last day.
    """

    cooperation_modes: Collection[str] = ()
    domains: Collection[str] = ()
    neighbours: Collection[str] = ()
    money: Range | None = None
    trl: Range | None = None
    region: Collection[str] = ()
    deadline: date | None = None
    valid_until: date | None = None


@dataclass(frozen=True)
class Condition:
    """``silent``: which side leaves it unknown; None where both say something that cannot be compared.

    ``shared`` holds what both name, if any.
    """

    field: Field
    state: State
    silent: Silent | None = None
    shared: tuple[str, ...] = ()
    closeness: Closeness | None = None


def conditions(need: Terms, capability: Terms, today: date) -> list[Condition]:
    """Each condition that at least one side states, in a fixed order; days only once they are over."""
    found = [
        _modes(need.cooperation_modes, capability.cooperation_modes),
        _domain(need, capability),
        _money(need.money, capability.money),
        _maturity(need.trl, capability.trl),
        _region(need.region, capability.region),
        *_days(need, capability, today),
    ]
    return [condition for condition in found if condition is not None]


def _modes(need: Collection[str], capability: Collection[str]) -> Condition | None:
    if not need or not capability:
        return _unknown("cooperation_modes", bool(need), bool(capability))
    theirs = set(capability)
    shared = tuple(mode for mode in need if mode in theirs)
    return Condition("cooperation_modes", "met" if shared else "not_met", shared=shared)


def _domain(need: Terms, capability: Terms) -> Condition | None:
    """A neighbouring domain is no wrong answer, and yet not the same: not met, but told as what it is."""
    if not need.domains or not capability.domains:
        return _unknown("domain", bool(need.domains), bool(capability.domains))
    shared = set(need.domains) & set(capability.domains)
    items = tuple(sorted(key for key in shared if "." in key))
    if items:
        return Condition("domain", "met", shared=items, closeness="item")
    if shared:
        return Condition("domain", "met", shared=tuple(sorted(shared)), closeness="domain")
    related = set(need.neighbours) & set(capability.domains) or set(capability.neighbours) & set(need.domains)
    return Condition("domain", "not_met", closeness="related" if related else "other")


def _money(need: Range | None, capability: Range | None) -> Condition | None:
    """The price must begin no higher than the budget ends."""
    return _at_most("money", need, capability, capability and capability[0], need and need[1])


def _maturity(need: Range | None, capability: Range | None) -> Condition | None:
    """At least what is asked for must be within what is offered."""
    return _at_most("maturity", need, capability, need and need[0], capability and capability[1])


def _at_most(
    field: Field, need: Range | None, capability: Range | None, least: int | None, most: int | None
) -> Condition | None:
    if not _stated(need) or not _stated(capability):
        return _unknown(field, _stated(need), _stated(capability))
    if least is None or most is None:
        return Condition(field, "unknown")
    return Condition(field, "met" if least <= most else "not_met")


def _region(need: Collection[str], capability: Collection[str]) -> Condition | None:
    """``shared`` holds the narrowest region that both lie in."""
    if not need or not capability:
        return _unknown("region", bool(need), bool(capability))
    theirs = set(capability)
    shared = [code for code in need if code in theirs]
    return Condition("region", "met" if shared else "not_met", shared=tuple(shared[-1:]))


def _days(need: Terms, capability: Terms, today: date) -> Iterator[Condition]:
    """A day that is still to come says nothing of how two postings fit."""
    days: tuple[tuple[Field, date | None], ...] = (
        ("deadline", need.deadline),
        ("need_valid_until", need.valid_until),
        ("capability_valid_until", capability.valid_until),
    )
    for field, day in days:
        if day is not None and day < today:
            yield Condition(field, "not_met")


def _unknown(field: Field, need: bool, capability: bool) -> Condition | None:
    if not need and not capability:
        return None
    return Condition(field, "unknown", "capability" if need else "need")


def _stated(limits: Range | None) -> bool:
    return limits is not None and limits != (None, None)
