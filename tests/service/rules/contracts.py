"""Contracts: drafted, changed, signed, registered and ended, by anybody; what ought to count is added up beside."""

from collections import defaultdict
from random import Random
from typing import Any, NamedTuple

import httpx2 as httpx
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, initialize, invariant, multiple, rule

from tests.service.contracting import NATURES, content, number
from tests.service.rules.introductions import SIDES, IntroductionRules
from tests.service.rules.machine import DICE
from tests.service.rules.postings import ACTORS

_NEXT = "whoever is to go on"
_DONE_BY = {"submit": "provider", **dict.fromkeys(("register", "refuse", "cancel"), "operator")}
# From one state to the next, and a look back at what was registered.
_ONWARD: dict[str, tuple[str, ...]] = {
    "draft": ("sign", "sign", "sign", "change"),
    "amending": ("sign", "sign", "sign", "restore"),
    "signed": ("submit",),
    "submitted": ("register", "register", "register", "refuse"),
    "registered": ("amend", "cancel", "terminate", "amend", "cancel", "fulfil"),
    "refused": ("amend", "amend", "terminate", "cancel"),
}
_VERBS = sorted({"withdraw", *(verb for verbs in _ONWARD.values() for verb in verbs)})
_NOTHING = {"contracts": 0, "turnover": 0, "technology_value": 0}


class Terms(NamedTuple):
    """What one version is worth, and whether it ends the contract."""

    type: str
    turnover: int
    value: int
    ends: bool = False


def _some_terms(dice: Random) -> Terms:
    turnover = dice.randint(1, 10**9)
    return Terms(dice.choice(sorted(NATURES)), turnover, dice.randint(0, turnover))


_terms = DICE.map(_some_terms)


class ContractRules(IntroductionRules):
    STATES = (*IntroductionRules.STATES, "contract")

    contracts: Bundle[str] = Bundle("contracts")

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        #: Of each contract: where it comes from, and between whom.
        self.introduction_of: dict[str, str] = {}
        self.between: dict[str, dict[str, str]] = {}
        #: What is proposed now, who signed that, and what both signed last.
        self.proposed: dict[str, Terms] = {}
        self.signed: dict[str, Terms] = {}
        self.signers: dict[str, set[str]] = {}
        #: What ought to count now.
        self.counting: dict[str, Terms] = {}
        self.over: set[str] = set()
        self.before = self._totals("/v1/contracts/totals")
        self.funnel_before = self._funnel()
        self.recount = True

    def hidden(self, who: str) -> set[str]:
        """What a contract says is for its two sides, and for operators."""
        others = {
            _words_of(self.introduction_of[contract])
            for contract, between in self.between.items()
            if who not in between.values()
        }
        return super().hidden(who) | (others if who != "operator" else set())

    @initialize(target=contracts, dice=DICE)
    def first_contract(self, dice: Random) -> Any:
        """Mostly registered, and what comes after that, which chance alone seldom brings about."""
        made = self._draft("seeker", self._agreed(), _some_terms(dice))
        for verb in ("sign", "sign", "submit", "register")[: dice.choice([2, 4, 4, 4])]:
            self._send(_NEXT, made, verb, _some_terms(dice))
            self.totals_are_the_sum_of_what_is_registered()
        self._go_on(made, dice.randint(0, 6), dice)
        return made

    @rule(
        target=contracts,
        who=st.sampled_from([*SIDES, *SIDES, *ACTORS]),
        work=IntroductionRules.introductions,
        terms=_terms,
    )
    def draft(self, who: str, work: str, terms: Terms) -> Any:
        return self._draft(who, work, terms)

    @rule(contract=contracts, steps=st.integers(2, 6), dice=DICE)
    def go_on(self, contract: str, steps: int, dice: Random) -> None:
        self._go_on(contract, steps, dice)

    def _go_on(self, contract: str, steps: int, dice: Random) -> None:
        """Whoever it waits for does what comes next, again and again."""
        for _ in range(steps):
            if verbs := _ONWARD.get(self._read(contract)["status"]):
                self._send(_NEXT, contract, dice.choice(verbs), _some_terms(dice))
                self.totals_are_the_sum_of_what_is_registered()

    @rule(
        contract=contracts,
        who=st.sampled_from([_NEXT, *SIDES, *ACTORS]),
        verb=st.sampled_from(_VERBS),
        terms=_terms,
    )
    def try_anything(self, contract: str, who: str, verb: str, terms: Terms) -> None:
        self._send(who, contract, verb, terms)

    @rule(contract=contracts, who=st.sampled_from(ACTORS))
    def read_contract(self, contract: str, who: str) -> None:
        for place in ("", f"/{contract}", f"/{contract}/versions", f"/{contract}/precheck"):
            self.do(who, "GET", f"/v1/contracts{place}")

    @invariant()
    def totals_are_the_sum_of_what_is_registered(self) -> None:
        if not self.recount:
            return
        self.recount = False
        totals = self._totals("/v1/contracts/totals")
        assert self.brought("operator", "GET", "/v1/statistics")["contracts"] == totals
        assert _less(totals, self.before) == _sums(self.counting.values())
        for kinds in ("types", "domains", "seeker_affiliations", "provider_affiliations", "months"):
            assert _sum_of(totals[kinds]) == {name: totals[name] for name in _NOTHING}, kinds
        expected = defaultdict(list)
        for terms in self.counting.values():
            expected[terms.type].append(terms)
        before, after = (_by_key(found["types"]) for found in (self.before, totals))
        for type_ in NATURES:
            change = _less(after.get(type_, _NOTHING), before.get(type_, _NOTHING))
            assert change == _sums(expected[type_]), type_
        concluded, registered = self._funnel()
        assert concluded - self.funnel_before[0] == len(self.signed.keys() - self.over)
        assert registered - self.funnel_before[1] == len(self.counting)

        for who in ("stranger", "integrator"):
            assert self.clients[who].get("/v1/contracts/totals").status_code == httpx.codes.FORBIDDEN
            assert self.clients[who].get("/v1/statistics").json()["contracts"] is None

    def _agreed(self) -> str:
        """Another introduction to which both have agreed."""
        pair = {
            f"{noun}_id": self.brought(
                side, "POST", f"/v1/{nouns}", {"title": "红枣分级", "publish": True, **more}
            )["id"]
            for side, noun, nouns, more in (
                ("seeker", "need", "needs", {}),
                ("provider", "capability", "capabilities", {"kind": "achievement"}),
            )
        }
        work = str(self.brought("seeker", "POST", "/v1/introductions", pair)["id"])
        self.brought("provider", "POST", f"/v1/introductions/{work}/accept", {})
        self.parties[work], self.agreed[work] = {side: side for side in SIDES}, set(SIDES)
        return work

    def _draft(self, who: str, work: str, terms: Terms) -> Any:
        place = f"/v1/introductions/{work}/contract"
        answer = self.do(who, "POST", place, _content(terms, work))
        if answer.is_error:
            return multiple()
        made = answer.json()
        assert self.agreed[work] == set(SIDES)
        assert who in self.parties[work].values()
        self.between[made["id"]], self.signers[made["id"]] = self.parties[work], set()
        self.proposed[made["id"]], self.introduction_of[made["id"]] = terms, work
        self.recount = True
        return str(made["id"])

    def _send(self, who: str, contract: str, verb: str, terms: Terms) -> None:
        before = self._read(contract)
        who = self._next(contract, verb) if who == _NEXT else who
        method, path, body = "POST", verb, self._body(before, contract, verb, terms)
        if verb == "change":
            method, path = "PUT", "content"
        answer = self.do(who, method, f"/v1/contracts/{contract}/{path}", body)
        if answer.is_success:
            self._happened(who, contract, verb, terms, answer.json()["status"])
            counts = self.proposed[contract]
            shown = answer.json()
            assert (shown["turnover"], shown["kind"] == "termination") == (counts.turnover, counts.ends)
            self.recount = True

    def _body(self, shown: Any, contract: str, verb: str, terms: Terms) -> Any:
        return {
            "change": _content(terms, self.introduction_of[contract]),
            "amend": _content(terms, self.introduction_of[contract]),
            "sign": {"version": shown["version"], "hash": shown["hash"]},
            "submit": {},
            # What the registry makes of it may be less than was agreed.
            "register": {"number": number(), "technology_value": min(terms.value, shown["turnover"])},
            "refuse": {"ground": "evidence"},
            "cancel": {"ground": "void"},
        }.get(verb)

    def _happened(self, who: str, contract: str, verb: str, terms: Terms, status: str) -> None:
        """Keep the books, by what is said of each verb in docs/api.md."""
        proposed = self.proposed[contract]
        if verb in {"change", "amend"}:
            self.proposed[contract], self.signers[contract] = terms, set()
        elif verb == "terminate":
            self.proposed[contract], self.signers[contract] = proposed._replace(ends=True), set()
        elif verb == "restore":
            self.proposed[contract] = self.signed[contract]
        elif verb == "sign":
            self.signers[contract].add(who)
            both = self.signers[contract] == set(self.between[contract].values())
            assert (status in {"signed", "cancelled"}) is both, status
            if both:
                self.signed[contract] = proposed
        elif verb == "register":
            self.counting.pop(contract, None)
            if not proposed.ends:
                value = min(terms.value, proposed.turnover)
                self.counting[contract] = proposed._replace(value=value)
        elif verb == "cancel":
            self.counting.pop(contract, None)
        if status == "cancelled":
            self.over.add(contract)

    def _next(self, contract: str, verb: str) -> str:
        between = self.between[contract]
        waiting = sorted(set(between.values()) - self.signers[contract])
        if verb == "sign" and waiting:
            return waiting[0]
        role = _DONE_BY.get(verb, "seeker")
        return between.get(role, role)

    def _read(self, contract: str) -> Any:
        return self.brought("operator", "GET", f"/v1/contracts/{contract}")

    def _totals(self, place: str) -> Any:
        return self.brought("operator", "GET", place)

    def _funnel(self) -> tuple[int, int]:
        funnel = self.brought("stranger", "GET", "/v1/statistics")["funnel"]
        return funnel["contracts"], funnel["registered"]


def _content(terms: Terms, work: str) -> dict[str, Any]:
    figures = {"turnover": terms.turnover, "technology_value": terms.value, "equipment_value": None}
    return content(terms.type, payment=_words_of(work), **figures)


def _words_of(work: str) -> str:
    """Words that stand in this contract alone."""
    return f"付款依据{work}"


def _sums(terms: Any) -> dict[str, int]:
    found = list(terms)
    return {
        "contracts": len(found),
        "turnover": sum(one.turnover for one in found),
        "technology_value": sum(one.value for one in found),
    }


def _less(after: Any, before: Any) -> dict[str, int]:
    return {name: after[name] - before[name] for name in _NOTHING}


def _sum_of(kinds: Any) -> dict[str, int]:
    return {name: sum(one[name] for one in kinds) for name in _NOTHING}


def _by_key(kinds: Any) -> dict[str, Any]:
    return {one["key"]: one for one in kinds}
