"""Brokers' standing and their evaluations, brought to each state, and each verb sent."""

from typing import Any
from uuid import UUID

import httpx2 as httpx
from fastapi.testclient import TestClient
from sqlmodel import Session, select

from schemas.base import now
from schemas.broker import Broker, BrokerEvaluation
from schemas.vocabulary import Role
from tests.conftest import ClientFor
from tests.make import make_key, make_organization
from tests.service.walks.walk import Actor, Walk

YEAR = now().year - 1
_BODIES: dict[str, dict[str, Any]] = {
    "change": {"level": "senior"},
    "evaluate": {"year": YEAR},
    "end": {"ground": "cause", "reason": "严重违规"},
    "readmit": {"reason": "整改完成"},
    "confirm": {},
    "answer": {"answer": "情况属实"},
}


class BrokerWalk(Walk):
    def __init__(self, session: Session, client_for: ClientFor) -> None:
        self.session = session
        self.own = make_organization(session, kind="broker")
        self.broker = client_for(self.own, Role.broker)
        self.operator = client_for(role=Role.operator)
        self.actors = {
            "broker": Actor(self.broker, frozenset({"its broker"})),
            "operator": Actor(self.operator, frozenset({"operator"})),
            "another broker": Actor(client_for(role=Role.broker)),
            "a member of its organisation": Actor(client_for(self.own)),
            "another member": Actor(client_for()),
            "an integrator": Actor(client_for(self.own, Role.integrator)),
        }

    def register(self) -> UUID:
        """A broker of an organisation that has none yet; the client of the one before becomes that one's."""
        self.own = make_organization(self.session, kind="broker")
        for name, role in (("broker", Role.broker), ("a member of its organisation", Role.member)):
            key = make_key(self.session, self.own, role=role)
            self.actors[name].client.headers["Authorization"] = f"Bearer {key}"
        made = self.broker.post("/v1/brokers", json={})
        assert made.status_code == 201, made.text
        return UUID(made.json()["id"])

    def bring(self, state: str) -> UUID:
        work = self.register()
        if state == "ended":
            ended = self.send(self.operator, work, "end")
            assert ended.is_success, ended.text
        return work

    def send(self, client: TestClient, work: UUID, verb: str) -> httpx.Response:
        place = f"/v1/brokers/{work}"
        if verb.split(maxsplit=1)[0] == "read":
            return client.get(place + ("/record" if verb == "read record" else ""))
        if verb == "change":
            return client.patch(place, json=_BODIES[verb])
        return client.post(f"{place}/{'evaluations' if verb == 'evaluate' else verb}", json=_BODIES[verb])

    def state(self, work: UUID) -> str:
        self.session.rollback()
        self.session.expire_all()
        return self.session.get_one(Broker, work).standing.value


class BrokerEvaluationWalk(BrokerWalk):
    """``work`` is the evaluation's id; it has its address by broker and year."""

    def bring(self, state: str) -> UUID:
        broker = self.register()
        place = f"/v1/brokers/{broker}/evaluations"
        drafted = self.operator.post(place, json={"year": YEAR})
        assert drafted.status_code == 201, drafted.text
        if state in ("confirmed", "answered"):
            assert self.operator.post(f"{place}/{YEAR}/confirm", json={}).is_success
        if state == "answered":
            assert self.broker.post(f"{place}/{YEAR}/answer", json=_BODIES["answer"]).is_success
        return next(one.id for one in self._evaluations() if one.broker_id == broker)

    def send(self, client: TestClient, work: UUID, verb: str) -> httpx.Response:
        [broker] = [one.broker_id for one in self._evaluations() if one.id == work]
        place = f"/v1/brokers/{broker}/evaluations/{YEAR}"
        if verb == "read":
            return client.get(place)
        return client.post(f"{place}/{verb}", json=_BODIES.get(verb))

    def state(self, work: UUID) -> str:
        return next(one.status.value for one in self._evaluations() if one.id == work)

    def _evaluations(self) -> list[BrokerEvaluation]:
        self.session.rollback()
        self.session.expire_all()
        return list(self.session.exec(select(BrokerEvaluation)))
