"""What became of it after 6, 12 and 24 months; and the counts over all introductions."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import text

from service.introductions.follow_ups import months_after, tell_of_follow_ups
from tests.service.two_sides import TwoSides
from tests.service.two_sides import two as two  # noqa: PLC0414

FIGURES = {"money": 1_200_000, "jobs": 6, "patents": 1, "area_mu": 20_000, "next_contract": True}


def ended(two: TwoSides, days: float, outcome: str = "contract") -> str:
    place = two.accepted()
    assert two.seeker.post(f"{place}/end", json={"outcome": outcome}).status_code == 200
    two.long_ago(place, "ended_at", days)
    return place


def tell(two: TwoSides) -> None:
    tell_of_follow_ups(two.session)
    two.session.commit()


def test_both_sides_answer_and_both_and_operators_read(two: TwoSides) -> None:
    place = ended(two, 200)

    two.seeker.put(f"{place}/follow-ups/6", json={**FIGURES, "remark": "已在两个团场推广"})
    answer = two.provider.put(f"{place}/follow-ups/6", json={"money": 1_100_000})

    assert answer.status_code == 200
    read = [client.get(f"{place}/follow-ups").json() for client in (two.seeker, two.provider, two.operator)]
    assert read[0] == read[1] == read[2]
    assert [(one["months"], one["due"], len(one["answers"])) for one in read[0]] == [
        (6, True, 2),
        (12, False, 0),
        (24, False, 0),
    ]
    first = read[0][0]["answers"][0]
    assert {name: first[name] for name in FIGURES} == FIGURES
    assert (first["organization"]["id"], first["remark"]) == (str(two.seeking.id), "已在两个团场推广")
    assert two.broker.get(f"{place}/follow-ups").status_code == 404


def test_answered_again_it_takes_the_place_of_the_answer_before(two: TwoSides) -> None:
    place = ended(two, 400)

    for money in (100, 200):
        two.seeker.put(f"{place}/follow-ups/12", json={"money": money})

    (answer,) = two.seeker.get(f"{place}/follow-ups").json()[1]["answers"]
    assert (answer["money"], answer["jobs"]) == (200, None)


def test_before_it_is_due_it_is_refused_with_the_day(two: TwoSides) -> None:
    place = ended(two, 100)

    early = two.seeker.put(f"{place}/follow-ups/6", json=FIGURES)

    assert (early.status_code, early.json()["status_now"]) == (409, "ended")
    assert early.json()["due_at"] > datetime.now(UTC).isoformat()
    assert two.seeker.get(f"{place}/follow-ups").json()[0]["answers"] == []


@pytest.mark.parametrize(
    "wrong", [{"money": -1}, {"money": 1.5}, {"jobs": "许多"}, {"area_mu": 10**10}, {"profit": 3}], ids=str
)
def test_figures_are_whole_and_not_negative(two: TwoSides, wrong: dict[str, Any]) -> None:
    assert two.seeker.put(f"{ended(two, 200)}/follow-ups/6", json=wrong).status_code == 422


def test_there_are_three_of_them(two: TwoSides) -> None:
    assert two.seeker.put(f"{ended(two, 2000)}/follow-ups/18", json=FIGURES).status_code == 422


def test_it_is_asked_once_of_both_when_it_falls_due(two: TwoSides) -> None:
    place = ended(two, 100)
    tell(two)
    early = two.notices("introduction.follow_up_due")
    two.long_ago(place, "ended_at", 200)
    for _ in range(2):
        tell(two)
    first = two.notices("introduction.follow_up_due")
    two.long_ago(place, "ended_at", 800)
    for _ in range(2):
        tell(two)

    assert early == []
    assert sorted(first) == sorted([two.seeking.id, two.providing.id])
    assert len(two.notices("introduction.follow_up_due")) == 6


def test_where_nothing_came_of_it_nobody_is_asked(two: TwoSides) -> None:
    ended(two, 800, "no_agreement")

    tell(two)

    assert two.notices("introduction.follow_up_due") == []


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        ("2027-08-31", 6, "2028-02-29"),
        ("2027-12-15", 12, "2028-12-15"),
        ("2028-02-29", 24, "2030-02-28"),
        ("2027-03-31", -6, "2026-09-30"),
    ],
)
def test_months_are_those_of_the_calendar(day: str, months: int, later: str) -> None:
    assert months_after(datetime.fromisoformat(day), months) == datetime.fromisoformat(later)


def test_remarks_lie_sealed_and_the_audit_holds_figures_alone(two: TwoSides) -> None:
    place = ended(two, 200)

    two.seeker.put(f"{place}/follow-ups/6", json={**FIGURES, "remark": "张三负责推广"})

    (noted,) = two.audited("introduction.follow_up")
    stored = two.session.execute(text("SELECT introduction_follow_up::text FROM introduction_follow_up"))
    assert noted.detail == {"months": 6, **FIGURES}
    assert "张三" not in stored.scalar_one()


def test_operators_count_reasons_outcomes_and_effects(two: TwoSides) -> None:
    for reason, score in (("budget", 0.6), ("timing", 0.5), ("budget", 0.8)):
        place = two.ask()
        row = two.row(place)
        row.score = score
        two.session.commit()
        two.provider.post(f"{place}/decline", json={"reason": reason})
    done = ended(two, 200)
    two.seeker.put(f"{done}/follow-ups/6", json=FIGURES)
    two.provider.put(f"{done}/follow-ups/6", json={"money": 1_000_000})
    overdue = two.ask()
    two.long_ago(overdue, "expires_at", 1)
    talking = two.accepted()
    two.long_ago(talking, "moved_at", 30)

    figures = two.operator.get("/v1/statistics/introductions").json()

    assert figures["declined"] == [
        {"reason": "budget", "count": 2, "score": 0.7},
        {"reason": "timing", "count": 1, "score": 0.5},
    ]
    assert {name: count for name, count in figures["statuses"].items() if count} == {
        "accepted": 1,
        "declined": 3,
        "ended": 1,
        "expired": 1,
    }
    assert (figures["outcomes"]["contract"], figures["stages"]["contact"], figures["stalled"]) == (1, 1, 1)
    assert figures["follow_ups"][0] == {
        "months": 6,
        "introductions": 1,
        "money": 1_000_000,
        "jobs": 6,
        "patents": 1,
        "area_mu": 20_000,
        "next_contracts": 1,
    }
    assert figures["follow_ups"][1]["introductions"] == 0


def test_nobody_else_reads_the_counts(two: TwoSides) -> None:
    others = [two.seeker, two.broker, two.stranger]

    assert [one.get("/v1/statistics/introductions").status_code for one in others] == [403, 403, 403]


def test_what_nobody_answered_counts_as_expired_before_anybody_has_written_it_down(two: TwoSides) -> None:
    two.long_ago(two.ask(), "expires_at", 1)

    statuses = two.operator.get("/v1/statistics/introductions").json()["statuses"]

    assert {name: count for name, count in statuses.items() if count} == {"expired": 1}
