"""How often one caller may do what costs much, through HTTP."""

import json
import re
from collections.abc import Iterator
from io import BytesIO

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from pydantic import ValidationError
from sqlmodel import Session

from schemas.account import Organization
from schemas.rate_limits import RateLimits
from service.http import rate_limits
from service.http.rate_limits import COSTLY
from tests.conftest import ClientFor, Refreshed
from tests.make import make_capability, make_key, make_need, make_organization
from tests.telling import set_to

_NOBODY = {"Authorization": "Bearer dj_nobody"}


@pytest.fixture(autouse=True)
def limits() -> Iterator[None]:
    """Two of each a day, and none counted yet."""
    rate_limits._limiter.storage.reset()
    with set_to(rate_limits=RateLimits(**dict.fromkeys(RateLimits.model_fields, "2/day"))):
        yield
    rate_limits._limiter.storage.reset()


@pytest.fixture
def stranger(app: FastAPI) -> TestClient:
    return TestClient(app, raise_server_exceptions=False, base_url="https://testserver")


@pytest.mark.parametrize(
    "path",
    ["/v1/needs", "/v1/statistics", "/v1/exports/needs?format=jsonl"],
)
def test_a_key_is_told_what_is_left_to_it_and_refused_beyond(client_for: ClientFor, path: str) -> None:
    client = client_for(role="operator")

    answers = [client.get(path, headers={"Accept-Language": "ru"}) for _ in range(3)]

    kind = answers[0].headers["RateLimit-Policy"].split('"')[1]
    assert [one.headers["RateLimit-Policy"] for one in answers] == [f'"{kind}";q=2;w=86400'] * 3
    assert [one.headers["RateLimit"].split(";")[:2] for one in answers] == [
        [f'"{kind}"', "r=1"],
        [f'"{kind}"', "r=0"],
        [f'"{kind}"', "r=0"],
    ]
    assert [one.status_code for one in answers[:2]] == [200, 200]
    assert (answers[2].status_code, answers[2].json()["type"]) == (429, "too-many-requests")
    assert answers[2].json()["title"] == "Слишком много запросов; попробуйте чуть позже"
    assert 86_000 < int(answers[2].headers["Retry-After"]) <= 86_400
    assert answers[2].headers["RateLimit"].endswith(f";t={answers[2].headers['Retry-After']}")


@pytest.mark.model
def test_matches_and_free_texts_are_counted_once_a_request(
    session: Session, owner: Organization, client_for: ClientFor, refreshed: Refreshed
) -> None:
    """A request whose text is encoded is carried out in two rounds."""
    need = make_need(session, owner)
    make_capability(session, owner)
    client = refreshed(client_for(owner))
    body = {"text": "残膜", "looking_for": "capabilities"}

    texts = [client.post("/v1/matches", json=body) for _ in range(3)]
    matches = [client.get(f"/v1/needs/{need.id}/matches") for _ in range(3)]

    assert [one.status_code for one in texts] == [one.status_code for one in matches] == [200, 200, 429]
    assert [one.headers["RateLimit"][:11] for one in texts] == ['"texts";r=1', '"texts";r=0', '"texts";r=0']


def test_imports_are_counted_before_they_are_read(client_for: ClientFor) -> None:
    client = client_for()

    file = json.dumps({"title": "枣"}).encode()

    answers = [
        client.post("/v1/imports", data={"kind": "needs"}, files={"file": ("a.jsonl", BytesIO(file))})
        for _ in range(3)
    ]

    assert [one.status_code for one in answers] == [202, 202, 429]


def test_each_key_is_counted_for_itself(client_for: ClientFor, owner: Organization) -> None:
    one, other = client_for(owner), client_for(owner)

    assert [client.get("/v1/needs").status_code for client in (one, one, one, other)] == [200, 200, 429, 200]


def test_unknown_keys_are_refused_by_address_and_known_ones_are_not(
    stranger: TestClient, client_for: ClientFor
) -> None:
    refused = [stranger.get("/v1/domains-of-nobody", headers=_NOBODY).status_code]
    refused += [stranger.get("/v1/needs", headers=_NOBODY).status_code for _ in range(3)]

    assert refused == [404, 401, 401, 429]
    assert client_for().get("/v1/needs").status_code == 200


def test_guessing_at_the_sign_in_is_refused_and_whoever_has_a_key_gets_in(
    stranger: TestClient, session: Session
) -> None:
    key = make_key(session, make_organization(session))
    page = {"Origin": "https://testserver", "Accept": "text/html"}

    guesses = [stranger.post("/sign-in", data={"key": "dj_x"}, headers=page) for _ in range(3)]
    known = stranger.post("/sign-in", data={"key": key}, headers=page, follow_redirects=False)

    assert [one.status_code for one in guesses] == [401, 401, 429]
    assert "请求过于频繁，请稍后再试" in guesses[2].text
    assert int(guesses[2].headers["Retry-After"]) > 86_000
    assert known.status_code == 303


@pytest.mark.parametrize(
    "path", ["/needs", "/feeds/needs.atom", "/oai?verb=Identify", "/statistics", "/search"]
)
def test_a_visitor_is_counted_by_address(stranger: TestClient, client_for: ClientFor, path: str) -> None:
    assert [stranger.get(path).status_code for _ in range(3)] == [200, 200, 429]
    # What is left to the address is nothing; a key has its own.
    assert client_for().get("/v1/needs").status_code == 200


@pytest.mark.parametrize(
    ("first", "second", "together"),
    [
        ("10.0.0.1", "10.0.0.2", False),
        ("2001:db8::1", "2001:db8::ffff", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("::ffff:10.0.0.1", "::ffff:10.0.0.2", False),
    ],
)
def test_neighbours_in_one_household_share_an_address(
    app: FastAPI, session: Session, first: str, second: str, *, together: bool
) -> None:
    for _ in range(2):
        TestClient(app, client=(first, 1)).get("/needs")

    answer = TestClient(app, raise_server_exceptions=False, client=(second, 1)).get("/needs")

    assert (answer.status_code == 429) is together


def test_health_is_not_counted(stranger: TestClient) -> None:
    assert [stranger.get("/healthz").status_code for _ in range(5)] == [200] * 5


def test_one_limit_changed_leaves_the_others() -> None:
    changed = RateLimits(texts=None)

    assert (changed.texts, changed.matches) == (None, RateLimits().matches)
    with pytest.raises(ValidationError):
        RateLimits(texts="often")


def test_what_costs_much_is_counted(app: FastAPI) -> None:
    routes = {
        f"{method} {route.path}"
        for included in app.routes
        for route in getattr(getattr(included, "original_router", None), "routes", [])
        for method in route.methods
    }
    counted: dict[str, set[str]] = {kind: set() for kind, _ in COSTLY}
    for route in routes:
        if kind := next((kind for kind, pattern in COSTLY if pattern.fullmatch(route)), None):
            counted[kind].add(route)

    words = re.compile(
        r"search|matches|suggestions|hints|analysis|imports$|exports?\b|totals|statistics|feeds|oai"
    )
    assert {one for one in routes if words.search(one)} <= set().union(*counted.values())
    assert counted["texts"] >= {"POST /v1/matches", "GET /search", "POST /{side}/new/hints"}
    assert all(counted.values())
    assert counted.keys() == RateLimits.model_fields.keys() - {"unknown_keys"}
