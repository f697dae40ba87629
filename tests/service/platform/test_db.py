"""The database under many requests at once."""

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Connection, event
from sqlmodel import Session

from schemas.vocabulary import Role
from service.app import create_app
from service.platform import db
from service.platform.observe import set_up_log
from tests.make import make_key, make_organization
from tests.races import many, race


@pytest.fixture
def impatient(session: Session, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Whoever waits for a connection or for a lock gives up soon, so that nobody waits for ever."""

    def impatiently(connection: Connection) -> None:
        connection.exec_driver_sql("SET LOCAL lock_timeout = '2s'")

    monkeypatch.setattr(db.engine().pool, "_timeout", 1.0)
    event.listen(db.engine(), "begin", impatiently)
    yield
    event.remove(db.engine(), "begin", impatiently)
    # Starting a server has made it talkative.
    set_up_log("error")


def test_more_requests_than_connections_wait_their_turn(session: Session, impatient: None) -> None:
    """All in one event loop, as a server has it, and all of one key, whose row each of them writes."""
    key = make_key(session, make_organization(session), role=Role.operator)
    with TestClient(
        create_app(), raise_server_exceptions=False, headers={"Authorization": f"Bearer {key}"}
    ) as client:
        answers = race(many(lambda: client.get("/v1/needs").status_code, count=64))

    assert set(answers) == {200}
