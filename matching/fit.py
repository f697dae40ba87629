"""Conditions that both sides may state, and whether they meet. What is not stated stays unknown."""

from collections.abc import Collection
from dataclasses import dataclass

Range = tuple[int | None, int | None]


@dataclass(frozen=True)
class Terms:
    """What one side states. An empty or absent value means that it says nothing about it.

    money: least and most in yuan. trl: least and most, 1 to 9. region: from the widest to the narrowest.
    """

    cooperation_modes: Collection[str] = ()
    domains: Collection[str] = ()
    money: Range | None = None
    trl: Range | None = None
    region: Collection[str] = ()


@dataclass(frozen=True)
class Condition:
    """``ok`` is None where one side said nothing. ``shared`` holds what both named, if any."""

    field: str
    ok: bool | None
    shared: tuple[str, ...] = ()


def conditions(need: Terms, capability: Terms) -> list[Condition]:
    """Each condition that at least one side states, in a fixed order."""
    found = [
        _overlap("cooperation_modes", need.cooperation_modes, capability.cooperation_modes),
        _overlap("domains", need.domains, capability.domains),
        _within("money", need.money, capability.money),
        _within("maturity", need.trl, capability.trl),
        _overlap("region", need.region, capability.region),
    ]
    return [condition for condition in found if condition is not None]


def _overlap(field: str, need: Collection[str], capability: Collection[str]) -> Condition | None:
    if not need and not capability:
        return None
    if not need or not capability:
        return Condition(field, None)
    shared = tuple(sorted(set(need) & set(capability)))
    return Condition(field, bool(shared), shared)


def _within(field: str, need: Range | None, capability: Range | None) -> Condition | None:
    """Budget against price: the price must begin below the budget's end. Maturity: at least what is asked."""
    if not _stated(need) and not _stated(capability):
        return None
    if need is None or capability is None or not _stated(need) or not _stated(capability):
        return Condition(field, None)
    if field == "money":
        least, most = capability[0], need[1]
    else:
        least, most = need[0], capability[1]
    if least is None or most is None:
        return Condition(field, None)
    return Condition(field, least <= most)


def _stated(limits: Range | None) -> bool:
    return limits is not None and limits != (None, None)
