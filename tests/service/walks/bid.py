"""Bids, brought to each state, and each verb sent."""

from typing import Any
from uuid import UUID

import httpx2 as httpx
from fastapi.testclient import TestClient
from sqlmodel import Session

from schemas.bid import Bid
from tests.conftest import ClientFor
from tests.make import make_organization
from tests.service.tenders import Tender, bid_body, met
from tests.service.walks.walk import Actor, Walk

_SEALED = {"agreeing", "sealed", "withdrawn", "lapsed"}
_GATE = {"milestones": [{"title": "样机", "gate": True}], "mode": "race", "winners": 2}
_POSTED: dict[str, tuple[str, Any]] = {
    "agree": ("agree", {}),
    "refuse": ("refuse", None),
    "withdraw": ("withdraw", None),
    "exclude": ("exclude", {"reason": "不符合申报条件"}),
    "report": ("deliver", {"milestone": 0, "report": "样机已下线"}),
    "decide": ("decide", {"milestone": 0, "decision": "stop", "reason": "指标落后"}),
    "deliver": ("deliver", {"report": "样机两台"}),
    "accept": ("accept-delivery", met(93, 9)),
}


class BidWalk(Walk):
    def __init__(self, session: Session, client_for: ClientFor) -> None:
        self.session, self.client_for = session, client_for
        self.first = Tender(session, client_for, **_GATE)
        self.partner = make_organization(session)
        self.member, self.stranger = client_for(self.partner), client_for()
        self.others = [self.first.another_bidder()[1] for _ in range(2)]
        self.places: dict[UUID, Tender] = {}

    def _cast(self, tender: Tender, state: str) -> None:
        """Publisher, operators and reviewers have no part in what is sealed: to them it is not there."""
        sealed = state in _SEALED
        self.actors = {
            "bidder": Actor(tender.bidder, frozenset({"bidder"})),
            "member": Actor(self.member, frozenset({"member of its consortium"})),
            "publisher": Actor(tender.publisher, frozenset() if sealed else frozenset({"publisher"})),
            "operator": Actor(tender.operator, frozenset() if sealed else frozenset({"operator"})),
            "reviewer": Actor(tender.reviewer, frozenset() if sealed else frozenset({"reviewer"})),
            "another bidder": Actor(self.stranger),
        }

    def bring(self, state: str) -> UUID:
        tender = self.first.again().opened()
        self._cast(tender, state)
        bid = tender.bid(members=[{"organization_id": str(self.partner.id), "role": "pilot"}])
        self.places[UUID(bid)] = tender
        own = f"bids/{bid}"
        if state not in {"agreeing", "lapsed"}:
            tender.do(self.member, f"{own}/agree", {})
        if state == "withdrawn":
            tender.do(tender.bidder, f"{own}/withdraw")
        if state == "lapsed":
            tender.do(tender.publisher, "withdraw", {"reason": "计划调整"})
        if state in _SEALED:
            return UUID(bid)
        self._go_on(tender, bid, state)
        return UUID(bid)

    def _go_on(self, tender: Tender, bid: str, state: str) -> None:
        """From its opening, beside others. Two of three win."""
        others = [tender.bid(client) for client in self.others]
        tender.evaluating()
        if state == "excluded":
            tender.do(tender.operator, f"bids/{bid}/exclude", {"reason": "不符合申报条件"})
        if state in {"opened", "excluded"}:
            return
        tender.working({bid: 50 if state == "lost" else 90, others[0]: 80, others[1]: 70})
        for path, body, later in (
            ("decide", _POSTED["decide"][1], {"stopped"}),
            ("deliver", {"report": "样机两台"}, {"delivered", "accepted"}),
            ("accept-delivery", met(93, 9), {"accepted"}),
        ):
            if state in later:
                tender.do(
                    tender.bidder if path == "deliver" else tender.publisher, f"bids/{bid}/{path}", body
                )

    def send(self, client: TestClient, work: UUID, verb: str) -> httpx.Response:
        place = f"{self.places[work].place}/bids/{work}"
        if verb == "read":
            return client.get(place)
        if verb == "replace":
            return client.put(place, json=bid_body())
        path, body = _POSTED[verb]
        return client.post(f"{place}/{path}", json=body)

    def state(self, work: UUID) -> str:
        self.session.rollback()
        self.session.expire_all()
        return self.session.get_one(Bid, work).status.value
