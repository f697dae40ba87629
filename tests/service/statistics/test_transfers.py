"""成果限时转化: the day that a publicly funded result has, and who sees which are near or past it."""

from datetime import date, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlmodel import Session, select

from schemas.account import Organization
from schemas.base import now
from schemas.capability import Capability
from schemas.transfer import TransferLook
from schemas.vocabulary import Role
from service.platform.china_time import today
from service.platform.settings import settings
from service.postings.due_days import backfill_due_dates
from tests.conftest import ClientFor
from tests.make import make_capability, make_need
from tests.service.proposals import Brokerage

PLACE = "/v1/statistics/transfers"
RESULT: dict[str, Any] = {
    "title": "残膜捡拾机",
    "kind": "achievement",
    "publicly_funded": True,
    "publish": True,
}


def in_days(days: int) -> str:
    return str(today() + timedelta(days=days))


def make_result(
    session: Session, owner: Organization | None = None, days: int = 30, **fields: Any
) -> Capability:
    return make_capability(session, owner, publicly_funded=True, transfer_by=in_days(days), **fields)


def listed(client: TestClient, **params: Any) -> list[str]:
    answer = client.get(PLACE, params=params)
    assert answer.status_code == 200, answer.text
    return [one["capability_id"] for one in answer.json()["items"]]


@pytest.mark.parametrize(
    ("written", "read"),
    [("2028-06-30", "2028-06-30"), ("2028年6月底", "2028-06-30"), ("二〇二八年底", "2028-12-31")],
)
def test_the_day_is_read_as_other_days_are(client_for: ClientFor, written: str, read: str) -> None:
    made = client_for().post("/v1/capabilities", json={**RESULT, "transfer_by": written}).json()

    assert made["transfer_by"] == made["transfer_due"] == read
    assert made["transfer_assumed"] is False
    told = [one["field"] for one in made["readings"]]
    assert ("transfer_by" in told) is (written != read)


@pytest.mark.parametrize("kind", ["achievement", "patent"])
def test_a_published_result_that_states_no_day_gets_one_and_it_says_so(
    client_for: ClientFor, kind: str
) -> None:
    made = client_for().post("/v1/capabilities", json={**RESULT, "kind": kind}).json()

    day = today()
    assert made["transfer_by"] is None
    # The 29th of February has no other like it three years later.
    assert made["transfer_due"] == str(
        day.replace(year=day.year + 3, day=min(day.day, 28 if day.month == 2 else 31))
    )
    assert made["transfer_assumed"] is True


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "service"},
        {"publicly_funded": False},
        {"publicly_funded": None},
        {"publish": False},
        {"publicly_funded": False, "transfer_by": "2028-06-30"},
    ],
)
def test_what_is_no_published_result_of_public_money_has_no_day(
    client_for: ClientFor, fields: dict[str, Any]
) -> None:
    made = client_for().post("/v1/capabilities", json={**RESULT, **fields}).json()

    assert (made["transfer_due"], made["transfer_assumed"]) == (None, False)


@pytest.mark.parametrize(
    ("months", "published", "due"), [(1, "2027-01-31", "2027-02-28"), (14, "2026-12-15", "2028-02-15")]
)
def test_months_are_counted_by_the_setting_and_end_with_the_month(
    session: Session, monkeypatch: pytest.MonkeyPatch, months: int, published: str, due: str
) -> None:
    made = make_capability(session, publicly_funded=True)
    made.transfer_due, made.transfer_assumed = None, False
    made.published_at = now().fromisoformat(f"{published}T04:00:00+00:00")
    session.add(made)
    session.commit()
    monkeypatch.setattr(settings(), "transfer_months", months)

    more = backfill_due_dates(session)
    session.commit()

    assert more is False
    assert (str(session.get_one(Capability, made.id).transfer_due), made.transfer_assumed) == (due, True)


def test_publishing_anew_gains_no_time(session: Session, owner: Organization, client_for: ClientFor) -> None:
    client = client_for(owner)
    made = make_capability(session, owner, publicly_funded=True)
    made.transfer_due, made.status = today() - timedelta(days=1), "expired"  # type: ignore[assignment]
    session.add(made)
    session.commit()

    again = client.post(f"/v1/capabilities/{made.id}/publish").json()
    stated = client.patch(f"/v1/capabilities/{made.id}", json={"transfer_by": "2029-01-01"}).json()

    assert (again["status"], again["transfer_due"]) == ("published", in_days(-1))
    assert (stated["transfer_due"], stated["transfer_assumed"]) == ("2029-01-01", False)


def test_operators_list_what_is_near_or_past_the_earliest_day_first(
    session: Session, client_for: ClientFor
) -> None:
    near, past = make_result(session, days=90), make_result(session, days=-1)
    on_its_day = make_result(session, days=0)
    ahead = make_result(session, days=91)
    make_capability(session)
    operator = client_for(role=Role.operator)

    answer = operator.get(PLACE).json()

    assert [one["capability_id"] for one in answer["items"]] == [
        str(one.id) for one in (past, on_its_day, near)
    ]
    assert [(one["state"], one["days_left"]) for one in answer["items"]] == [
        ("past", -1),
        ("near", 0),
        ("near", 90),
    ]
    assert answer["counts"] == {"ahead": 1, "near": 2, "past": 1, "transferring": 0, "transferred": 0}
    assert listed(operator, state="ahead") == [str(ahead.id)]


def test_how_many_days_are_near_is_a_setting(
    session: Session, client_for: ClientFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_result(session, days=10)
    monkeypatch.setattr(settings(), "transfer_near_days", 9)

    assert listed(client_for(role=Role.operator)) == []


def test_a_result_in_dialogue_or_under_contract_leaves_the_list(
    session: Session, client_for: ClientFor
) -> None:
    brokerage = Brokerage(session, client_for)
    result = make_result(session, brokerage.providers)
    body = {
        "need_id": str(make_need(session, brokerage.seekers).id),
        "capability_id": str(result.id),
    }
    asked = brokerage.seeker.post("/v1/introductions", json=body).json()["id"]
    after_asking = listed(brokerage.operator)

    brokerage.provider.post(f"/v1/introductions/{asked}/accept", json={})
    in_dialogue = listed(brokerage.operator), listed(brokerage.operator, state="transferring")
    brokerage.seeker.post(f"/v1/introductions/{asked}/end", json={"outcome": "contract"})
    under_contract = listed(brokerage.operator), listed(brokerage.operator, state="transferred")

    assert after_asking == [str(result.id)]
    assert in_dialogue == under_contract == ([], [str(result.id)])


def test_a_dialogue_that_came_to_nothing_brings_it_back(session: Session, client_for: ClientFor) -> None:
    brokerage = Brokerage(session, client_for)
    result = make_result(session, brokerage.providers)
    need = make_need(session, brokerage.seekers)
    body = {"need_id": str(need.id), "capability_id": str(result.id)}
    asked = brokerage.seeker.post("/v1/introductions", json=body).json()["id"]
    brokerage.provider.post(f"/v1/introductions/{asked}/accept", json={})

    brokerage.seeker.post(f"/v1/introductions/{asked}/end", json={"outcome": "no_agreement"})

    assert listed(brokerage.operator) == [str(result.id)]


def test_closing_a_result_does_not_take_it_off_the_operators_list(
    session: Session, owner: Organization, client_for: ClientFor
) -> None:
    result, gone = make_result(session, owner), make_result(session, owner)
    client = client_for(owner)

    client.post(f"/v1/capabilities/{result.id}/close")
    client.delete(f"/v1/capabilities/{gone.id}")

    assert listed(client_for(role=Role.operator)) == [str(result.id)]


def test_brokers_list_what_they_may_read_and_members_nothing(session: Session, client_for: ClientFor) -> None:
    shown = make_result(session)
    make_result(session, visibility="private")
    broker, member = client_for(role=Role.broker), client_for()

    answer = broker.get(PLACE).json()

    assert [one["capability_id"] for one in answer["items"]] == [str(shown.id)]
    assert answer["counts"]["near"] == 1
    assert member.get(PLACE).status_code == 403


def test_needs_that_were_told_are_shown_as_far_as_one_may_read_them(
    session: Session, client_for: ClientFor
) -> None:
    result = make_result(session)
    open_, hidden = make_need(session), make_need(session, visibility="private")
    session.add(TransferLook(capability_id=result.id, best=[hidden.id, open_.id], scores=[0.9, 0.8]))
    session.commit()

    seen = {
        role: [one["need_id"] for one in client_for(role=role).get(PLACE).json()["items"][0]["fitting"]]
        for role in (Role.broker, Role.operator)
    }

    assert seen == {Role.broker: [str(open_.id)], Role.operator: [str(hidden.id), str(open_.id)]}


def test_pages_neither_repeat_nor_skip(session: Session, client_for: ClientFor) -> None:
    made = [make_result(session, days=days) for days in (3, 1, 2, 2, 2)]
    operator = client_for(role=Role.operator)

    seen, cursor = [], None
    while True:
        answer = operator.get(PLACE, params={"limit": 2} | ({"cursor": cursor} if cursor else {})).json()
        seen += [one["capability_id"] for one in answer["items"]]
        cursor = answer["next_cursor"]
        if cursor is None:
            break

    assert [seen[0], seen[-1]] == [str(made[1].id), str(made[0].id)]
    assert sorted(seen) == sorted(str(one.id) for one in made)


def test_a_file_with_the_column_gives_the_day(
    session: Session, owner: Organization, client_for: ClientFor
) -> None:
    client = client_for(owner)
    make_capability(session, owner, publicly_funded=True, transfer_by="2028-06-30")

    written = client.get("/v1/exports/capabilities?format=csv").content.decode("utf-8-sig")

    heading, row = written.splitlines()[:2]
    assert row.split(",")[heading.split(",").index("转化期限")] == "2028-06-30"
    assert session.exec(select(Capability)).one().transfer_by == date(2028, 6, 30)


def test_the_day_is_counted_from_the_day_of_publication_in_china(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = make_capability(session, publicly_funded=True)
    made.transfer_due, made.transfer_assumed = None, False
    made.published_at = now().fromisoformat("2026-12-31T20:00:00+00:00")
    session.add(made)
    session.commit()
    monkeypatch.setattr(settings(), "transfer_months", 12)

    backfill_due_dates(session)
    session.commit()

    assert str(session.get_one(Capability, made.id).transfer_due) == "2028-01-01"
