"""Introductions, brought to each state, and each verb sent."""

import hashlib
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx2 as httpx
from fastapi.testclient import TestClient
from sqlmodel import Session, select

from schemas.base import now
from schemas.introduction import Introduction
from schemas.introduction_milestone import IntroductionMilestone
from schemas.vocabulary import Role
from service.api.openapi_examples import CONTRACT
from service.introductions.introductions import expire_overdue
from service.platform.settings import settings
from tests.conftest import ClientFor
from tests.make import make_capability, make_need, make_organization
from tests.service.walks.walk import Actor, Walk

# Who asks first, and who answers what.
_WAYS: dict[str, tuple[str, list[tuple[str, str]]]] = {
    "proposed": ("broker", []),
    "awaiting_provider": ("seeker", []),
    "awaiting_seeker": ("provider", []),
    "accepted": ("seeker", [("provider", "accept")]),
    "declined": ("seeker", [("provider", "decline")]),
    "withdrawn": ("seeker", [("seeker", "withdraw")]),
    "ended": ("seeker", [("provider", "accept"), ("seeker", "end")]),
    "expired": ("seeker", []),
}
_BODIES: dict[str, dict[str, Any]] = {
    "accept": {},
    "decline": {"reason": "budget"},
    "end": {"outcome": "contract"},
    "move": {"stage": "negotiation"},
    "ask nda": {"text": "双方对所知悉的技术资料保密。"},
    "write": {"text": "下周三可到现场看样机。"},
    "add milestone": {"title": "样机试验", "due": "2027-04-30"},
    "change milestone": {"title": "样机试验与测产"},
    "follow up": {"money": 500_000},
    "contract": CONTRACT,
}
# With {milestone} in place of the id of one that is not done.
_PLACES: dict[str, tuple[str, str]] = {
    "read": ("GET", ""),
    "read contacts": ("GET", "/contacts"),
    "read nda": ("GET", "/nda"),
    "read details": ("GET", "/details"),
    "read messages": ("GET", "/messages"),
    "read milestones": ("GET", "/milestones"),
    "read follow-ups": ("GET", "/follow-ups"),
    "move": ("POST", "/stage"),
    "ask nda": ("POST", "/nda"),
    "sign nda": ("POST", "/nda/sign"),
    "write": ("POST", "/messages"),
    "add milestone": ("POST", "/milestones"),
    "change milestone": ("PUT", "/milestones/{milestone}"),
    "finish milestone": ("POST", "/milestones/{milestone}/done"),
    "remove milestone": ("DELETE", "/milestones/{milestone}"),
    "follow up": ("PUT", "/follow-ups/6"),
    "take up": ("POST", "/take-up"),
    "agree to broker": ("POST", "/broker/agree"),
    "refuse broker": ("POST", "/broker/refuse"),
}


class IntroductionWalk(Walk):
    def __init__(self, session: Session, client_for: ClientFor) -> None:
        self.session = session
        self.seeker, self.provider = make_organization(session), make_organization(session)
        self.broker = make_organization(session, kind="broker")
        self.actors = {
            "seeker": Actor(client_for(self.seeker), frozenset({"seeker"})),
            "provider": Actor(client_for(self.provider), frozenset({"provider"})),
            "broker": Actor(client_for(self.broker, Role.broker), frozenset({"its broker"})),
            "operator": Actor(client_for(role=Role.operator), frozenset({"operator"})),
            "another member": Actor(client_for()),
            "another broker": Actor(client_for(role=Role.broker), frozenset({"a broker"}), helps=True),
            "an integrator": Actor(client_for(self.seeker, Role.integrator)),
        }

    def bring(self, state: str) -> UUID:
        need, capability = make_need(self.session, self.seeker), make_capability(self.session, self.provider)
        first, answers = _WAYS[state]
        asked = self.actors[first].client.post(
            "/v1/introductions", json={"need_id": str(need.id), "capability_id": str(capability.id)}
        )
        assert asked.status_code == 201, asked.text
        work = UUID(asked.json()["id"])
        # Whoever is to be its broker in the table is so in every state.
        self.session.get_one(Introduction, work).broker_id = self.broker.id
        self.session.commit()
        # There is an NDA in every state, and a milestone where there can be one, so that each verb can be tried.
        self._do(work, "seeker", "ask nda")
        for who, verb in answers:
            self._do(work, who, verb)
            if verb == "accept":
                self._do(work, "seeker", "add milestone")
        if state == "expired":
            self.session.get_one(Introduction, work).expires_at = now() - timedelta(seconds=1)
            expire_overdue(self.session)
        if state == "ended":
            # Long enough ago to be asked what became of it.
            self.session.get_one(Introduction, work).ended_at = now() - timedelta(days=200)
        self.session.commit()
        return work

    def prepare(self, work: UUID, verb: str) -> None:
        if verb == "read details":
            for who in ("seeker", "provider"):
                self._do(work, who, "sign nda")
        if verb in {"take up", "agree to broker", "refuse broker"}:
            one = self.session.get_one(Introduction, work, populate_existing=True)
            one.broker_id, one.moved_at = None, now() - timedelta(days=settings().stalled_days, seconds=1)
            self.session.commit()
        if verb in {"agree to broker", "refuse broker"}:
            self._do(work, "another broker", "take up")

    def _do(self, work: UUID, who: str, verb: str) -> None:
        answered = self.send(self.actors[who].client, work, verb)
        assert answered.is_success, answered.text

    def send(self, client: TestClient, work: UUID, verb: str) -> httpx.Response:
        method, place = _PLACES.get(verb, ("POST", f"/{verb}"))
        body = _BODIES.get(verb)
        if verb == "sign nda":
            body = {
                "name": "王建国",
                "text_hash": hashlib.sha256(_BODIES["ask nda"]["text"].encode()).hexdigest(),
            }
        address = f"/v1/introductions/{work}{place}".format(milestone=self._milestone(work))
        return client.request(method, address, json=body)

    def _milestone(self, work: UUID) -> UUID:
        """The one that it was made with; where none was, one of nobody's."""
        found = select(IntroductionMilestone).where(IntroductionMilestone.introduction_id == work)
        milestone = self.session.exec(found).first()
        self.session.rollback()
        return milestone.id if milestone else work

    def state(self, work: UUID) -> str:
        self.session.rollback()
        self.session.expire_all()
        return self.session.get_one(Introduction, work).status.value
