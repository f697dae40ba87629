"""A broker, and its proposals brought to where a test wants them, the way that people do."""

from datetime import timedelta
from typing import Any

from fastapi.testclient import TestClient
from sqlmodel import Session

from schemas.base import now
from schemas.introduction import Introduction
from schemas.vocabulary import Role
from tests.conftest import ClientFor
from tests.make import make_capability, make_need, make_organization


class Brokerage:
    """A registered broker, an operator, and two sides that are proposed to each other."""

    def __init__(self, session: Session, client_for: ClientFor) -> None:
        self.session = session
        self.own = make_organization(session, kind="broker")
        self.broker = client_for(self.own, Role.broker)
        self.operator = client_for(role=Role.operator)
        self.seekers, self.providers = make_organization(session), make_organization(session)
        self.seeker, self.provider = client_for(self.seekers), client_for(self.providers)
        self.id = self.broker.post("/v1/brokers", json={"level": "middle"}).json()["id"]

    @property
    def place(self) -> str:
        return f"/v1/brokers/{self.id}"

    def propose(self, broker: TestClient | None = None, **fields: Any) -> str:
        need = make_need(self.session, self.seekers)
        capability = make_capability(self.session, self.providers)
        body = {"need_id": str(need.id), "capability_id": str(capability.id), **fields}
        made = (broker or self.broker).post("/v1/introductions", json=body)
        assert made.status_code == 201, made.text
        return str(made.json()["id"])

    def agreed(self, **fields: Any) -> str:
        made = self.propose(**fields)
        for side in (self.seeker, self.provider):
            assert side.post(f"/v1/introductions/{made}/accept", json={}).is_success
        return made

    def contracted(self, **fields: Any) -> str:
        made = self.agreed(**fields)
        ended = self.seeker.post(f"/v1/introductions/{made}/end", json={"outcome": "contract"})
        assert ended.is_success
        return made

    def declined(self, reason: str = "budget", **fields: Any) -> str:
        made = self.propose(**fields)
        answer = self.seeker.post(f"/v1/introductions/{made}/decline", json={"reason": reason})
        assert answer.is_success
        return made

    def shift(self, introduction: str, days: int, **more: Any) -> None:
        """Let it have been proposed so many days earlier."""
        row = self.session.get_one(Introduction, introduction)
        self.session.refresh(row)
        row.created_at = now() - timedelta(days=days)
        for name, value in more.items():
            setattr(row, name, value)
        self.session.commit()
