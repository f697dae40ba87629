"""A broker's year: counted, rated, confirmed, answered, and what may follow from it."""

from typing import Any

import pytest
from sqlmodel import Session, select

from schemas.broker import BrokerFigures, BrokerRating, ScoreFigures, ScorerFigures
from schemas.broker_thresholds import BrokerThresholds
from schemas.notice import Notice
from service.brokers.evaluations import rate
from service.platform.china_time import today
from service.platform.settings import settings
from tests.conftest import ClientFor
from tests.service.proposals import Brokerage

YEAR = today().year


@pytest.fixture
def brokerage(session: Session, client_for: ClientFor) -> Brokerage:
    return Brokerage(session, client_for)


def figures(**counted: Any) -> BrokerFigures:
    scorer = ScorerFigures(agreed=None, not_agreed=None, difference=None)
    nothing: dict[str, Any] = dict.fromkeys(
        ("proposals", "waiting", "agreed", "contracts", "no_agreement", "declined", "withdrawn", "expired"), 0
    )
    return BrokerFigures(
        **{
            **nothing,
            "first_day": None,
            "last_day": "2026-12-31",
            "decline_reasons": {},
            "agreed_share": None,
            "days_to_agreement": None,
            "days_to_contract": None,
            "scores": ScoreFigures(pairs=0, human_less_system=None, human=scorer, system=scorer),
            **counted,
        }
    )


@pytest.mark.parametrize(
    ("counted", "rating"),
    [
        ({"proposals": 10, "agreed_share": 0.25, "contracts": 1}, "excellent"),
        ({"proposals": 10, "agreed_share": 0.25, "contracts": 0}, "qualified"),
        ({"proposals": 9, "agreed_share": 0.9, "contracts": 5}, "qualified"),
        ({"proposals": 5, "agreed_share": 0.15}, "qualified"),
        ({"proposals": 5, "agreed_share": 0.14}, "improve"),
        ({"proposals": 5, "agreed_share": None}, "improve"),
        ({"proposals": 1}, "improve"),
        ({}, "failed"),
    ],
)
def test_the_best_rating_whose_threshold_is_reached_counts(counted: dict[str, Any], rating: str) -> None:
    assert rate(figures(**counted), BrokerThresholds()) == BrokerRating(rating)


def test_a_year_is_counted_confirmed_told_and_answered(session: Session, brokerage: Brokerage) -> None:
    brokerage.declined()
    place = f"{brokerage.place}/evaluations"

    drafted = brokerage.operator.post(place, json={"year": YEAR})
    confirmed = brokerage.operator.post(f"{place}/{YEAR}/confirm", json={})
    answered = brokerage.broker.post(f"{place}/{YEAR}/answer", json={"answer": "有两项在洽谈"})
    read = brokerage.operator.get(place).json()

    assert (drafted.status_code, drafted.json()["status"], drafted.json()["rating"]) == (201, "drafted", None)
    assert drafted.json()["figures"]["proposals"] == 1
    assert drafted.json()["computed"] == confirmed.json()["rating"] == "improve"
    assert answered.json()["status"] == "answered"
    assert [(one["year"], one["answer"]) for one in read] == [(YEAR, "有两项在洽谈")]
    [told] = session.exec(select(Notice).where(Notice.subject_id == brokerage.id)).all()
    assert (told.kind, told.detail) == ("broker.evaluated", {"year": YEAR, "rating": "improve"})


def test_another_rating_needs_a_reason_which_the_broker_reads(brokerage: Brokerage) -> None:
    place = f"{brokerage.place}/evaluations"
    brokerage.operator.post(place, json={"year": YEAR})

    silent = brokerage.operator.post(f"{place}/{YEAR}/confirm", json={"rating": "improve"})
    said = brokerage.operator.post(
        f"{place}/{YEAR}/confirm", json={"rating": "improve", "reason": "年底方取得资格"}
    )
    read = brokerage.broker.get(f"{place}/{YEAR}").json()

    assert silent.status_code == 422
    assert silent.json()["errors"][0]["pointer"] == "/reason"
    assert said.status_code == 200
    assert (read["computed"], read["rating"], read["reason"]) == ("failed", "improve", "年底方取得资格")


def test_after_an_answer_the_operator_may_confirm_once_more(brokerage: Brokerage) -> None:
    place = f"{brokerage.place}/evaluations"
    brokerage.operator.post(place, json={"year": YEAR})
    brokerage.operator.post(f"{place}/{YEAR}/confirm", json={})
    brokerage.broker.post(f"{place}/{YEAR}/answer", json={"answer": "年底方取得资格"})

    again = brokerage.operator.post(
        f"{place}/{YEAR}/confirm", json={"rating": "improve", "reason": "情况属实"}
    )

    assert (again.json()["status"], again.json()["rating"]) == ("confirmed", "improve")
    assert again.json()["answer"] == "年底方取得资格"


def test_a_draft_is_counted_again_and_a_year_has_one_evaluation(brokerage: Brokerage) -> None:
    place = f"{brokerage.place}/evaluations"
    brokerage.operator.post(place, json={"year": YEAR})
    brokerage.propose()

    second = brokerage.operator.post(place, json={"year": YEAR})
    counted = brokerage.operator.post(f"{place}/{YEAR}/recompute")

    assert (second.status_code, second.json()["status_now"]) == (409, "drafted")
    assert (counted.json()["figures"]["proposals"], counted.json()["computed"]) == (1, "improve")


def test_a_year_that_has_not_begun_is_not_evaluated(brokerage: Brokerage) -> None:
    answer = brokerage.operator.post(f"{brokerage.place}/evaluations", json={"year": YEAR + 2})

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/year"
    assert brokerage.operator.get(f"{brokerage.place}/evaluations/{YEAR}").status_code == 404


def test_an_evaluation_keeps_the_thresholds_it_was_made_with(
    brokerage: Brokerage, monkeypatch: pytest.MonkeyPatch
) -> None:
    easy = BrokerThresholds.model_validate({"excellent": {"proposals": 1}})
    brokerage.propose()
    with monkeypatch.context() as eased:
        eased.setattr(settings(), "broker_thresholds", easy)
        brokerage.operator.post(f"{brokerage.place}/evaluations", json={"year": YEAR})

    read = brokerage.operator.get(f"{brokerage.place}/evaluations/{YEAR}").json()

    assert read["computed"] == "excellent"
    assert read["thresholds"]["excellent"] == {"proposals": 1, "agreed_share": 0, "contracts": 0}


@pytest.mark.parametrize("confirmed", [True, False])
def test_a_standing_ends_on_an_evaluation_that_failed_and_was_confirmed(
    brokerage: Brokerage, *, confirmed: bool
) -> None:
    place = f"{brokerage.place}/evaluations"
    brokerage.operator.post(place, json={"year": YEAR})
    if confirmed:
        brokerage.operator.post(f"{place}/{YEAR}/confirm", json={})

    body = {"ground": "evaluation", "year": YEAR, "reason": "全年未提出撮合"}
    answer = brokerage.operator.post(f"{brokerage.place}/end", json=body)

    assert answer.status_code == (200 if confirmed else 422)
    if confirmed:
        assert (answer.json()["ended_for"], answer.json()["ended_year"]) == ("evaluation", YEAR)


def test_a_standing_does_not_end_on_an_evaluation_that_was_passed(brokerage: Brokerage) -> None:
    brokerage.propose()
    brokerage.operator.post(f"{brokerage.place}/evaluations", json={"year": YEAR})
    brokerage.operator.post(f"{brokerage.place}/evaluations/{YEAR}/confirm", json={})

    answer = brokerage.operator.post(
        f"{brokerage.place}/end", json={"ground": "evaluation", "year": YEAR, "reason": "不合格"}
    )

    assert answer.json()["errors"][0]["code"] == "no_failed_evaluation"


def test_the_broker_reads_no_reasons_in_its_evaluation_while_they_are_few(brokerage: Brokerage) -> None:
    brokerage.declined()
    brokerage.operator.post(f"{brokerage.place}/evaluations", json={"year": YEAR})

    read = [
        client.get(f"{brokerage.place}/evaluations/{YEAR}").json()["figures"]["decline_reasons"]
        for client in (brokerage.broker, brokerage.operator)
    ]

    assert read == [None, {"budget": 1}]


def test_a_standing_does_not_end_on_the_evaluation_of_another_year(brokerage: Brokerage) -> None:
    brokerage.operator.post(f"{brokerage.place}/evaluations", json={"year": YEAR - 1})
    brokerage.operator.post(f"{brokerage.place}/evaluations/{YEAR - 1}/confirm", json={})

    answer = brokerage.operator.post(
        f"{brokerage.place}/end", json={"ground": "evaluation", "year": YEAR, "reason": "不合格"}
    )

    assert answer.json()["errors"][0]["code"] == "no_failed_evaluation"
