"""What waits for a broker, in which order, and why."""

from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlmodel import Session

from schemas.base import now
from schemas.forms import MoneyRange
from schemas.introduction import Introduction, IntroductionStage
from schemas.vocabulary import Role
from schemas.worklist import ValueFrom
from service.introductions.expected_value import ASSUMED_YUAN, expectation
from service.platform.settings import settings
from tests.conftest import ClientFor
from tests.make import make_capability, make_need, make_organization
from tests.service.outlooks import make_outlook
from tests.service.proposals import Brokerage
from tests.service.worklists import make_match

PLACE = "/v1/brokers/worklist"
USUAL = (400_000, ValueFrom.median)


@pytest.fixture
def brokerage(session: Session, client_for: ClientFor) -> Brokerage:
    return Brokerage(session, client_for)


def needs(client: TestClient, **params: Any) -> list[str]:
    answer = client.get(PLACE, params=params)
    assert answer.status_code == 200, answer.text
    return [one["need"]["id"] for one in answer.json()["items"]]


@pytest.mark.parametrize(
    ("budget", "value", "value_from"),
    [
        (MoneyRange(min=200_000, max=400_000), 300_000, "budget"),
        (MoneyRange(max=200_000), 200_000, "budget"),
        (MoneyRange(), 400_000, "median"),
        (None, 400_000, "median"),
    ],
)
def test_the_value_is_the_middle_of_the_budget_or_the_median(
    budget: MoneyRange | None, value: int, value_from: str
) -> None:
    told = expectation(budget, USUAL, 0.5, None, 0)

    assert (told.value_yuan, told.value_from) == (value, value_from)


@pytest.mark.parametrize(
    ("stage", "factor"),
    [
        (None, 0.024),
        ("contact", 0.1655),
        ("negotiation", 0.25),
        ("visit", 0.3969),
        ("intent", 0.63),
        ("contract", 1.0),
    ],
)
def test_the_expected_value_is_value_times_score_times_stage_times_age(
    stage: str | None, factor: float
) -> None:
    told = expectation(None, USUAL, 0.5, IntroductionStage(stage) if stage else None, 180)

    assert (told.stage_factor, told.age_factor) == (factor, 0.5)
    assert told.expected_yuan == pytest.approx(400_000 * 0.5 * factor * 0.5, rel=0.001)


def test_the_greatest_expected_value_stands_first_with_each_factor(
    session: Session, brokerage: Brokerage
) -> None:
    small, _ = make_match(session, budget=100_000)
    great, capability = make_match(session, budget={"min": 800_000, "max": 1_200_000})
    unsure, _ = make_match(session, 0.6, budget=150_000)

    answer = brokerage.broker.get(PLACE).json()

    assert [one["need"]["id"] for one in answer["items"]] == [str(one.id) for one in (great, unsure, small)]
    first = answer["items"][0]
    assert first["capability"]["id"] == str(capability.id)
    assert (first["kind"], first["introduction_id"]) == ("match", None)
    assert first["expectation"] == {
        "expected_yuan": 19_200,
        "value_yuan": 1_000_000,
        "value_from": "budget",
        "score": 0.8,
        "score_assumed": False,
        "stage_factor": 0.024,
        "stage_factor_why": "2.4% of results posted on an open exchange get signed (10,784 of 449,565)",
        "days": 0,
        "age_factor": 1.0,
    }


def test_a_need_without_a_budget_counts_as_the_median_of_those_that_state_one(
    session: Session, brokerage: Brokerage
) -> None:
    silent, _ = make_match(session)
    before = brokerage.broker.get(PLACE).json()
    for sum_ in (100_000, 300_000, 900_000):
        make_need(session, budget=sum_)
    make_need(session, budget=10**9, visibility="private")

    after = brokerage.broker.get(PLACE).json()

    assert (before["median_yuan"], before["median_from"]) == (ASSUMED_YUAN, "assumed")
    assert (after["median_yuan"], after["median_from"]) == (300_000, "median")
    assert after["items"][0]["need"]["id"] == str(silent.id)
    assert after["items"][0]["expectation"]["value_from"] == "median"


def test_an_old_need_counts_half_after_180_days(session: Session, brokerage: Brokerage) -> None:
    old, _ = make_match(session, budget=100_000)
    new, _ = make_match(session, budget=60_000)
    old.published_at = now() - timedelta(days=180)
    session.add(old)
    session.commit()

    assert needs(brokerage.broker) == [str(new.id), str(old.id)]


def test_only_good_matches_of_postings_that_members_see_wait(session: Session, brokerage: Brokerage) -> None:
    shown, _ = make_match(session)
    make_match(session, 0.2)
    make_match(session, visibility="private")
    make_match(session, publish=False)
    _, hidden = make_match(session)
    hidden.visibility = "private"  # type: ignore[assignment]
    own = make_organization(session)
    both = make_need(session, own)
    make_outlook(session, both, 0.9, [make_capability(session, own).id], [0.9])
    session.add(hidden)
    session.commit()

    assert needs(brokerage.broker) == needs(brokerage.operator) == [str(shown.id)]


def test_a_pair_that_has_met_is_replaced_by_the_next_good_one(session: Session, brokerage: Brokerage) -> None:
    need, first = make_need(session, brokerage.seekers), make_capability(session, brokerage.providers)
    second, poor = make_capability(session), make_capability(session)
    make_outlook(session, need, 0.9, [first.id, second.id, poor.id], [0.9, 0.8, 0.1])
    body = {"need_id": str(need.id), "capability_id": str(first.id)}

    def waiting() -> list[str]:
        return [one["capability"]["id"] for one in brokerage.broker.get(PLACE).json()["items"]]

    before = waiting()
    met = brokerage.broker.post("/v1/introductions", json=body).json()["id"]
    open_now = waiting()
    brokerage.seeker.post(f"/v1/introductions/{met}/decline", json={"reason": "budget"})
    declined = waiting()
    brokerage.broker.post("/v1/introductions", json={**body, "capability_id": str(second.id)})

    assert (before, open_now, declined) == ([str(first.id)], [str(second.id)], [str(second.id)])
    assert waiting() == []


def test_a_pair_that_was_never_answered_waits_again(session: Session, brokerage: Brokerage) -> None:
    need, capability = make_need(session, brokerage.seekers), make_capability(session, brokerage.providers)
    make_outlook(session, need, 0.9, [capability.id], [0.9])
    body = {"need_id": str(need.id), "capability_id": str(capability.id)}
    met = brokerage.broker.post("/v1/introductions", json=body).json()["id"]

    brokerage.broker.post(f"/v1/introductions/{met}/withdraw")

    assert needs(brokerage.broker) == [str(need.id)]


def test_a_look_of_before_scores_were_kept_shows_its_best(session: Session, brokerage: Brokerage) -> None:
    need = make_need(session)
    best, next_best = make_capability(session), make_capability(session)
    make_outlook(session, need, 0.9, [best.id, next_best.id])

    [item] = brokerage.broker.get(PLACE).json()["items"]

    assert (item["capability"]["id"], item["expectation"]["score"]) == (str(best.id), 0.9)


def test_a_dialogue_in_which_nothing_moved_waits_with_its_stage(brokerage: Brokerage) -> None:
    stuck, moving = brokerage.agreed(), brokerage.agreed()
    brokerage.shift(stuck, 50, moved_at=now() - timedelta(days=31), stage="negotiation", score=0.8)
    brokerage.shift(moving, 50, moved_at=now() - timedelta(days=settings().stalled_days - 1))

    answer = brokerage.broker.get(PLACE).json()

    [item] = answer["items"]
    assert (item["introduction_id"], item["kind"], item["stage"]) == (stuck, "stalled", "negotiation")
    assert answer["stalled_days"] == settings().stalled_days
    assert item["expectation"]["days"] == 31
    assert item["expectation"]["stage_factor"] == 0.25
    assert "contacts" not in str(item)


def test_a_stalled_dialogue_is_its_brokers_and_without_one_everybodys(
    session: Session, brokerage: Brokerage, client_for: ClientFor
) -> None:
    stuck = brokerage.agreed()
    brokerage.shift(stuck, 50, moved_at=now() - timedelta(days=31))
    another = client_for(role=Role.broker)
    theirs = needs(another)

    row = session.get_one(Introduction, stuck)
    row.broker_id = None
    session.commit()

    assert theirs == []
    assert len(needs(another)) == len(needs(brokerage.broker)) == len(needs(brokerage.operator)) == 1


def test_once_there_is_a_contract_no_broker_is_waited_for(brokerage: Brokerage) -> None:
    stuck = brokerage.agreed()
    brokerage.shift(stuck, 50, moved_at=now() - timedelta(days=31), stage="performance")

    assert needs(brokerage.broker) == []


def test_where_nothing_was_shown_the_threshold_stands_for_the_score(brokerage: Brokerage) -> None:
    stuck = brokerage.agreed()
    brokerage.shift(stuck, 50, moved_at=now() - timedelta(days=31))

    [item] = brokerage.broker.get(PLACE).json()["items"]

    assert item["expectation"]["score_assumed"] is True


def test_pages_neither_repeat_nor_skip_though_time_goes_on(session: Session, brokerage: Brokerage) -> None:
    made = [make_match(session, budget=100_000)[0] for _ in range(5)]

    seen, cursor = [], None
    while True:
        params = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        answer = brokerage.broker.get(PLACE, params=params).json()
        seen += [one["need"]["id"] for one in answer["items"]]
        cursor = answer["next_cursor"]
        if cursor is None:
            break

    assert sorted(seen) == sorted(str(one.id) for one in made)


@pytest.mark.parametrize("cursor", ["x", "AAAA", "_" * 43])
def test_a_cursor_that_is_not_ours_is_refused(brokerage: Brokerage, cursor: str) -> None:
    answer = brokerage.broker.get(PLACE, params={"cursor": cursor})

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["code"] == "wrong_cursor"


def test_one_kind_may_be_asked_for_alone(session: Session, brokerage: Brokerage) -> None:
    need, _ = make_match(session)
    stuck = brokerage.agreed()
    brokerage.shift(stuck, 50, moved_at=now() - timedelta(days=31))

    kinds = {
        kind: [one["kind"] for one in brokerage.broker.get(PLACE, params={"kind": kind}).json()["items"]]
        for kind in ("match", "stalled")
    }

    assert kinds == {"match": ["match"], "stalled": ["stalled"]}
    assert needs(brokerage.broker, kind="match") == [str(need.id)]


@pytest.mark.parametrize("role", [Role.member, Role.integrator])
def test_the_worklist_is_for_brokers_and_operators(client_for: ClientFor, role: Role) -> None:
    assert client_for(role=role).get(PLACE).status_code == 403
