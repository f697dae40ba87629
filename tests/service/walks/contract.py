"""Contracts, brought to each state, and each verb sent."""

from typing import Any
from uuid import UUID

import httpx2 as httpx
from fastapi.testclient import TestClient
from sqlmodel import Session, col, select

from schemas.contract import Contract, ContractVersion
from schemas.vocabulary import Role
from tests.conftest import ClientFor
from tests.service.contracting import content, draft, number, parties
from tests.service.walks.walk import Actor, Walk

_SIGNED = [("seeker", "sign"), ("provider", "sign")]
_REGISTERED = [*_SIGNED, ("provider", "submit"), ("operator", "register")]
_WAYS: dict[str, list[tuple[str, str]]] = {
    "draft": [],
    "signed": _SIGNED,
    "submitted": [*_SIGNED, ("provider", "submit")],
    "registered": _REGISTERED,
    "refused": [*_SIGNED, ("provider", "submit"), ("operator", "refuse")],
    "amending": [*_REGISTERED, ("seeker", "amend")],
    "fulfilled": [*_REGISTERED, ("seeker", "fulfil")],
    "cancelled": [("seeker", "cancel")],
}
_READS = {"read": "", "read versions": "/versions", "read precheck": "/precheck"}


class ContractWalk(Walk):
    def __init__(self, session: Session, client_for: ClientFor) -> None:
        self.session = session
        self.two = parties(session, client_for)
        self.actors = {
            "seeker": Actor(self.two.seeker, frozenset({"seeker"})),
            "provider": Actor(self.two.provider, frozenset({"provider"})),
            "broker": Actor(self.two.broker, frozenset({"its broker"})),
            "operator": Actor(self.two.operator, frozenset({"operator"})),
            "another member": Actor(client_for()),
            "another broker": Actor(client_for(role=Role.broker)),
            "an integrator": Actor(client_for(self.two.buyer, Role.integrator)),
        }

    def bring(self, state: str) -> UUID:
        work = UUID(draft(self.session, self.two)["id"])
        for who, verb in _WAYS[state]:
            answered = self.send(self.actors[who].client, work, verb)
            assert answered.is_success, answered.text
        return work

    def send(self, client: TestClient, work: UUID, verb: str) -> httpx.Response:
        place = f"/v1/contracts/{work}"
        if verb in _READS:
            return client.get(place + _READS[verb])
        if verb == "change":
            return client.put(f"{place}/content", json=content(title="改后的项目名称"))
        return client.post(f"{place}/{verb}", json=self._body(work, verb))

    def _body(self, work: UUID, verb: str) -> dict[str, Any] | None:
        if verb == "sign":
            return self._as_it_stands(work)
        return {
            "amend": content(turnover=900_000),
            "submit": {},
            "register": {"number": number()},
            "refuse": {"ground": "evidence"},
            "cancel": {"ground": "void"},
        }.get(verb)

    def _as_it_stands(self, work: UUID) -> dict[str, Any]:
        self.session.rollback()
        self.session.expire_all()
        version = self.session.exec(
            select(ContractVersion)
            .where(col(ContractVersion.contract_id) == work)
            .order_by(col(ContractVersion.number).desc())
        ).first()
        assert version is not None
        return {"version": version.number, "hash": version.hash}

    def state(self, work: UUID) -> str:
        self.session.rollback()
        self.session.expire_all()
        return self.session.get_one(Contract, work).status.value
