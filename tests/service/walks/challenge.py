"""Challenges, brought to each state, and each verb sent."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx2 as httpx
from fastapi.testclient import TestClient
from sqlmodel import Session

from schemas.base import now
from schemas.challenge import Challenge
from schemas.vocabulary import Role
from service.challenges.deadline import close_overdue
from tests.conftest import ClientFor
from tests.make import make_organization
from tests.service.tenders import Tender, bid_body, met
from tests.service.walks.walk import Actor, Walk

_WHY = {"reason": "计划调整"}
_READS = {
    "read": "",
    "read suggestions": "/suggestions",
    "read reviews": "/reviews",
    "read analysis": "/analysis",
}
_LATER = {**_WHY, "changes": {"deadline": (now() + timedelta(days=60)).isoformat()}}
_ON_AN_AMENDMENT = {f"{verb} amendment" for verb in ("recall", "publish", "refuse")}
_HIDDEN = {"draft", "review"}


class ChallengeWalk(Walk):
    def __init__(self, session: Session, client_for: ClientFor) -> None:
        self.session, self.client_for = session, client_for
        self.first = Tender(session, client_for)
        self.spare = make_organization(session)
        self.outsider = client_for()
        self.integrator = client_for(role=Role.integrator)
        self.tenders: dict[UUID, Tender] = {}
        self._cast("draft")

    def _cast(self, state: str) -> None:
        """Before it is opened, nobody but its publisher and operators knows of it."""
        known = state not in _HIDDEN
        anybody = frozenset({"anybody"} if known else ())
        self.actors = {
            "publisher": Actor(self.first.publisher, anybody | {"publisher"}),
            "operator": Actor(self.first.operator, anybody | {"operator"}),
            "reviewer": Actor(self.first.reviewer, anybody | ({"reviewer"} if known else set())),
            "another member": Actor(self.outsider, anybody | ({"bidder"} if known else set())),
            "an integrator": Actor(self.integrator, anybody),
        }

    def bring(self, state: str) -> UUID:
        self._cast(state)
        tender = self.first.again()
        self.tenders[UUID(tender.id)] = tender
        if state in _HIDDEN:
            if state == "review":
                tender.do(tender.publisher, "submit")
            return UUID(tender.id)
        tender.opened()
        if state == "failed":
            tender.do(tender.operator, "reviewers", {"organization_id": str(tender.panel.id)})
            tender.pass_deadline()
            close_overdue(self.session)
            self.session.commit()
            return UUID(tender.id)
        bid = tender.bid()
        if state in {"open", "terminated"}:
            tender.do(tender.operator, "reviewers", {"organization_id": str(tender.panel.id)})
            if state == "terminated":
                tender.do(tender.publisher, "withdraw", _WHY)
            return UUID(tender.id)
        tender.evaluating()
        if state == "evaluating":
            return UUID(tender.id)
        tender.awarded()
        for client, verb, body, leads_to in (
            (tender.publisher, "sign", None, "signed"),
            (tender.publisher, "start", None, "working"),
            (tender.bidder, f"bids/{bid}/deliver", {"report": "样机两台"}, "acceptance"),
            (tender.publisher, f"bids/{bid}/accept-delivery", met(93, 9), "solved"),
        ):
            if self.state(UUID(tender.id)) == state:
                break
            tender.do(client, verb, body)
            assert self.state(UUID(tender.id)) == leads_to
        return UUID(tender.id)

    def send(self, client: TestClient, work: UUID, verb: str) -> httpx.Response:
        tender = self.tenders[work]
        if verb in _READS:
            return client.get(tender.place + _READS[verb])
        if verb == "change":
            return client.patch(tender.place, json={"title": "棉田残膜回收机"})
        if verb == "score":
            return client.put(
                f"{tender.place}/bids/{self._some_bid(tender)}/sheet", json={"scores": [80, 70, 60]}
            )
        if verb == "award" and client in (tender.publisher, tender.operator) and self._evaluates(work):
            tender.score(self._some_bid(tender))
        path, body = self._posted(tender, verb)
        return client.post(f"{tender.place}/{path}", json=body)

    def _posted(self, tender: Tender, verb: str) -> tuple[str, Any]:
        reviewers = tender.operator.get(f"{tender.place}/reviews").json().get("reviewers", [])
        reviewer = reviewers[0]["id"] if reviewers else UUID(int=0)
        return {
            "assign": ("reviewers", {"organization_id": str(self.spare.id)}),
            "recuse": (f"reviewers/{reviewer}/recuse", None),
            "declare": ("declaration", {"conflict": False}),
            "bid": ("bids", bid_body()),
            "invite": ("invite", {"organization_ids": [str(self.spare.id)]}),
            "propose amendment": ("amendments", _LATER),
            "recall amendment": (f"amendments/{self._amendment(tender)}/recall", None),
            "publish amendment": (f"amendments/{self._amendment(tender)}/publish", None),
            "refuse amendment": (f"amendments/{self._amendment(tender)}/refuse", _WHY),
            **{one: (one, _WHY) for one in ("return", "withdraw", "fail", "reopen", "terminate")},
        }.get(verb, (verb, None))

    def prepare(self, work: UUID, verb: str) -> None:
        """An amendment that waits, for whoever decides on one."""
        tender = self.tenders[work]
        if verb in _ON_AN_AMENDMENT and self.state(work) == "open":
            tender.do(tender.publisher, "amendments", _LATER)

    def _amendment(self, tender: Tender) -> str:
        found = tender.operator.get(f"{tender.place}/amendments").json().get("items", [])
        return str(found[-1]["id"] if found else UUID(int=0))

    def _some_bid(self, tender: Tender) -> str:
        bids = tender.bidder.get(f"{tender.place}/bids").json().get("items") or [{"id": str(UUID(int=0))}]
        return str(bids[0]["id"])

    def _evaluates(self, work: UUID) -> bool:
        return self.state(work) == "evaluating"

    def state(self, work: UUID) -> str:
        self.session.rollback()
        self.session.expire_all()
        return self.session.get_one(Challenge, work).status.value
