"""What a list, a page or a file asks the database does not grow with its rows."""

import pytest
from fastapi.testclient import TestClient
from sqlmodel import Session

from tests.conftest import ClientFor, Queries, Refreshed
from tests.service.growth import GROWTHS, Growth, Seen, World

ORIGIN = "http://testserver"


@pytest.mark.parametrize("growth", GROWTHS, ids=lambda growth: growth.rows.__name__)
def test_many_rows_take_no_more_queries_than_few(
    session: Session, client_for: ClientFor, refreshed: Refreshed, queries: Queries, growth: Growth
) -> None:
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
    assert [look for look, (_, length) in many.items() if length <= few[look][1]] == []


def _looks(growth: Growth, seen: Seen, queries: Queries) -> dict[tuple[int, str], tuple[list[str], int]]:
    """By reader and address: the statements, and how long the answer was."""
    found = {}
    for place, reader in enumerate(seen.readers):
        _sign_in(reader)
        for address in growth.addresses:
            with queries() as sent:
                answer = reader.get(address.format(**seen.names), follow_redirects=False)
            assert answer.status_code == 200, (place, address, answer.text)
            found[place, address] = sent, len(answer.content)
    return found


def _sign_in(reader: TestClient) -> None:
    """To the portal, with the key that it calls the API with; this also notes that the key was used."""
    key = reader.headers["Authorization"].removeprefix("Bearer ")
    answer = reader.post("/sign-in", data={"key": key}, headers={"Origin": ORIGIN}, follow_redirects=False)
    assert answer.status_code == 303, answer.text
