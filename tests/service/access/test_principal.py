from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlmodel import Session, select

from schemas.account import ApiKey
from schemas.base import now
from schemas.vocabulary import Role
from service.access.key_text import key_hash
from service.app import create_app
from tests.conftest import ClientFor
from tests.make import make_key, make_organization


@pytest.fixture
def anyone(session: Session) -> TestClient:
    """A client that sends no key of its own."""
    return TestClient(create_app(), raise_server_exceptions=False)


def key_row(session: Session, key: str) -> ApiKey:
    session.expire_all()
    return session.exec(select(ApiKey).where(ApiKey.key_hash == key_hash(key))).one()


@pytest.mark.parametrize(
    "header",
    [None, "", "Bearer", "Bearer ", "Bearer dj_nobodys", "Basic ZGo6ZGo=", "Bearer \xff\xfe"],
)
def test_without_a_known_key_the_answer_is_401(anyone: TestClient, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header.encode("latin-1")}

    answer = anyone.get("/v1/needs", headers=headers)  # type: ignore[arg-type]

    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == "unauthorized"


def test_a_key_in_use_is_let_in(session: Session, anyone: TestClient) -> None:
    key = make_key(session, make_organization(session), expires_at=now() + timedelta(minutes=1))

    answer = anyone.get("/v1/needs", headers={"Authorization": f"Bearer {key}"})

    assert answer.status_code == 200


def test_an_expired_key_is_refused(session: Session, anyone: TestClient) -> None:
    key = make_key(session, make_organization(session), expires_at=now() - timedelta(seconds=1))

    answer = anyone.get("/v1/needs", headers={"Authorization": f"Bearer {key}", "Accept-Language": "en"})

    assert answer.status_code == 401
    assert answer.json()["detail"] == "The key has expired"


def test_a_revoked_key_is_refused_from_the_next_request_on(session: Session, client_for: ClientFor) -> None:
    owner = make_organization(session)
    key = make_key(session, owner)
    client = client_for(owner)
    client.headers["Authorization"] = f"Bearer {key}"
    assert client.get("/v1/needs").status_code == 200

    revoked = client.delete(f"/v1/organizations/{owner.id}/api-keys/{key_row(session, key).id}")
    answer = client.get("/v1/needs", headers={"Accept-Language": "en"})

    assert revoked.status_code == 204
    assert answer.status_code == 401
    assert answer.json()["detail"] == "The key has been revoked"


def test_the_first_use_of_a_key_is_noted(session: Session, anyone: TestClient) -> None:
    key = make_key(session, make_organization(session))
    assert key_row(session, key).last_used_at is None
    before = now()

    anyone.get("/v1/needs", headers={"Authorization": f"Bearer {key}"})

    used = key_row(session, key).last_used_at
    assert used is not None
    assert before <= used <= now()


@pytest.mark.parametrize(("ago", "noted"), [(30, False), (90, True)])
def test_the_use_of_a_key_is_noted_once_a_minute(
    session: Session, anyone: TestClient, ago: int, *, noted: bool
) -> None:
    key = make_key(session, make_organization(session))
    earlier = now() - timedelta(seconds=ago)
    key_row(session, key).last_used_at = earlier
    session.commit()

    anyone.get("/v1/needs", headers={"Authorization": f"Bearer {key}"})

    assert (key_row(session, key).last_used_at != earlier) is noted


def test_a_member_may_not_issue_a_brokers_key(session: Session, client_for: ClientFor) -> None:
    owner = make_organization(session)
    member, broker = client_for(owner), client_for(owner, Role.broker)
    address = f"/v1/organizations/{owner.id}/api-keys"

    asked = {client: client.post(address, json={"role": "broker"}).status_code for client in (member, broker)}

    assert asked == {member: 403, broker: 201}
