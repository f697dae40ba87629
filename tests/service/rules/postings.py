"""Needs and capabilities: posted, and moved from state to state, by anybody."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, initialize, multiple, precondition, rule

from tests.service.rules.vetoes import VetoRules

ACTORS = tuple(VetoRules.CAST)
#: Whose contact it is.
PHONES = {"seeker": "13800000001", "provider": "13800000002", "stranger": "13800000003"}
_OWNER = "its owner"
# Few, so that the others' rules meet the same ones again.
_MOST = 6


class PostingRules(VetoRules):
    STATES = (*VetoRules.STATES, "need", "capability")

    needs: Bundle[str] = Bundle("needs")
    capabilities: Bundle[str] = Bundle("capabilities")

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        #: Of each posting, by its address.
        self.owners: dict[str, str] = {}

    def hidden(self, who: str) -> set[str]:
        phones = {phone for owner, phone in PHONES.items() if owner != self.owner_of(who)}
        return super().hidden(who) | (phones if who != "operator" else set())

    @initialize(target=needs)
    def first_need(self) -> Any:
        return self._post("seeker", "needs", publish=True)

    @initialize(target=capabilities)
    def first_capability(self) -> Any:
        return self._post("provider", "capabilities", publish=True)

    @precondition(lambda self: len(self.owners) < _MOST)
    @rule(target=needs, who=st.sampled_from(["seeker", "seeker", "stranger"]), publish=st.booleans())
    def post_need(self, who: str, publish: bool) -> Any:
        return self._post(who, "needs", publish=publish) or multiple()

    @precondition(lambda self: len(self.owners) < _MOST)
    @rule(
        target=capabilities, who=st.sampled_from(["provider", "provider", "stranger"]), publish=st.booleans()
    )
    def post_capability(self, who: str, publish: bool) -> Any:
        return self._post(who, "capabilities", publish=publish) or multiple()

    @rule(
        who=st.sampled_from([_OWNER, _OWNER, *ACTORS]),
        place=st.one_of(
            needs.map(lambda one: f"/v1/needs/{one}"),
            capabilities.map(lambda one: f"/v1/capabilities/{one}"),
        ),
        verb=st.sampled_from(["close", "submit", "reject", "publish", "publish"]),
    )
    def move_posting(self, who: str, place: str, verb: str) -> None:
        who = self.owners[place] if who == _OWNER else who
        self.do(who, "POST", f"{place}/{verb}", {"reason": "请补充指标"} if verb == "reject" else None)
        self.do(who, "GET", place)
        self.do(who, "GET", place.rpartition("/")[0])

    def _post(self, who: str, side: str, *, publish: bool) -> str | None:
        """With one contact in its field, and the same in the text. None: whoever is barred publishes nothing."""
        body = {
            "title": "红枣分级",
            "description": f"电话{PHONES[who]}",
            "contacts": [{"phone": PHONES[who]}],
            "publish": publish,
            **({"kind": "achievement"} if side == "capabilities" else {}),
        }
        answer = self.do(who, "POST", f"/v1/{side}", body)
        if answer.is_error:
            assert publish
            assert who in self.barred
            return None
        posted = str(answer.json()["id"])
        self.owners[f"/v1/{side}/{posted}"] = who
        return posted
