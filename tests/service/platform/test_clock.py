"""The machine's clock is set back an hour, as a wrong one is when it is put right."""

from collections.abc import Iterator
from datetime import datetime, timedelta, tzinfo
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlmodel import Session

from schemas import base
from schemas.operation import WorkerSeen
from service.access.audit import verify
from tests.conftest import ClientFor
from tests.make import make_key, make_organization
from workers import relay


class _AnHourAgo(datetime):
    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Any:
        return datetime.now(tz) - timedelta(hours=1)


class Broker:
    def __init__(self) -> None:
        self.sent: list[str] = []

    def send_task(self, name: str, arguments: list[Any]) -> None:
        self.sent.append(name)


@pytest.fixture
def set_back(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    with monkeypatch.context() as patch:
        yield patch


def test_requests_go_on_and_what_was_owed_waits_for_the_clock(
    session: Session, client_for: ClientFor, set_back: pytest.MonkeyPatch
) -> None:
    session.add(WorkerSeen(name=relay.NAME, seen_at=base.now()))
    session.commit()
    client, broker = client_for(), Broker()
    browser = TestClient(client.app, base_url="https://testserver", headers={"Origin": "https://testserver"})
    browser.post("/sign-in", data={"key": make_key(session, make_organization(session))})
    before = client.post("/v1/needs", json={"title": "残膜", "publish": True})

    set_back.setattr(base, "datetime", _AnHourAgo)
    after = client.post("/v1/needs", json={"title": "红枣", "publish": True})
    address = f"/v1/needs/{before.json()['id']}"
    seen = client.get(address).headers["ETag"]
    changed = client.patch(address, json={"title": "残膜回收"}, headers={"If-Match": seen})
    signed_in = browser.get("/my").status_code
    whole = verify(session)
    relay.send_due(broker)
    sent_by_the_wrong_clock = len(broker.sent)
    set_back.undo()
    relay.send_due(broker)

    assert (before.status_code, after.status_code, changed.status_code, signed_in) == (201, 201, 200, 200)
    assert whole.broken_at is None
    assert 0 < sent_by_the_wrong_clock < len(broker.sent)
