"""What a list, a page or a file asks the database does not grow with its rows."""

import re

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlmodel import Session

from tests.conftest import ClientFor, Queries
from tests.service.challenges.test_bid_sealing import get_paths
from tests.service.growth import GROWTHS, Growth, Seen, World

ORIGIN = "http://testserver"
# The longest page, that of reviews, takes 35.
_MOST = 40
_ONE_THING = (
    "/capabilities/new",
    "/challenges/new",
    "/challenges/{challenge_id}/amend",
    "/challenges/{challenge_id}/bid",
    "/challenges/{challenge_id}/bids/{bid_id}",
    "/challenges/{challenge_id}/edit",
    "/contracts/new",
    "/contracts/{contract_id}/content",
    "/introductions/new",
    "/introductions/{introduction_id}/contacts",
    "/introductions/{introduction_id}/contract",
    "/introductions/{introduction_id}/details",
    "/mail/confirm/{token}",
    "/mail/unsubscribe/{token}",
    "/needs/new",
    "/needs/{need_id}/matches/{capability_id}",
    "/oembed",
    "/subscriptions/new",
    "/v1/audit/head",
    "/v1/brokers/{broker_id}/evaluations/{year}",
    "/v1/brokers/{broker_id}",
    "/v1/capabilities/{capability_id}",
    "/v1/capabilities/{capability_id}/suggestions",
    "/v1/challenges/{challenge_id}/bids/{bid_id}",
    "/v1/contracts/{contract_id}/precheck",
    "/v1/imports/{import_id}",
    "/v1/integrity",
    "/v1/introductions/{introduction_id}/contacts",
    "/v1/introductions/{introduction_id}/details",
    "/v1/introductions/{introduction_id}/nda",
    "/v1/needs/{need_id}",
    "/v1/needs/{need_id}/matches/{capability_id}",
    "/v1/needs/{need_id}/suggestions",
    "/v1/organizations/{organization_id}",
    "/v1/vetoes/{veto_id}",
)
_NO_TABLE = (
    "/.well-known/security.txt",
    "/docs",
    "/healthz",
    "/privacy",
    "/robots.txt",
    "/sign-in",
    "/sign-in/back",
    "/sign-in/provider",
    "/v1/domains",
    "/v1/imports/templates/{kind}.xlsx",
    "/v1/personal-data/purposes",
    "/v1/regions",
    "/v1/vocabularies",
    "/widget-{version}.js",
    "/widget.js",
    "/widget.json",
)
_SEARCH = ("/v1/challenges/{challenge_id}/analysis", "/v1/challenges/{challenge_id}/suggestions")
#: Routes without a case, and why.
NO_ROWS = {
    **dict.fromkeys(_ONE_THING, "shows one thing, or a form"),
    **dict.fromkeys(_NO_TABLE, "is the same whatever the tables hold"),
    **dict.fromkeys(_SEARCH, "shows what a search finds, as the matches of a need do"),
    **dict.fromkeys(("/metrics", "/readyz"), "shows figures of the installation"),
}


@pytest.mark.parametrize("growth", GROWTHS, ids=lambda growth: growth.rows.__name__)
def test_many_rows_take_no_more_queries_than_few(
    session: Session,
    client_for: ClientFor,
    queries: Queries,
    request: pytest.FixtureRequest,
    growth: Growth,
) -> None:
    def refreshed(client: TestClient) -> TestClient:
        # The model is loaded for those alone that search with it.
        made: TestClient = request.getfixturevalue("refreshed")(client)
        return made

    rows = growth.rows(World(session, client_for, refreshed))
    seen = next(rows)
    session.commit()
    few = _looks(growth, seen, queries)

    assert next(rows, None) is None
    session.commit()
    many = _looks(growth, seen, queries)

    assert {look: len(sent) for look, (sent, _) in many.items()} == {
        look: len(sent) for look, (sent, _) in few.items()
    }
    shown = {look: length for look, (_, length) in many.items() if look[1] in growth.shown_at}
    assert [look for look, length in shown.items() if length <= few[look][1]] == []


def _routes_of(address: str, routes: set[str]) -> set[str]:
    """The route of this address: what stands in braces may be given already, as ``csv`` is in ``/export.csv``."""
    if address in routes:
        return {address}
    return {
        route for route in routes if re.fullmatch(re.sub(r"\\{\w+\\}", r"[^/{}]+", re.escape(route)), address)
    }


def _looks(growth: Growth, seen: Seen, queries: Queries) -> dict[tuple[int, str], tuple[list[str], int]]:
    """By reader and address: the statements, and how long the answer was."""
    found = {}
    for place, reader in enumerate(seen.readers):
        _sign_in(reader)
        for address in growth.shown_at + growth.counted_at:
            with queries(at_most=_MOST) as sent:
                answer = reader.get(address.format(**seen.names), follow_redirects=False)
            assert answer.status_code == 200, (place, address, answer.text)
            found[place, address] = sent, len(answer.content)
    return found


def _sign_in(reader: TestClient) -> None:
    """To the portal, with the key that it calls the API with; this also notes that the key was used."""
    key = reader.headers["Authorization"].removeprefix("Bearer ")
    answer = reader.post("/sign-in", data={"key": key}, headers={"Origin": ORIGIN}, follow_redirects=False)
    assert answer.status_code == 303, answer.text


def test_every_route_that_answers_get_is_looked_at_or_named_as_one_that_has_no_rows(app: FastAPI) -> None:
    answering = set(get_paths(app))
    looked_at = {address.partition("?")[0] for one in GROWTHS for address in one.shown_at + one.counted_at}
    covered = {route for address in looked_at for route in _routes_of(address, answering)}

    assert answering - covered == NO_ROWS.keys()
    assert [address for address in looked_at if not _routes_of(address, answering)] == []
