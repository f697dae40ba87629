"""Vetoes: entered and lifted by operators; whoever is barred commits to nothing, and nobody else to them."""

import re
from random import Random
from typing import Any

import httpx2 as httpx
from hypothesis.stateful import precondition, rule

from tests.service.access.test_integrity import veto_of_id
from tests.service.rules.machine import DICE, Machine

# What commits the organisation that does it. To answer no, to end and to finish is always possible.
_COMMITS = re.compile(
    r"POST .*(/publish|/introductions|/accept|/contract|/bids|/agree|/award)|PUT .*(/bids/[\w-]+|/sheet)"
)
_PAUSE = 8


class VetoRules(Machine):
    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        #: The address of what bars them.
        self.barred: dict[str, str] = {}
        self.asked_since = 0

    # Where it comes as often as anything else, nothing else gets done.
    @precondition(lambda self: self.asked_since > _PAUSE)
    @rule(dice=DICE)
    def bar(self, dice: Random) -> None:
        """One at a time, and not for good."""
        if self.barred:
            self.lift()
        else:
            self.bar_one(dice.choice(sorted(self.organizations.keys() - {"operator"})))

    def lift(self) -> None:
        _, place = self.barred.popitem()
        self.do("operator", "POST", f"{place}/lift", {"reason": "复核后撤销"})
        self.asked_since = 0

    def bar_one(self, whom: str) -> None:
        self.asked_since = 0
        made = self.do("operator", "POST", "/v1/vetoes", veto_of_id(self.organizations[whom]))
        self.barred[whom] = f"/v1/vetoes/{made.json()['id']}"

    def do(
        self, who: str, method: str, place: str, body: Any = None, *, shows: str | None = None
    ) -> httpx.Response:
        self.asked_since += 1
        answer = super().do(who, method, place, body, shows=shows)
        if answer.is_success and self.owner_of(who) in self.barred:
            assert not _COMMITS.fullmatch(f"{method} {place}"), (who, place, answer.text)
        return answer
