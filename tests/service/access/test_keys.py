"""What a key may do with other keys, from where it may be used, and for how long."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlmodel import Session, col, select

from schemas.account import ApiKey, Organization
from schemas.base import now
from schemas.vocabulary import Role
from service.access.key_text import WeakKey, is_mistyped, key_hash, new_key, require_strong
from service.access.keys import MOST_LIVE
from tests.conftest import Queries
from tests.make import make_key, make_organization

Called = Callable[..., TestClient]


@pytest.fixture
def called(app: FastAPI) -> Called:
    """A client with this key, from this address."""
    return lambda key, address="192.0.2.7": TestClient(
        app, headers={"Authorization": f"Bearer {key}"}, client=(address, 50_000)
    )


def keys_of(organization: Organization) -> str:
    return f"/v1/organizations/{organization.id}/api-keys"


def row_of(session: Session, key: str) -> ApiKey:
    session.expire_all()
    return session.exec(select(ApiKey).where(ApiKey.key_hash == key_hash(key))).one()


@pytest.mark.parametrize(
    ("role", "within"),
    [
        (Role.member, {Role.integrator, Role.member}),
        (Role.broker, {Role.integrator, Role.member, Role.broker}),
        (Role.operator, set(Role)),
    ],
)
def test_a_key_sees_makes_and_revokes_those_within_its_own_role(
    session: Session, called: Called, role: Role, within: set[Role]
) -> None:
    owner = make_organization(session)
    client = called(make_key(session, owner, role=role))
    others = {one: str(row_of(session, make_key(session, owner, role=one)).id) for one in Role}
    listed = {key["id"] for key in client.get(keys_of(owner)).json()}

    seen = {one for one, key_id in others.items() if key_id in listed}
    made = {one for one in Role if client.post(keys_of(owner), json={"role": one}).status_code == 201}
    revoked = {
        one
        for one, key_id in others.items()
        if client.delete(f"{keys_of(owner)}/{key_id}").status_code == 204
    }

    assert (seen, made, revoked) == (within, within, within)
    live = session.exec(
        select(ApiKey.role).where(
            col(ApiKey.id).in_([UUID(one) for one in others.values()]), col(ApiKey.revoked_at).is_(None)
        )
    )
    assert set(live) == set(Role) - within


def test_who_made_a_key_is_kept_and_all_that_came_of_it_goes_with_it_where_wanted(
    session: Session, called: Called
) -> None:
    owner = make_organization(session)
    root = make_key(session, owner)
    first = called(root).post(keys_of(owner), json={"role": "member"}).json()
    second = called(first["key"]).post(keys_of(owner), json={"role": "member"}).json()
    third = called(second["key"]).post(keys_of(owner), json={"role": "integrator"}).json()
    beside = called(root).post(keys_of(owner), json={"role": "member"}).json()

    def alive() -> list[bool]:
        return [
            called(one["key"]).get("/v1/needs").status_code == 200 for one in (first, second, third, beside)
        ]

    assert (first["made_by"], second["made_by"]) == (str(row_of(session, root).id), first["id"])
    called(root).delete(f"{keys_of(owner)}/{first['id']}")
    assert alive() == [False, True, True, True]
    # Revoked already: what it made still goes by it.
    called(root).delete(f"{keys_of(owner)}/{first['id']}", params={"with_made": True})
    assert alive() == [False, False, False, True]


def test_a_key_ends_after_a_year_unless_something_else_was_said(session: Session, called: Called) -> None:
    owner = make_organization(session)
    client = called(make_key(session, owner))
    before = now()

    def ends(**said: Any) -> Any:
        return client.post(keys_of(owner), json={"role": "member", **said}).json()["expires_at"]

    year = datetime.fromisoformat(ends())
    assert timedelta(days=365) <= year - before < timedelta(days=366)
    assert ends(expires_at=None) is None
    assert ends(expires_at="2199-01-01T00:00:00Z") == "2199-01-01T00:00:00Z"


def test_a_key_makes_none_that_is_for_more_or_from_elsewhere(session: Session, called: Called) -> None:
    owner = make_organization(session)
    narrow = make_key(session, owner, scopes=["read", "post"], networks=["10.2.0.0/16", "2001:db8::/32"])
    whole = str(row_of(session, make_key(session, owner)).id)
    client = called(narrow, "10.2.3.4")

    def made(**wanted: Any) -> Any:
        return client.post(keys_of(owner), json={"role": "member", **wanted})

    like_it = made().json()
    assert (like_it["scopes"], like_it["networks"]) == (["post", "read"], ["10.2.0.0/16", "2001:db8::/32"])
    assert made(scopes=["read"], networks=["10.2.9.9", "2001:db8:1::/48"]).status_code == 201
    assert made(scopes=["read", "match"]).status_code == 403
    assert made(networks=["10.0.0.0/8"]).status_code == 403
    assert made(networks=["10.2.9.9", "2001:dead::/32"]).status_code == 403
    assert whole not in {key["id"] for key in client.get(keys_of(owner)).json()}
    assert client.delete(f"{keys_of(owner)}/{whole}").status_code == 404


@pytest.mark.parametrize(
    ("networks", "address", "status"),
    [
        (["10.2.0.0/16"], "10.2.255.1", 200),
        (["10.2.0.0/16"], "10.3.0.1", 403),
        (["10.2.0.0/16", "192.0.2.7"], "192.0.2.7", 200),
        (["10.2.0.0/16"], "::ffff:10.2.0.1", 200),
        (["2001:db8::/32"], "2001:db8::1", 200),
        (["2001:db8::/32"], "10.2.0.1", 403),
        (["0.0.0.0/0"], "testclient", 403),
        ([], "testclient", 200),
    ],
)
def test_a_key_is_used_from_its_networks_alone(
    session: Session, called: Called, networks: list[str], address: str, status: int
) -> None:
    key = make_key(session, make_organization(session), networks=networks)

    answer = called(key, address).get("/v1/needs")

    assert answer.status_code == status


def test_a_session_ends_where_its_keys_network_does(session: Session, app: FastAPI) -> None:
    key = make_key(session, make_organization(session), networks=["10.2.0.0/16"])
    origin = {"Origin": "http://testserver", "Accept": "text/html"}
    inside, outside = (
        TestClient(app, client=(address, 1), headers=origin, follow_redirects=False)
        for address in ("10.2.0.1", "192.0.2.7")
    )
    signed_in = inside.post("/sign-in", data={"key": key})
    outside.cookies.update(inside.cookies)

    assert signed_in.status_code == 303
    assert outside.post("/sign-in", data={"key": key}).status_code == 403
    assert [client.get("/my").status_code for client in (inside, outside)] == [200, 303]


@pytest.mark.parametrize("written", ["10.2.0.0/33", "枣园", "10.2.0"])
def test_what_is_no_network_is_told(session: Session, called: Called, written: str) -> None:
    owner = make_organization(session)
    client = called(make_key(session, owner))

    answer = client.post(keys_of(owner), json={"role": "member", "networks": [written]})

    assert answer.status_code == 422
    assert answer.json()["errors"][0] == {
        "pointer": "/networks/0", "code": "network", "message": "请填写网络地址或地址段，如 10.2.0.0/16",
    }  # fmt: skip


def test_an_organisation_has_at_most_fifty_keys_in_use(session: Session, called: Called) -> None:
    owner = make_organization(session)
    client = called(make_key(session, owner))
    make_key(session, owner, expires_at=now() - timedelta(seconds=1))
    made = [client.post(keys_of(owner), json={"role": "integrator"}) for _ in range(MOST_LIVE)]

    assert [answer.status_code for answer in made] == [201] * (MOST_LIVE - 1) + [409]
    assert "50" in made[-1].json()["detail"]
    client.delete(f"{keys_of(owner)}/{made[0].json()['id']}")
    assert client.post(keys_of(owner), json={"role": "integrator"}).status_code == 201


def test_a_mistyped_key_is_told_so_without_asking_the_database(
    session: Session, called: Called, queries: Queries
) -> None:
    key = make_key(session, make_organization(session))
    with queries() as asked:
        slip = key[:20] + ("a" if key[20] != "a" else "b") + key[21:]
        answers = [called(one).get("/v1/needs") for one in (slip, key[:-1], key + "x", key.swapcase())]
        mistyped = list(asked)
        unknown = called(new_key()).get("/v1/needs")

    assert [answer.status_code for answer in answers] == [401] * 4
    assert {answer.json()["detail"] for answer in answers[:3]} == {"密钥有误：可能抄错或漏了字符"}
    # Without its mark it might be one of the keys that have none.
    assert answers[3].json()["detail"] == "密钥无效"
    assert len([statement for statement in mistyped if "api_key" in statement]) == 1
    assert unknown.json()["detail"] == "密钥无效"


def test_a_key_is_known_by_its_mark_and_every_slip_is_noticed() -> None:
    key = new_key()

    slips = [key[:at] + ("0" if key[at] != "0" else "1") + key[at + 1 :] for at in range(4, len(key))]
    swapped = [
        key[:at] + key[at + 1] + key[at] + key[at + 2 :]
        for at in range(4, len(key) - 1)
        if key[at] != key[at + 1]
    ]

    assert key.startswith("djk_")
    assert not is_mistyped(key)
    assert all(map(is_mistyped, [*slips, *swapped, key[:-1], key + "0"]))


def test_keys_of_before_keep_working(session: Session, called: Called) -> None:
    row = row_of(session, make_key(session, make_organization(session)))
    for old in ("dj_Vt3-9sJ0mKxYw_b2QeLr8ZfUaHcPiNoGd1TqXyEuB4k", "a-key-that-a-person-chose"):
        row.key_hash, row.expires_at = key_hash(old), None
        session.add(row)
        session.commit()

        assert called(old).get("/v1/needs").status_code == 200


@pytest.mark.parametrize(
    "weak",
    [
        "short", "operator-key-of-the-tests", "a" * 64, "0123456" * 8, "password" * 4, "1234567890" * 4,
        "abab1212" * 4 + "ab", "djk_Fa5qNyN6aXhNQpPCngFo0yzEzVDWeoB1zBoOmzcr6FI00000000",
    ],
)  # fmt: skip
def test_a_weak_key_is_refused_with_what_to_do(weak: str) -> None:
    with pytest.raises(WeakKey, match="至少要有 32 个字符"):
        require_strong(weak)


@pytest.mark.parametrize("strong", ["8f3a1c0de94b27568f3a1c0de94b2757", "tumxuk-operator-key-of-november-26"])
def test_a_long_key_of_many_characters_is_taken(strong: str) -> None:
    require_strong(strong)
    require_strong(new_key())
