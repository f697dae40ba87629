"""Introductions: asked for, answered, read and left to expire, by anybody."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx2 as httpx
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, initialize, invariant, multiple, rule
from sqlalchemy import text

from schemas.base import now
from schemas.introduction import Introduction
from service.introductions.introductions import expire_overdue
from tests.service.rules.postings import ACTORS, PHONES, PostingRules

SIDES = ("seeker", "provider")
_ENDS: dict[str, Any] = {"decline": {"reason": "timing"}, "withdraw": None, "end": {"outcome": "test"}}
_ASKED = "whoever has not agreed yet"
_partakers = st.sampled_from([_ASKED, _ASKED, *SIDES, *ACTORS])


class IntroductionRules(PostingRules):
    STATES = (*PostingRules.STATES, "introduction")

    introductions: Bundle[str] = Bundle("introductions")

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        #: Who stands on which side, and which side agreed, as this test saw it.
        self.parties: dict[str, dict[str, str]] = {}
        self.agreed: dict[str, set[str]] = {}
        #: Since the invariants last looked.
        self.touched: set[str] = set()

    @initialize(target=introductions, who=st.sampled_from([*SIDES, "broker"]), accepted=st.booleans())
    def first_introduction(self, who: str, accepted: bool) -> Any:
        """Half of the time one in which both agreed, which chance alone seldom brings about."""
        return self.introduced(who, accepted=accepted)

    def introduced(self, who: str, *, accepted: bool) -> str:
        need_id, capability_id = (
            str(self._post(side, nouns, publish=True))
            for side, nouns in zip(SIDES, ("needs", "capabilities"), strict=True)
        )
        work = str(self._ask(who, need_id, capability_id))
        while accepted and self.agreed[work] != set(SIDES):
            self.nobody_reads_contacts_before_both_have_agreed()
            self.accept(_ASKED, work)
        return work

    @rule(
        target=introductions,
        who=st.sampled_from([*SIDES, *ACTORS]),
        need_id=PostingRules.needs,
        capability_id=PostingRules.capabilities,
    )
    def ask(self, who: str, need_id: str, capability_id: str) -> Any:
        return self._ask(who, need_id, capability_id)

    @rule(who=_partakers, work=introductions)
    def accept(self, who: str, work: str) -> None:
        answer = self._do(who, "POST", work, "/accept", {})
        if answer.is_success:
            self.agreed[work] |= {side for side in SIDES if self._name(who, work) == self.parties[work][side]}

    @rule(who=_partakers, work=introductions, verb=st.sampled_from(list(_ENDS)))
    def end(self, who: str, work: str, verb: str) -> None:
        self._do(who, "POST", work, f"/{verb}", _ENDS[verb])

    @rule(who=_partakers, work=introductions)
    def read(self, who: str, work: str) -> None:
        self._do(who, "GET", work)
        self.do(self._name(who, work), "GET", "/v1/introductions")

    @rule(who=st.sampled_from([*SIDES, *ACTORS]), work=introductions)
    def read_contacts(self, who: str, work: str) -> None:
        """Both agreed, and it is theirs: the other side's contacts. Anything else: nothing."""
        others = [name for name in self.parties[work].values() if name != who]
        allowed = self.agreed[work] == set(SIDES) and len(others) == 1

        answer = self._do(who, "GET", work, "/contacts", shows=PHONES[others[0]] if allowed else None)

        assert answer.is_success is allowed, (who, answer.text, self.agreed[work])
        assert not allowed or PHONES[others[0]] in answer.text

    @rule(work=introductions, written_down=st.booleans())
    def let_time_pass(self, work: str, written_down: bool) -> None:
        found = self.session.get_one(Introduction, UUID(work), populate_existing=True)
        found.expires_at = now() - timedelta(seconds=1)
        self.session.commit()
        self.touched.add(work)
        if written_down:
            self.by_the_service(expire_overdue)

    @invariant()
    def nobody_reads_contacts_before_both_have_agreed(self) -> None:
        for work in self.touched:
            if self.agreed[work] != set(SIDES):
                for who in ACTORS:
                    answer = self.clients[who].get(f"/v1/introductions/{work}/contacts")
                    assert answer.status_code in {403, 404, 409}, (who, answer.text)
        self.touched.clear()

    @invariant()
    def a_pair_has_one_open_introduction(self) -> None:
        pairs = text(
            "SELECT need_id FROM introduction WHERE status IN ('proposed', 'awaiting_provider', "
            "'awaiting_seeker', 'accepted') GROUP BY need_id, capability_id HAVING count(*) > 1"
        )
        assert self.session.execute(pairs).all() == []

    @invariant()
    def whoever_is_in_dialogue_agreed(self) -> None:
        talking = text("SELECT id::text FROM introduction WHERE status IN ('accepted', 'ended')")
        for work in self.session.execute(talking).scalars():
            assert self.agreed.get(work, set(SIDES)) == set(SIDES)

    def _ask(self, who: str, need_id: str, capability_id: str) -> Any:
        body = {
            "need_id": need_id,
            "capability_id": capability_id,
            "contacts": [{"phone": PHONES[who]}] if who in PHONES else [],
        }
        answer = self.do(who, "POST", "/v1/introductions", body)
        if answer.is_error:
            return multiple()
        made = answer.json()
        names = {str(owner): name for name, owner in self.organizations.items()}
        self.parties[made["id"]] = {side: names[made[side]["id"]] for side in SIDES}
        self.agreed[made["id"]] = {side for side in SIDES if self.parties[made["id"]][side] == who}
        self.touched.add(made["id"])
        return str(made["id"])

    def _do(
        self, who: str, method: str, work: str, verb: str = "", *body: Any, **more: Any
    ) -> httpx.Response:
        self.touched.add(work)
        return self.do(self._name(who, work), method, f"/v1/introductions/{work}{verb}", *body, **more)

    def _name(self, who: str, work: str) -> str:
        if who != _ASKED:
            return who
        waiting = [side for side in SIDES if side not in self.agreed[work]]
        return self.parties[work][waiting[0] if waiting else "seeker"]
