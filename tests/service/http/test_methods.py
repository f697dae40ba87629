"""Which methods an address takes, told before who asks and what is asked."""

import re
from uuid import uuid4

import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from fastapi.testclient import TestClient
from sqlmodel import Session

from service.matches.live_index import LiveIndex
from tests.conftest import ClientFor
from tests.make import make_need

METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "FOO"}
ORIGIN = {"Origin": "https://elsewhere.example"}


@pytest.fixture
def anyone(session: Session, app: FastAPI) -> TestClient:
    app.state.index = LiveIndex()
    return TestClient(app, base_url="http://127.0.0.1", follow_redirects=False)


def filled(template: str) -> str:
    values = {"year": "2026", "months": "6", "side": "needs", "kind": "needs", "element": "search"}
    return re.sub(r"{(\w+)(:\w+)?}", lambda slot: values.get(slot[1], str(uuid4())), template)


def test_every_operation_tells_all_methods_of_its_address_before_anything_else(
    app: FastAPI, anyone: TestClient
) -> None:
    taken = {
        path: {method.upper() for method in operations} for path, operations in app.openapi()["paths"].items()
    }
    assert len(taken) > 150
    for path, named in taken.items():
        methods = named | {"OPTIONS"} | ({"HEAD"} if "GET" in named else set())
        for method in sorted(METHODS - methods):
            answer = anyone.request(method, filled(path))
            told = set(answer.headers.get("allow", "").split(", "))
            assert (answer.status_code, told) == (405, methods), (method, path)
        asked = anyone.options(filled(path))
        assert (asked.status_code, set(asked.headers["allow"].split(", "))) == (204, methods), path
        assert asked.content == b""


def test_the_portal_too_tells_all_methods_of_an_address(app: FastAPI, anyone: TestClient) -> None:
    pages = [one for one in iter_route_contexts(app.routes) if one.methods and not one.include_in_schema]
    assert len(pages) > 100
    for page in pages:
        answer = anyone.request("PUT", filled(str(page.path)), headers={"Accept": "text/html"})
        if answer.status_code == 404:
            # A word in the path that none of its routes takes.
            continue
        assert answer.status_code == 405, page.path
        assert set(page.methods or ()) <= set(answer.headers["allow"].split(", ")), page.path


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("PATCH", "/v1/needs/check", "OPTIONS, POST"),
        ("GET", "/v1/capabilities/check", "OPTIONS, POST"),
        ("PUT", "/v1/needs/no-id", "DELETE, GET, HEAD, OPTIONS, PATCH"),
        ("PUT", "/needs/new", "GET, HEAD, OPTIONS, POST"),
        ("POST", "/feeds/needs.json", "GET, HEAD, OPTIONS"),
        ("DELETE", "/healthz", "GET, HEAD, OPTIONS"),
        ("POST", "/openapi.json", "GET, HEAD, OPTIONS"),
    ],
)
def test_a_word_in_a_path_is_not_taken_for_an_id(
    anyone: TestClient, method: str, path: str, allow: str
) -> None:
    answer = anyone.request(method, path)

    assert (answer.status_code, answer.headers["allow"]) == (405, allow)
    assert answer.json()["type"] == "method-not-allowed"


@pytest.mark.parametrize("path", ["/anything/a/b", "/anything/new", "/needs/a/b"])
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
def test_what_only_looks_like_an_address_of_a_form_is_not_there(
    anyone: TestClient, method: str, path: str
) -> None:
    assert anyone.request(method, path).status_code == 404


@pytest.mark.parametrize(
    "path",
    ["/v1/needs", "/v1/needs/{id}", "/v1/domains", "/healthz", "/feeds/needs.json", "/openapi.json", "/"],
)
def test_head_answers_as_get_without_a_body(session: Session, client_for: ClientFor, path: str) -> None:
    client, address = client_for(), path.format(id=make_need(session).id)

    got, head = client.get(address), client.head(address)

    assert (got.status_code, head.status_code) == (200, 200)
    assert head.content == b""
    left_out = {"x-request-id", "ratelimit", "x-process-time"}
    assert {name: value for name, value in head.headers.items() if name not in left_out} == {
        name: value for name, value in got.headers.items() if name not in left_out
    }


@pytest.mark.parametrize("path", ["/feeds/needs.json", "/feeds/challenges.atom", "/oembed?url={page}"])
def test_scripts_of_any_site_read_feeds_and_oembed(session: Session, anyone: TestClient, path: str) -> None:
    address = path.format(page=f"http://127.0.0.1/needs/{make_need(session).id}")
    wanted = {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "if-none-match"}

    got, asked = anyone.get(address, headers=ORIGIN), anyone.options(address, headers={**ORIGIN, **wanted})

    assert (got.status_code, asked.status_code) == (200, 204)
    for answer in (got, asked):
        assert answer.headers["access-control-allow-origin"] == "*"
        assert "access-control-allow-credentials" not in answer.headers
    assert asked.headers["access-control-allow-methods"] == "GET, HEAD, OPTIONS"
    assert asked.headers["access-control-allow-headers"] == "*"


def test_scripts_of_other_sites_read_nothing_else(client_for: ClientFor) -> None:
    client = client_for()

    answers = [client.get("/v1/needs", headers=ORIGIN), client.options("/v1/needs", headers=ORIGIN)]

    assert [answer.headers.get("access-control-allow-origin") for answer in answers] == [None, None]
