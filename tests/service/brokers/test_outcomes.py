"""What counts as a contract that came of an introduction, for its broker and for nobody else."""

from typing import Any

from fastapi.testclient import TestClient
from sqlmodel import Session

from schemas.vocabulary import Role
from tests.conftest import ClientFor
from tests.service.contracting import do, draft, parties, sign


def figures(broker: TestClient) -> Any:
    [own] = broker.get("/v1/brokers").json()["items"]
    return broker.get(f"/v1/brokers/{own['id']}/record").json()["figures"]


def test_a_contract_counts_for_its_broker_from_the_signatures_until_it_is_cancelled(
    session: Session, client_for: ClientFor
) -> None:
    people, another = parties(session, client_for), client_for(role=Role.broker)
    for broker in (people.broker, another):
        broker.post("/v1/brokers", json={})

    made = draft(session, people)
    drafted = figures(people.broker)["contracts"]
    sign(people, made)
    signed, elsewhere = figures(people.broker)["contracts"], figures(another)
    do(people.operator, made, "cancel", ground="void")

    assert (drafted, signed, figures(people.broker)["contracts"]) == (0, 1, 0)
    assert (elsewhere["proposals"], elsewhere["contracts"]) == (0, 0)
