"""Bids: handed in, changed, taken back, scored and delivered, by anybody; sealed until the clock opens them."""

from dataclasses import dataclass, field
from random import Random
from typing import Any

import httpx2 as httpx
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, initialize, invariant, multiple, rule
from sqlalchemy import text

from tests.service.rules.challenges import MEMBERS, NEXT, ChallengeRules
from tests.service.rules.machine import DICE
from tests.service.tenders import bid_body, met

_LEADS = ("bidder", "rival")
_VERBS = [
    *("replace", "withdraw", "agree", "refuse", "exclude", "score"),
    *("report", "decide", "deliver", "accept-delivery"),
]
_DONE_BY = {
    **dict.fromkeys(("agree", "refuse"), "partner"),
    **dict.fromkeys(("decide", "accept-delivery"), "publisher"),
    "exclude": "operator",
    "score": "reviewer",
}
_FELL_SHORT = {"results": [*met(93)["results"], {"indicator": 1, "outcome": "not_met", "figure": 5}]}


@dataclass
class Handed:
    """A bid, as this test saw it."""

    challenge: str
    lead: str
    words: str
    asked: set[str] = field(default_factory=set)
    agreed: set[str] = field(default_factory=set)
    stands: bool = True
    opened: bool = False

    def has_part(self, name: str) -> bool:
        return name in {self.lead, *self.asked}


class BidRules(ChallengeRules):
    STATES = (*ChallengeRules.STATES, "bid")

    bids: Bundle[str] = Bundle("bids")

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        #: By its address.
        self.handed: dict[str, Handed] = {}
        self.touched: set[str] = set()

    def hidden(self, who: str) -> set[str]:
        """What bids say; and before they are opened, and where they never are, that they are there."""
        found = super().hidden(who)
        for place, bid in self.handed.items():
            if bid.has_part(who):
                continue
            if not bid.opened:
                found.add(place.rpartition("/")[2])
            if not bid.opened or who not in {"publisher", "operator", *self.declared[bid.challenge]}:
                found.add(bid.words)
        return found

    def told(self, noted: int) -> set[tuple[Any, Any]]:
        """While it is sealed, what happens to a bid stays between its bidders, beside the audit."""
        beside = text(
            "SELECT bid_id, status FROM bid_step UNION SELECT subject_id, 'lapsed' FROM notice "
            "WHERE kind = 'bid.moved' AND detail ->> 'status' = 'lapsed'"
        )
        return super().told(noted) | {tuple(row) for row in self.session.execute(beside)}

    @initialize(target=ChallengeRules.challenges, race=st.booleans(), dice=DICE)
    def first_challenge(self, dice: Random, *, race: bool) -> str:
        """Mostly one that bids are reviewed for, or that was awarded, which chance alone seldom brings about."""
        challenge = self.drafted(race=race)
        for step in range(dice.choice([3, 10, 12, 18])):
            # Nothing unusual before the deadline, and anything after it.
            self._onward(challenge, 1 if step < 9 else dice.randint(0, 99))
            self.nobody_reads_a_sealed_bid()
        return challenge

    @rule(challenge=ChallengeRules.challenges, steps=st.integers(2, 6), dice=DICE)
    def go_on(self, challenge: str, steps: int, dice: Random) -> None:
        """Whoever it waits for does what comes next, again and again."""
        for _ in range(steps):
            self._onward(challenge, dice.randint(0, 99))

    @rule(
        target=bids,
        challenge=ChallengeRules.challenges,
        who=st.sampled_from([*_LEADS, *_LEADS, *ChallengeRules.CAST]),
        whom=st.sets(st.sampled_from(MEMBERS), max_size=2),
    )
    def hand_in(self, challenge: str, who: str, whom: set[str]) -> Any:
        return self._hand_in(who, challenge, whom) or multiple()

    @rule(
        bid=bids,
        who=st.sampled_from([NEXT, NEXT, *ChallengeRules.CAST]),
        verb=st.sampled_from(_VERBS),
        dice=DICE,
    )
    def try_bid(self, bid: str, who: str, verb: str, dice: Random) -> None:
        who = _DONE_BY.get(verb, self.handed[bid].lead) if who == NEXT else who
        self._send(who, bid, verb, dice.randint(0, 99))

    @rule(bid=bids, who=st.sampled_from(list(ChallengeRules.CAST)))
    def read_bid(self, bid: str, who: str) -> None:
        self.do(who, "GET", bid)

    @invariant()
    def nobody_reads_a_sealed_bid(self) -> None:
        for place in self.touched:
            bid = self.handed[place]
            for who, client in self.clients.items():
                answer = client.get(place)
                assert bid.opened or bid.has_part(who) or answer.status_code in {403, 404}, (who, answer.text)
                assert not bid.has_part(who) or bid.words in answer.text, (who, answer.text)
        if self.touched:
            self.do("integrator", "GET", "/v1/notifications")
        for challenge in {self.handed[place].challenge for place in self.touched}:
            self._lists_are_right(challenge)
        self.touched.clear()

    @invariant()
    def nobody_wins_but_whom_the_rule_has_places_for(self) -> None:
        too_many = text(
            "SELECT challenge.id FROM challenge JOIN bid ON bid.challenge_id = challenge.id "
            "WHERE bid.status IN ('won', 'stopped', 'delivered', 'accepted') GROUP BY challenge.id "
            "HAVING count(*) > CASE challenge.mode WHEN 'single' THEN 1 ELSE challenge.winners END "
            "OR challenge.status IN ('draft', 'review', 'open', 'evaluating', 'failed')"
        )
        assert self.session.execute(too_many).all() == []

    @invariant()
    def nobody_is_in_two_bids_of_one_challenge(self) -> None:
        twice = text(
            "SELECT m.organization_id FROM bid_member AS m JOIN bid ON bid.id = m.bid_id "
            "WHERE m.agreed_at IS NOT NULL AND bid.status NOT IN ('withdrawn', 'lapsed') "
            "GROUP BY bid.challenge_id, m.organization_id HAVING count(*) > 1"
        )
        assert self.session.execute(twice).all() == []

    def time_passes(self, challenge: str) -> None:
        super().time_passes(challenge)
        for place, bid in self._standing(challenge):
            bid.stands, bid.opened = False, bid.agreed == bid.asked
            self.touched.add(place)

    def send(self, who: str, challenge: str, verb: str) -> httpx.Response:
        answer = super().send(who, challenge, verb)
        if answer.is_success and verb == "withdraw":
            for place, bid in self._standing(challenge):
                bid.stands = False
                self.touched.add(place)
        return answer

    def _standing(self, challenge: str) -> list[tuple[str, Handed]]:
        return [
            (place, bid) for place, bid in self.handed.items() if bid.challenge == challenge and bid.stands
        ]

    def _lists_are_right(self, challenge: str) -> None:
        """One's own; and those that were opened, for publisher and operator. Their number is the publisher's alone."""
        bids = {place: bid for place, bid in self.handed.items() if bid.challenge == challenge}
        for who, client in self.clients.items():
            answer = client.get(f"{challenge}/bids")
            if answer.is_error:
                assert who == "integrator", answer.text
                continue
            listed = {f"{challenge}/bids/{one['id']}" for one in answer.json()["items"]}
            mine = {place for place, bid in bids.items() if bid.has_part(who)}
            others = {place for place, bid in bids.items() if bid.opened}
            if who in {"publisher", "operator"}:
                assert listed == mine | others, who
            else:
                assert mine <= listed <= mine | others, who
            if challenge in self.open and who != "publisher":
                assert client.get(challenge).json()["bids"] is None

    def _hand_in(self, who: str, challenge: str, whom: set[str]) -> str | None:
        words = f"揭榜方案第{len(self.handed)}号{challenge.rpartition('/')[2]}"
        answer = self.do(who, "POST", f"{challenge}/bids", self._body(words, whom))
        if answer.is_error:
            return None
        assert challenge in self.open
        place = f"{challenge}/bids/{answer.json()['id']}"
        self.handed[place] = Handed(challenge, who, words, set(whom))
        self.touched.add(place)
        return place

    def _body(self, words: str, whom: set[str]) -> dict[str, Any]:
        asked = [{"organization_id": str(self.organizations[one]), "role": "pilot"} for one in sorted(whom)]
        return bid_body(proposal=words, members=asked)

    def _send(self, who: str, place: str, verb: str, choice: int) -> None:
        bid = self.handed[place]
        whom = {"partner"} - {bid.lead} if choice % 2 else set()
        if verb == "replace":
            answer = self.do(who, "PUT", place, self._body(bid.words, whom))
        elif verb == "score":
            challenge, _, number = place.partition("/bids/")
            answer = self.do(
                who, "PUT", f"{challenge}/bids/{number}/sheet", {"scores": [choice, 99 - choice, 50]}
            )
        else:
            path = "deliver" if verb == "report" else verb
            answer = self.do(who, "POST", f"{place}/{path}", _work(verb, choice))
        if answer.is_success and verb in {"replace", "withdraw", "agree", "refuse"}:
            assert bid.challenge in self.open
            self._answered(who, bid, verb, whom)
            self.touched.add(place)

    def _answered(self, who: str, bid: Handed, verb: str, whom: set[str]) -> None:
        if verb == "replace":
            bid.asked, bid.agreed = whom, set()
        elif verb == "withdraw":
            bid.stands = False
        elif verb == "agree":
            bid.agreed.add(who)
        else:
            bid.agreed.discard(who)

    def _onward(self, challenge: str, choice: int) -> None:
        status = self.status_of(challenge)
        if status == "open":
            self._gather(challenge, choice)
        elif status == "evaluating":
            self._review(challenge, choice)
        elif status in {"working", "acceptance"}:
            self._work(challenge, status, choice)
        elif status in {"draft", "review", "awarded", "signed"}:
            verb = {"draft": "submit", "review": "open", "awarded": "sign", "signed": "start"}[status]
            self.send("operator" if verb == "open" else "publisher", challenge, verb)

    def _gather(self, challenge: str, choice: int) -> None:
        """A bid of one alone, one of two together, another in its place now and then; then the deadline."""
        standing = dict(self._standing(challenge))
        waiting = [(place, one) for place, bid in standing.items() for one in bid.asked - bid.agreed]
        if standing and choice % 7 > 4:
            place = min(standing)
            self._send(standing[place].lead, place, "replace" if choice % 7 == 5 else "withdraw", choice)
        elif waiting:
            self._send(waiting[0][1], waiting[0][0], "agree" if choice % 7 else "refuse", 0)
        elif missing := [who for who in _LEADS if who not in {bid.lead for bid in standing.values()}]:
            self._hand_in(missing[0], challenge, {"partner"} if missing[0] == "rival" else set())
        else:
            self.time_passes(challenge)

    def _review(self, challenge: str, choice: int) -> None:
        reviewers = self.reviewers(challenge)
        names = [self.name_of(one["organization"]["id"]) for one in reviewers]
        undeclared = [name for name in names if name not in self.declared[challenge]]
        bids = self.brought("operator", "GET", f"{challenge}/bids")["items"]
        sheets = self.brought("operator", "GET", f"{challenge}/reviews")
        opened = [f"{challenge}/bids/{one['id']}" for one in bids if one["status"] == "opened"]
        if not reviewers:
            self.change_reviewers(challenge, "operator", "reviewer")
        elif undeclared:
            self.send(undeclared[0], challenge, "declaration")
        elif sheets["complete"]:
            # Now and then one of them is barred between its sheets and the award.
            if self.barred:
                self.lift()
            elif choice % 2:
                self.bar_one(_LEADS[choice % 4 // 2])
            self.send("operator", challenge, "award")
        else:
            for name in names:
                for place in opened:
                    self._send(name, place, "score", choice)

    def _work(self, challenge: str, status: str, choice: int) -> None:
        """Somebody delivers, is stopped at a gate, or passes."""
        wanted, verb = ("delivered", "accept-delivery") if status == "acceptance" else ("won", "deliver")
        for one in self.brought("operator", "GET", f"{challenge}/bids")["items"]:
            place = f"{challenge}/bids/{one['id']}"
            if one["status"] == wanted:
                done = "decide" if challenge in self.races and wanted == "won" and choice % 2 else verb
                self._send(_DONE_BY.get(done, self.handed[place].lead), place, done, choice)
                return


def _work(verb: str, choice: int) -> Any:
    return {
        "agree": {},
        "exclude": {"reason": "不符合申报条件"},
        "report": {"milestone": 0, "report": "样机已下线"},
        "decide": {"milestone": 0, "decision": "stop" if choice % 2 else "go", "reason": "按指标"},
        "deliver": {"report": "样机两台"},
        # A figure that falls short now and then.
        "accept-delivery": met(93, 9) if choice % 4 else _FELL_SHORT,
    }.get(verb)
