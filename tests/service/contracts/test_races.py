"""Thirty-two at once: one wins, all others are told how it stands now, and the database is clean afterwards."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import httpx2 as httpx
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text
from sqlmodel import Session

from schemas.vocabulary import Role
from tests.conftest import ClientFor
from tests.service.contracting import Parties, agree, content, do, draft, number, parties, register, sign

CALLERS = 32
# Each of these finds what must never be.
_BROKEN = {
    "two signatures of one side": "SELECT 1 FROM contract_signature GROUP BY contract_id, number, organization_id "
    "HAVING count(*) > 1",
    "signed without two signatures": "SELECT 1 FROM contract c WHERE signed_version IS NOT NULL AND NOT elsewhere "
    "AND 2 <> (SELECT count(*) FROM contract_signature s WHERE s.contract_id = c.id AND s.number = c.signed_version)",
    "a signature of another text": "SELECT 1 FROM contract_signature s "
    "JOIN contract_version v USING (contract_id, number) WHERE s.hash <> v.hash",
    "a contract that counts twice": "SELECT 1 FROM contract_entry GROUP BY contract_id "
    "HAVING sum(contracts) NOT IN (0, 1)",
    "a cancelled contract that counts": "SELECT 1 FROM contract c JOIN contract_entry e ON e.contract_id = c.id "
    "WHERE c.status = 'cancelled' GROUP BY c.id HAVING sum(e.contracts) <> 0 OR sum(e.turnover) <> 0",
    "two open contracts": "SELECT 1 FROM contract WHERE status NOT IN ('fulfilled', 'cancelled') "
    "GROUP BY introduction_id HAVING count(*) > 1",
}


@pytest.fixture
def two(session: Session, client_for: ClientFor) -> Parties:
    return parties(session, client_for)


def race(clients: list[TestClient], send: Callable[[TestClient], httpx.Response]) -> list[httpx.Response]:
    """All at once, each from a thread of its own."""
    start = Barrier(len(clients))

    def one(client: TestClient) -> httpx.Response:
        start.wait(60)
        return send(client)

    with ThreadPoolExecutor(len(clients)) as pool:
        return list(pool.map(one, clients))


def broken(session: Session) -> list[str]:
    session.rollback()
    return [name for name, query in _BROKEN.items() if session.execute(text(query)).first()]


def lost(answers: list[httpx.Response]) -> set[Any]:
    """The state that those who came too late are told."""
    late = [answer for answer in answers if not answer.is_success]
    assert {answer.status_code for answer in late} <= {409}, [answer.text for answer in late]
    return {answer.json()["status_now"] for answer in late}


def test_of_one_side_one_signs(session: Session, client_for: ClientFor, two: Parties) -> None:
    made = draft(session, two)
    clients = [client_for(two.buyer) for _ in range(CALLERS)]
    body = {"version": 1, "hash": made["hash"]}

    answers = race(clients, lambda client: client.post(f"/v1/contracts/{made['id']}/sign", json=body))

    assert Counter(answer.status_code for answer in answers) == {200: 1, 409: CALLERS - 1}
    assert lost(answers) == {"draft"}
    assert broken(session) == []


def test_of_both_sides_one_each_signs_and_the_second_makes_it_signed(
    session: Session, client_for: ClientFor, two: Parties
) -> None:
    made = draft(session, two)
    clients = [client_for(side) for side in (two.buyer, two.seller) for _ in range(CALLERS // 2)]
    body = {"version": 1, "hash": made["hash"]}

    answers = race(clients, lambda client: client.post(f"/v1/contracts/{made['id']}/sign", json=body))

    assert Counter(answer.status_code for answer in answers) == {200: 2, 409: CALLERS - 2}
    assert [answer.json()["status"] for answer in answers if answer.is_success].count("signed") == 1
    assert lost(answers) <= {"draft", "signed"}
    assert two.seeker.get(f"/v1/contracts/{made['id']}").json()["status"] == "signed"
    assert broken(session) == []


def test_while_one_side_signs_and_the_other_changes_no_unseen_text_is_signed(
    session: Session, client_for: ClientFor, two: Parties
) -> None:
    made = draft(session, two)
    signing = [client_for(two.buyer) for _ in range(CALLERS // 2)]
    changing = [client_for(two.seller) for _ in range(CALLERS // 2)]
    address = f"/v1/contracts/{made['id']}"

    def send(client: TestClient) -> httpx.Response:
        if client in signing:
            return client.post(f"{address}/sign", json={"version": 1, "hash": made["hash"]})
        return client.put(f"{address}/content", json=content(turnover=900_000), headers={"If-Match": '"1"'})

    answers = race([*signing, *changing], send)

    changed = [answer for answer in answers[CALLERS // 2 :] if answer.is_success]
    assert len(changed) == 1
    assert sum(answer.is_success for answer in answers[: CALLERS // 2]) <= 1
    now = two.seeker.get(address).json()
    assert (now["version"], now["status"], now["signed_by"]) == (2, "draft", [])
    assert broken(session) == []


def test_one_operator_registers_and_it_counts_once(
    session: Session, client_for: ClientFor, two: Parties
) -> None:
    made = draft(session, two)
    sign(two, made)
    do(two.provider, made, "submit")
    clients = [client_for(role=Role.operator) for _ in range(CALLERS)]

    answers = race(
        clients,
        lambda client: client.post(f"/v1/contracts/{made['id']}/register", json={"number": number()}),
    )

    found = two.operator.get("/v1/contracts/totals").json()
    assert Counter(answer.status_code for answer in answers) == {200: 1, 409: CALLERS - 1}
    assert lost(answers) == {"registered"}
    assert (found["contracts"], found["turnover"]) == (1, 800_000)
    assert broken(session) == []


def test_registering_refusing_and_taking_back_at_once_one_is_done(
    session: Session, client_for: ClientFor, two: Parties
) -> None:
    made = draft(session, two)
    sign(two, made)
    do(two.provider, made, "submit")
    verbs = {
        client_for(role=Role.operator): (verb, body)
        for verb, body in (
            ("register", {"number": number()}),
            ("refuse", {"ground": "evidence"}),
            ("withdraw", None),
            ("cancel", {"ground": "void"}),
        )
        for _ in range(CALLERS // 4)
    }

    answers = race(
        list(verbs),
        lambda client: client.post(f"/v1/contracts/{made['id']}/{verbs[client][0]}", json=verbs[client][1]),
    )

    # A cancellation may follow on any of the other three; nothing follows on it.
    done = [verbs[client][0] for client, answer in zip(verbs, answers, strict=True) if answer.is_success]
    assert 1 <= len(done) <= 2
    assert len(done) == 1 or "cancel" in done
    lost(answers)
    assert broken(session) == []


def test_one_contract_is_drafted_from_an_introduction(
    session: Session, client_for: ClientFor, two: Parties
) -> None:
    address = f"/v1/introductions/{agree(session, two)}/contract"
    clients = [client_for(side) for side in (two.buyer, two.seller) for _ in range(CALLERS // 2)]

    answers = race(clients, lambda client: client.post(address, json=content()))

    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: CALLERS - 1}
    assert lost(answers) == {"draft"}
    assert broken(session) == []


def test_amendments_registered_over_and_over_leave_no_trace_in_the_totals(
    session: Session, two: Parties
) -> None:
    made = register(two, draft(session, two))
    for turnover in (900_000, 1_000_000):
        do(two.seeker, made, "amend", **content(turnover=turnover))
        sign(two, made)
        do(two.provider, made, "submit")
        do(two.operator, made, "register", number=made["registration_number"])

    found = two.operator.get("/v1/contracts/totals").json()
    assert (found["contracts"], found["turnover"]) == (1, 1_000_000)
    assert broken(session) == []
