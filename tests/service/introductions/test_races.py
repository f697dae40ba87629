"""Many click at once: one wins, the others learn what the state is now, and nothing is written twice."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import httpx2 as httpx
from fastapi.testclient import TestClient
from sqlalchemy import text

from service.access import audit
from tests.service.two_sides import TwoSides
from tests.service.two_sides import two as two  # noqa: PLC0414

CALLERS = 32


def race(calls: list[Callable[[], httpx.Response]]) -> list[httpx.Response]:
    """All at once, each in a thread of its own."""
    gate = Barrier(len(calls))

    def call(send: Callable[[], httpx.Response]) -> httpx.Response:
        gate.wait()
        return send()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(call, calls))


def posting(
    client: TestClient, place: str, body: dict[str, Any] | None = None
) -> Callable[[], httpx.Response]:
    return lambda: client.post(place, json=body)


def count(two: TwoSides, query: str) -> int:
    two.session.rollback()
    return int(two.session.execute(text(query)).scalar_one())


def clean(two: TwoSides) -> None:
    """What holds whoever won."""
    assert (
        count(
            two,
            "SELECT count(*) FROM (SELECT 1 FROM introduction WHERE status IN ('proposed', 'awaiting_provider', "
            "'awaiting_seeker', 'accepted') GROUP BY need_id, capability_id HAVING count(*) > 1) AS double",
        )
        == 0
    )
    assert (
        count(
            two,
            "SELECT count(*) FROM introduction WHERE (status IN ('accepted', 'ended')) <> (accepted_at IS NOT NULL) "
            "OR (status IN ('ended', 'declined', 'withdrawn', 'expired')) <> (ended_at IS NOT NULL) "
            "OR (status = 'declined') <> (decline_reason IS NOT NULL)",
        )
        == 0
    )
    assert audit.verify(two.session).broken_at is None


def test_of_thirty_two_who_answer_and_take_back_at_once_one_wins(two: TwoSides) -> None:
    place = two.ask()
    calls = []
    for number in range(CALLERS):
        if number % 2:
            calls.append(posting(two.client_for(two.providing), f"{place}/accept", {}))
        elif number % 4:
            calls.append(posting(two.client_for(two.providing), f"{place}/decline", {"reason": "timing"}))
        else:
            calls.append(posting(two.client_for(two.seeking), f"{place}/withdraw"))

    answers = race(calls)

    state = two.row(place).status
    assert Counter(answer.status_code for answer in answers) == {200: 1, 409: CALLERS - 1}
    (won,) = [answer.json()["status"] for answer in answers if answer.status_code == 200]
    assert won == state
    assert {answer.json()["status_now"] for answer in answers if answer.status_code == 409} == {state}
    assert count(two, "SELECT count(*) FROM introduction_step") == 2
    assert count(two, "SELECT count(*) FROM notice WHERE kind <> 'introduction.requested'") == 1
    assert count(two, "SELECT count(*) FROM audit_entry WHERE action LIKE 'introduction.%'") == 2
    clean(two)


def test_of_thirty_two_who_ask_for_one_pair_at_once_one_wins(two: TwoSides) -> None:
    sides = (two.seeking, two.providing)
    calls = [
        posting(two.client_for(sides[number % 2]), "/v1/introductions", two.pair) for number in range(CALLERS)
    ]

    answers = race(calls)

    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: CALLERS - 1}
    states = {answer.json()["status_now"] for answer in answers if answer.status_code == 409}
    assert len(states) == 1
    assert states <= {"awaiting_provider", "awaiting_seeker"}
    clean(two)


def test_of_thirty_two_who_sign_at_once_one_of_each_side_wins(two: TwoSides) -> None:
    place = two.accepted(nda="双方保密。")
    read = two.seeker.get(f"{place}/nda").json()["text_hash"]
    sides = (two.seeking, two.providing)
    calls = [
        posting(
            two.client_for(sides[number % 2]),
            f"{place}/nda/sign",
            {"name": f"签署人{number}", "text_hash": read},
        )
        for number in range(CALLERS)
    ]

    answers = race(calls)

    assert Counter(answer.status_code for answer in answers) == {200: 2, 409: CALLERS - 2}
    assert count(two, "SELECT count(*) FROM introduction_step WHERE verb = 'sign nda'") == 2
    kept = two.seeker.get(f"{place}/nda").json()
    winners = [number for number, answer in enumerate(answers) if answer.status_code == 200]
    assert {kept["seeker_signer"], kept["provider_signer"]} == {f"签署人{number}" for number in winners}
    clean(two)


def test_of_thirty_two_who_move_it_to_one_stage_at_once_one_wins(two: TwoSides) -> None:
    place = two.accepted()
    sides = (two.seeking, two.providing)
    calls = [
        posting(two.client_for(sides[number % 2]), f"{place}/stage", {"stage": "visit"})
        for number in range(CALLERS)
    ]

    answers = race(calls)

    assert Counter(answer.status_code for answer in answers) == {200: 1, 409: CALLERS - 1}
    assert {answer.json()["stage_now"] for answer in answers if answer.status_code == 409} == {"visit"}
    assert count(two, "SELECT count(*) FROM introduction_step WHERE verb = 'move'") == 1
    clean(two)
