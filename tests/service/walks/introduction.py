"""Introductions, brought to each state, and each verb sent."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx2 as httpx
from fastapi.testclient import TestClient
from sqlmodel import Session

from schemas.base import now
from schemas.introduction import Introduction
from schemas.vocabulary import Role
from service.introductions import expire_overdue
from service.openapi_examples import CONTRACT
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
    "contract": CONTRACT,
}
_READS = {"read": "", "read contacts": "/contacts"}


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
            "another broker": Actor(client_for(role=Role.broker)),
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
        for who, verb in answers:
            answered = self.send(self.actors[who].client, work, verb)
            assert answered.is_success, answered.text
        if state == "expired":
            self.session.get_one(Introduction, work).expires_at = now() - timedelta(seconds=1)
            expire_overdue(self.session)
            self.session.commit()
        return work

    def send(self, client: TestClient, work: UUID, verb: str) -> httpx.Response:
        place = f"/v1/introductions/{work}"
        if verb in _READS:
            return client.get(place + _READS[verb])
        return client.post(f"{place}/{verb.replace(' ', '-')}", json=_BODIES.get(verb))

    def state(self, work: UUID) -> str:
        self.session.rollback()
        self.session.expire_all()
        return self.session.get_one(Introduction, work).status.value
