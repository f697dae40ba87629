"""A need and a capability of two organisations, and everybody who may have to do with their introduction."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlmodel import Session, col, select

from schemas.audit import AuditEntry
from schemas.base import now
from schemas.introduction import Introduction
from schemas.notice import Notice
from schemas.vocabulary import Role
from tests.conftest import ClientFor
from tests.make import make_capability, make_need, make_organization

PHONE = "13800138000"


class TwoSides:
    def __init__(self, session: Session, client_for: ClientFor) -> None:
        self.session, self.client_for = session, client_for
        self.seeking, self.providing = make_organization(session), make_organization(session)
        self.brokering = make_organization(session, kind="broker")
        self.need, self.capability = (
            make_need(session, self.seeking),
            make_capability(session, self.providing),
        )
        self.seeker, self.provider = client_for(self.seeking), client_for(self.providing)
        self.broker = client_for(self.brokering, Role.broker)
        self.operator = client_for(role=Role.operator)
        self.stranger = client_for()

    @property
    def pair(self) -> dict[str, str]:
        return {"need_id": str(self.need.id), "capability_id": str(self.capability.id)}

    def ask(self, client: TestClient | None = None, **body: Any) -> str:
        answer = (client or self.seeker).post("/v1/introductions", json={**self.pair, **body})
        assert answer.status_code == 201, answer.text
        return f"/v1/introductions/{answer.json()['id']}"

    def accepted(self, **body: Any) -> str:
        """One that the seeker asked for, and the provider accepted."""
        place = self.ask(**body)
        assert self.provider.post(f"{place}/accept", json={}).status_code == 200
        return place

    def brokered(self) -> str:
        """One that the broker proposed, and both accepted."""
        place = self.ask(self.broker)
        for side in (self.seeker, self.provider):
            assert side.post(f"{place}/accept", json={}).status_code == 200
        return place

    def row(self, place: str) -> Introduction:
        self.session.rollback()
        self.session.expire_all()
        return self.session.get_one(Introduction, UUID(place.rsplit("/", 1)[1]))

    def long_ago(self, place: str, field: str, days: float) -> None:
        """As if this moment of it had been so many days ago."""
        row = self.row(place)
        setattr(row, field, now() - timedelta(days=days))
        self.session.commit()

    def notices(self, kind: str) -> list[UUID]:
        """Whom this was told to."""
        self.session.rollback()
        found = self.session.exec(select(Notice).where(Notice.kind == kind).order_by(col(Notice.id)))
        return [notice.organization_id for notice in found]

    def audited(self, action: str) -> list[AuditEntry]:
        self.session.rollback()
        query = select(AuditEntry).where(AuditEntry.action == action).order_by(col(AuditEntry.number))
        return list(self.session.exec(query))


@pytest.fixture
def two(session: Session, client_for: ClientFor) -> TwoSides:
    return TwoSides(session, client_for)
