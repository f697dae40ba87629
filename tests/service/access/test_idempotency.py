from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from sqlmodel import Session, select

from schemas.account import ApiKey, Organization
from schemas.need import Need
from schemas.operation import AnsweredRequest
from schemas.vocabulary import Role
from tests.conftest import ClientFor
from tests.make import make_organization

KEY = {"Idempotency-Key": "4f3c"}
NEED = {"title": "红枣分级", "budget": "面议"}


def test_a_repeated_post_is_carried_out_once(session: Session, client_for: ClientFor) -> None:
    client = client_for()

    first, second = (client.post("/v1/needs", json=NEED, headers=KEY) for _ in range(2))

    assert first.status_code == second.status_code == 201
    assert first.json() == second.json()
    assert len(session.exec(select(Need)).all()) == 1


def test_the_first_answer_comes_back_whatever_happened_since(client_for: ClientFor) -> None:
    client = client_for()
    first = client.post("/v1/needs", json=NEED, headers=KEY).json()
    client.patch(f"/v1/needs/{first['id']}", json={"title": "新名"})

    assert client.post("/v1/needs", json=NEED, headers=KEY).json() == first


def test_without_a_key_each_post_counts(session: Session, client_for: ClientFor) -> None:
    client = client_for()

    for _ in range(2):
        client.post("/v1/needs", json=NEED)

    assert len(session.exec(select(Need)).all()) == 2


@pytest.mark.parametrize(
    ("address", "body"),
    [
        ("/v1/needs", {**NEED, "title": "杏"}),
        ("/v1/capabilities", {"title": "红枣分级", "kind": "team"}),
    ],
)
def test_a_key_cannot_stand_for_another_request(
    session: Session, client_for: ClientFor, address: str, body: dict[str, Any]
) -> None:
    client = client_for()
    client.post("/v1/needs", json=NEED, headers=KEY)

    answer = client.post(address, json=body, headers=KEY)

    assert answer.status_code == 409
    assert answer.json()["type"] == "conflict"
    assert len(session.exec(select(Need)).all()) == 1


def test_the_same_body_at_another_address_is_another_request(session: Session, client_for: ClientFor) -> None:
    operator = client_for(role=Role.operator)
    first, second = (f"/v1/organizations/{make_organization(session).id}/api-keys" for _ in range(2))
    issued = operator.post(first, json={"role": "member"}, headers=KEY)

    refused = operator.post(second, json={"role": "member"}, headers=KEY)

    assert issued.status_code == 201
    assert (refused.status_code, refused.json()["type"]) == (409, "conflict")


def test_any_key_of_the_organisation_gets_the_first_answer(session: Session, client_for: ClientFor) -> None:
    owner = make_organization(session)

    first, second = (client_for(owner).post("/v1/needs", json=NEED, headers=KEY) for _ in range(2))

    assert first.json() == second.json()
    assert len(session.exec(select(Need)).all()) == 1


@pytest.mark.parametrize(
    ("role", "status"), [(Role.integrator, 409), (Role.broker, 201), (Role.operator, 201)]
)
def test_an_answer_is_repeated_to_whoever_may_read_all_that_its_role_may(
    session: Session, client_for: ClientFor, role: Role, status: int
) -> None:
    owner = make_organization(session)
    first = client_for(owner).post("/v1/needs", json=NEED, headers=KEY)

    again = client_for(owner, role).post("/v1/needs", json=NEED, headers=KEY)

    assert again.status_code == status
    assert (again.json() == first.json()) is (status == 201)
    assert ("id" in again.json()) is (status == 201)
    assert len(session.exec(select(Need)).all()) == 1


def test_what_an_operator_was_answered_is_not_repeated_to_its_organisations_members(
    session: Session, client_for: ClientFor
) -> None:
    owner = make_organization(session)
    client_for(owner, Role.operator).post("/v1/needs", json=NEED, headers=KEY)

    again = client_for(owner).post("/v1/needs", json=NEED, headers=KEY)

    assert (again.status_code, again.json()["type"]) == (409, "conflict")
    assert NEED["title"] not in again.text


def test_what_is_of_one_person_is_not_answered_with_anothers(session: Session, client_for: ClientFor) -> None:
    owner = make_organization(session)
    body = {"name": "残膜", "text": "棉田残膜回收", "looking_for": "needs"}

    mine, theirs = (client_for(owner).post("/v1/subscriptions", json=body, headers=KEY) for _ in range(2))

    assert (mine.status_code, theirs.status_code) == (201, 409)
    assert mine.json()["id"] not in theirs.text


def test_what_was_answered_before_answers_were_the_organisations_is_still_repeated(
    session: Session, client_for: ClientFor
) -> None:
    client = client_for()
    first = client.post("/v1/needs", json=NEED, headers=KEY)
    row = session.exec(select(AnsweredRequest)).one()
    row.organization_id = row.role = None
    session.commit()

    again = client.post("/v1/needs", json=NEED, headers=KEY)

    assert again.json() == first.json()


def test_two_organisations_may_use_one_key(client_for: ClientFor) -> None:
    first, second = (client_for().post("/v1/needs", json=NEED, headers=KEY).json() for _ in range(2))

    assert first["id"] != second["id"]
    assert first["organization"] != second["organization"]


def test_a_refused_request_does_not_use_up_its_key(session: Session, client_for: ClientFor) -> None:
    owner = make_organization(session)

    refused = client_for(owner, Role.integrator).post("/v1/needs", json=NEED, headers=KEY)
    allowed = client_for(owner).post("/v1/needs", json=NEED, headers=KEY)

    assert (refused.status_code, allowed.status_code) == (403, 201)


def test_a_key_of_201_characters_is_refused(client_for: ClientFor) -> None:
    client = client_for()

    answers = [
        client.post("/v1/needs", json=NEED, headers={"Idempotency-Key": "k" * length})
        for length in (200, 201)
    ]

    assert [answer.status_code for answer in answers] == [201, 422]
    assert answers[1].json()["errors"][0]["pointer"] == "header/Idempotency-Key"


@pytest.mark.parametrize("fields", [{}, {"external_id": "A-1"}], ids=["plain", "with external_id"])
def test_many_at_once_are_carried_out_once(
    session: Session, client_for: ClientFor, fields: dict[str, Any]
) -> None:
    owner = make_organization(session)
    # Answers are kept for the organisation, whichever of its keys calls.
    clients = [client_for(owner) for _ in range(6)]
    together = Barrier(len(clients))

    def post(number: int) -> Any:
        together.wait()
        return clients[number].post("/v1/needs", json={**NEED, **fields}, headers=KEY)

    with ThreadPoolExecutor(len(clients)) as threads:
        answers = list(threads.map(post, range(len(clients))))

    assert {answer.status_code for answer in answers} == {201}
    assert all(answer.json() == answers[0].json() for answer in answers)
    assert len(session.exec(select(Need)).all()) == 1


def test_two_of_one_external_id_at_once_leave_one_posting(session: Session, client_for: ClientFor) -> None:
    owner = make_organization(session)
    clients = [client_for(owner) for _ in range(4)]
    together = Barrier(len(clients))

    def post(number: int) -> int:
        together.wait()
        return clients[number].post("/v1/needs", json={**NEED, "external_id": "A-1"}).status_code

    with ThreadPoolExecutor(len(clients)) as threads:
        statuses = list(threads.map(post, range(len(clients))))

    assert set(statuses) <= {201, 409}
    assert 201 in statuses
    assert len(session.exec(select(Need)).all()) == 1


def test_a_key_is_issued_once_and_repeated_without_its_text(session: Session, client_for: ClientFor) -> None:
    owner = make_organization(session)
    client = client_for(owner)
    address = f"/v1/organizations/{owner.id}/api-keys"

    first, second = (client.post(address, json={"role": "member"}, headers=KEY).json() for _ in range(2))

    assert first["key"].startswith("djk_")
    assert second == {**first, "key": None}
    keys = session.exec(select(ApiKey).where(ApiKey.organization_id == owner.id)).all()
    assert len(keys) == 2  # the client's own, and the new one


def test_the_text_of_an_issued_key_is_not_in_the_stored_answer(
    session: Session, client_for: ClientFor
) -> None:
    owner = make_organization(session)
    address = f"/v1/organizations/{owner.id}/api-keys"

    issued = client_for(owner).post(address, json={"role": "member"}, headers=KEY).json()

    stored = session.exec(select(AnsweredRequest)).one()
    assert stored.answer["id"] == issued["id"]
    assert issued["key"] not in stored.model_dump_json()


def test_an_organisation_is_registered_once(session: Session, client_for: ClientFor) -> None:
    operator = client_for(role=Role.operator)
    body = {"name": "塔里木大学", "kind": "university", "affiliation": "corps"}

    first, second = (operator.post("/v1/organizations", json=body, headers=KEY).json() for _ in range(2))

    assert first == second
    assert len(session.exec(select(Organization).where(Organization.name == body["name"])).all()) == 1
