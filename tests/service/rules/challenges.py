"""Challenges: drafted, opened, reviewed, awarded and ended, by anybody, while the clock goes on."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar
from uuid import UUID

import httpx2 as httpx
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, invariant, precondition, rule
from sqlalchemy import text

from schemas.base import now
from schemas.challenge import Challenge
from schemas.vocabulary import Role
from service.challenges.deadline import close_overdue
from tests.service.rules.vetoes import VetoRules
from tests.service.tenders import challenge_body

MEMBERS = ("publisher", "bidder", "rival", "partner", "reviewer", "stranger")
NEXT = "whoever is to go on"
_RACE = {"mode": "race", "winners": 2, "milestones": [{"title": "样机", "gate": True}]}
_WHY = {"reason": "计划调整"}
_BODIES: dict[str, Any] = {
    **dict.fromkeys(("return", "withdraw", "fail", "reopen", "terminate"), _WHY),
    "declaration": {"conflict": False},
}
_VERBS = [*_BODIES, "submit", "recall", "open", "award", "sign", "start"]
_DONE_BY = {"declaration": "reviewer", **dict.fromkeys(("open", "return", "fail", "reopen"), "operator")}
# Few, so that the others' rules meet the same ones again.
_MOST = 4


class ChallengeRules(VetoRules):
    CAST: ClassVar[Mapping[str, tuple[str, Role]]] = {
        **{name: (name, Role.member) for name in MEMBERS},
        "operator": ("operator", Role.operator),
        "integrator": ("rival", Role.integrator),
    }
    STATES = (*VetoRules.STATES, "challenge")

    challenges: Bundle[str] = Bundle("challenges")

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        #: Those that take bids, and those whose deadline is over, as this test saw it and moved it.
        self.open: set[str] = set()
        self.closed: set[str] = set()
        self.races: set[str] = set()
        #: Who may read bids of which, once they are opened, having said that nothing binds them.
        self.declared: dict[str, set[str]] = {}

    @precondition(lambda self: len(self.declared) < _MOST)
    @rule(target=challenges, race=st.booleans())
    def draft(self, *, race: bool) -> str:
        return self.drafted(race=race)

    @rule(challenge=challenges, who=st.sampled_from([NEXT, *CAST]), verb=st.sampled_from(_VERBS))
    def try_challenge(self, challenge: str, who: str, verb: str) -> None:
        self.send(_DONE_BY.get(verb, "publisher") if who == NEXT else who, challenge, verb)

    @rule(
        challenge=challenges,
        who=st.sampled_from(["operator", *CAST]),
        whom=st.one_of(st.none(), st.sampled_from(MEMBERS)),
    )
    def change_reviewers(self, challenge: str, who: str, whom: str | None) -> None:
        """Ask somebody; or take one off."""
        if whom is not None:
            body = {"organization_id": str(self.organizations[whom])}
            self.do(who, "POST", f"{challenge}/reviewers", body)
            return
        for reviewer in self.reviewers(challenge)[:1]:
            answer = self.do(who, "POST", f"{challenge}/reviewers/{reviewer['id']}/recuse")
            if answer.is_success:
                self.declared[challenge].discard(self.name_of(reviewer["organization"]["id"]))

    @rule(challenge=challenges, written_down=st.booleans())
    def pass_deadline(self, challenge: str, *, written_down: bool) -> None:
        """The clock goes on, for those that are open."""
        if challenge in self.open:
            self.time_passes(challenge)
        if written_down:
            self.by_the_service(close_overdue)

    @rule(challenge=challenges, who=st.sampled_from(list(CAST)))
    def read_challenge(self, challenge: str, who: str) -> None:
        for place in ("/v1/challenges", challenge, f"{challenge}/reviews", "/v1/notifications", "/v1/audit"):
            self.do(who, "GET", place)

    @invariant()
    def nobody_reviews_who_bids(self) -> None:
        both = text(
            "SELECT 1 FROM bid_sheet AS s JOIN bid_reviewer AS r ON r.id = s.reviewer_id JOIN bid_member AS m "
            "ON m.challenge_id = r.challenge_id AND m.organization_id = r.organization_id "
            "WHERE m.holds AND r.recused_at IS NULL"
        )
        assert self.session.execute(both).all() == []

    def drafted(self, *, race: bool) -> str:
        body = challenge_body(**(_RACE if race else {}))
        place = f"/v1/challenges/{self.brought('publisher', 'POST', '/v1/challenges', body)['id']}"
        self.declared[place] = set()
        if race:
            self.races.add(place)
        return place

    def send(self, who: str, challenge: str, verb: str) -> httpx.Response:
        answer = self.do(who, "POST", f"{challenge}/{verb}", _BODIES.get(verb))
        if answer.is_success:
            if verb == "open":
                self.open.add(challenge)
            elif verb == "withdraw":
                self.open.discard(challenge)
            elif verb == "declaration":
                self.declared[challenge].add(who)
            elif verb == "award":
                self.nobody_barred_has_won(challenge)
        return answer

    def nobody_barred_has_won(self, challenge: str) -> None:
        assert not {"publisher"} & self.barred.keys()
        for winner in self.brought("operator", "GET", challenge)["winners_now"]:
            together = {self.name_of(one["id"]) for one in (winner["organization"], *winner["members"])}
            assert not together & self.barred.keys(), together

    def time_passes(self, challenge: str) -> None:
        found = self.session.get_one(Challenge, UUID(challenge.rpartition("/")[2]), populate_existing=True)
        found.deadline = now() - timedelta(seconds=1)
        self.session.commit()
        self.open.discard(challenge)
        self.closed.add(challenge)

    def status_of(self, challenge: str) -> str:
        return str(self.brought("operator", "GET", challenge)["status"])

    def reviewers(self, challenge: str) -> list[Any]:
        """Those who are still to review; none is shown before it is opened."""
        answer = self.clients["operator"].get(f"{challenge}/reviews")
        return [one for one in answer.json().get("reviewers", []) if one["recused_at"] is None]

    def name_of(self, organization_id: str) -> str:
        return next(name for name, one in self.organizations.items() if str(one) == organization_id)
