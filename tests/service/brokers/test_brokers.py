"""Brokers: their profile, their standing, and what became of their proposals."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlmodel import Session, select

from schemas.base import now
from schemas.broker import Broker
from schemas.notice import Notice
from schemas.vocabulary import Role
from service.contracts.commissions import commission_limit
from service.platform.china_time import CHINA, today
from service.platform.settings import settings
from tests.conftest import ClientFor
from tests.make import make_capability, make_key, make_need, make_organization
from tests.service.proposals import Brokerage


@pytest.fixture
def brokerage(session: Session, client_for: ClientFor) -> Brokerage:
    return Brokerage(session, client_for)


def test_a_broker_registers_once_and_changes_its_profile(session: Session, client_for: ClientFor) -> None:
    client = client_for(role=Role.broker)
    body = {"level": "middle", "domains": ["fruit"], "certificate": "65-2026-0018"}

    made = client.post("/v1/brokers", json=body)
    again = client.post("/v1/brokers", json=body)
    changed = client.patch(
        f"/v1/brokers/{made.json()['id']}", json={"level": "senior"}, headers={"If-Match": '"1"'}
    )
    stale = client.patch(
        f"/v1/brokers/{made.json()['id']}", json={"level": "junior"}, headers={"If-Match": '"1"'}
    )

    assert made.status_code == 201
    assert made.json()["standing"] == "active"
    assert again.status_code == 409
    assert changed.json()["level"] == "senior"
    assert changed.json()["certificate"] == "65-2026-0018"
    assert changed.headers["etag"].startswith('"2-')
    assert stale.status_code == 412


def test_the_number_of_a_certificate_is_sealed_in_the_database(
    session: Session, client_for: ClientFor
) -> None:
    client_for(role=Role.broker).post("/v1/brokers", json={"certificate": "65-2026-0018"})

    kept = session.connection().exec_driver_sql("SELECT certificate FROM broker").scalar_one()

    assert "65-2026-0018" not in kept


def test_operators_register_any_organisation_that_there_is(session: Session, client_for: ClientFor) -> None:
    operator, other = client_for(role=Role.operator), make_organization(session)
    broker = client_for(role=Role.broker)

    made = operator.post("/v1/brokers", json={"organization_id": str(other.id)})
    nobody = operator.post("/v1/brokers", json={"organization_id": "01990000-0000-7000-8000-000000000000"})
    forbidden = broker.post("/v1/brokers", json={"organization_id": str(other.id)})

    assert made.json()["organization"]["id"] == str(other.id)
    assert nobody.json()["errors"][0]["pointer"] == "/organization_id"
    assert forbidden.status_code == 403


def test_brokers_list_themselves_and_operators_all(brokerage: Brokerage, client_for: ClientFor) -> None:
    another = client_for(role=Role.broker)
    another.post("/v1/brokers", json={})

    seen = {
        "broker": [one["id"] for one in brokerage.broker.get("/v1/brokers").json()["items"]],
        "operator": len(brokerage.operator.get("/v1/brokers").json()["items"]),
        "ended": brokerage.operator.get("/v1/brokers?standing=ended").json()["items"],
        "another's": another.get(brokerage.place).status_code,
    }

    assert seen == {"broker": [brokerage.id], "operator": 2, "ended": [], "another's": 404}


def test_a_proposal_keeps_the_brokers_score_beside_the_systems_and_needs_both_sides(
    brokerage: Brokerage,
) -> None:
    made = brokerage.propose(human_score=0.9)

    first = brokerage.seeker.post(f"/v1/introductions/{made}/accept", json={}).json()
    contacts = brokerage.broker.get(f"/v1/introductions/{made}/contacts")
    second = brokerage.provider.post(f"/v1/introductions/{made}/accept", json={}).json()
    seen = brokerage.broker.get(f"/v1/introductions/{made}").json()

    assert (first["status"], second["status"]) == ("awaiting_provider", "accepted")
    assert (seen["human_score"], seen["score"]) == (0.9, None)
    # A broker brings two together, and reads neither's contacts.
    assert contacts.status_code == 403


def test_the_record_counts_what_became_of_proposals(brokerage: Brokerage) -> None:
    brokerage.shift(brokerage.contracted(), 10)
    brokerage.agreed()
    brokerage.declined()
    brokerage.propose()
    withdrawn = brokerage.propose()
    brokerage.broker.post(f"/v1/introductions/{withdrawn}/withdraw")

    figures = brokerage.broker.get(f"{brokerage.place}/record").json()["figures"]

    counts = ("proposals", "waiting", "agreed", "contracts", "declined", "withdrawn", "expired")
    assert [figures[name] for name in counts] == [5, 1, 2, 1, 1, 1, 0]
    assert figures["agreed_share"] == 0.5
    assert figures["days_to_contract"] == pytest.approx(10, abs=0.1)
    assert figures["days_to_agreement"] == pytest.approx(5, abs=0.1)


def test_a_year_counts_proposals_by_when_they_were_made_and_contracts_by_when_they_came(
    brokerage: Brokerage,
) -> None:
    this = today().year
    last = this - 1
    brokerage.shift(brokerage.contracted(), 366)
    brokerage.declined()

    years = {
        year: brokerage.operator.get(f"{brokerage.place}/record?year={year}").json()["figures"]
        for year in (last, this)
    }

    assert [(years[year]["proposals"], years[year]["contracts"]) for year in (last, this)] == [(1, 0), (1, 1)]
    assert years[last]["first_day"] == f"{last}-01-01"


def test_a_year_begins_at_midnight_in_china(brokerage: Brokerage) -> None:
    this = today().year
    midnight = datetime(this, 1, 1, tzinfo=CHINA)
    for minutes in (-1, 1):
        brokerage.shift(brokerage.propose(), 0, created_at=midnight + timedelta(minutes=minutes))

    counted = [
        brokerage.operator.get(f"{brokerage.place}/record?year={year}").json()["figures"]["proposals"]
        for year in (this - 1, this)
    ]

    assert counted == [1, 1]


def test_reasons_are_counts_and_the_broker_reads_them_only_where_they_name_nobody(
    brokerage: Brokerage,
) -> None:
    for reason in ("budget", "budget", "timing", "timing"):
        brokerage.declined(reason)
    place = f"{brokerage.place}/record"
    four = [client.get(place).json()["figures"] for client in (brokerage.broker, brokerage.operator)]

    brokerage.declined("budget")
    five = brokerage.broker.get(place).json()["figures"]

    assert [figures["declined"] for figures in four] == [4, 4]
    assert [figures["decline_reasons"] for figures in four] == [None, {"budget": 2, "timing": 2}]
    assert five["decline_reasons"] == {"budget": 3, "timing": 2}


def test_the_record_says_which_score_told_good_proposals_from_others(brokerage: Brokerage) -> None:
    brokerage.shift(brokerage.agreed(human_score=0.9), 1, score=0.5)
    brokerage.shift(brokerage.declined(human_score=0.3), 1, score=0.7)
    brokerage.agreed(human_score=0.8)
    withdrawn = brokerage.propose(human_score=0.1)
    brokerage.broker.post(f"/v1/introductions/{withdrawn}/withdraw")
    brokerage.shift(withdrawn, 1, score=0.9)

    scores = brokerage.broker.get(f"{brokerage.place}/record").json()["figures"]["scores"]

    assert scores == {
        "pairs": 2,
        "human_less_system": 0.0,
        "human": {"agreed": 0.9, "not_agreed": 0.3, "difference": 0.6},
        "system": {"agreed": 0.5, "not_agreed": 0.7, "difference": -0.2},
    }


def test_who_has_left_proposes_no_more_keeps_the_record_and_may_come_back(
    session: Session, brokerage: Brokerage
) -> None:
    kept = brokerage.propose()
    ended = brokerage.operator.post(f"{brokerage.place}/end", json={"ground": "cause", "reason": "泄露信息"})
    pair = {
        "need_id": str(make_need(session, brokerage.seekers).id),
        "capability_id": str(make_capability(session, brokerage.providers).id),
    }
    refused = brokerage.broker.post("/v1/introductions", json=pair)
    worklist = brokerage.broker.get("/v1/brokers/worklist")
    record = brokerage.broker.get(f"{brokerage.place}/record").json()["figures"]
    again = brokerage.operator.post(f"{brokerage.place}/end", json={"ground": "cause", "reason": "再次"})

    back = brokerage.operator.post(f"{brokerage.place}/readmit", json={"reason": "整改完成"})
    proposed = brokerage.broker.post("/v1/introductions", json=pair)

    assert ended.json()["standing"] == "ended"
    assert refused.status_code == worklist.status_code == 403
    assert refused.json()["standing"] == "ended"
    assert "资格已终止" in refused.json()["detail"]
    assert record["proposals"] == 1
    assert brokerage.broker.get(f"/v1/introductions/{kept}").status_code == 200
    assert (again.status_code, again.json()["status_now"]) == (409, "ended")
    assert back.json()["standing"] == "active"
    assert proposed.status_code == 201
    told = session.exec(select(Notice.kind).where(Notice.subject_id == brokerage.id)).all()
    assert set(told) == {"broker.ended", "broker.readmitted"}


def test_who_has_left_may_still_ask_for_a_posting_of_its_own(session: Session, brokerage: Brokerage) -> None:
    brokerage.operator.post(f"{brokerage.place}/end", json={"ground": "own_wish", "reason": "转行"})
    need, capability = make_need(session, brokerage.own), make_capability(session, brokerage.providers)

    asked = brokerage.broker.post(
        "/v1/introductions", json={"need_id": str(need.id), "capability_id": str(capability.id)}
    )

    assert asked.status_code == 201


@pytest.mark.parametrize("verb", ["end", "readmit"])
def test_of_32_operators_who_end_or_readmit_it_at_once_one_does(
    session: Session, brokerage: Brokerage, verb: str
) -> None:
    ends = {"ground": "cause", "reason": "违规"}
    if verb == "readmit":
        brokerage.operator.post(f"{brokerage.place}/end", json=ends)
    before = session.exec(select(Broker.version)).one()
    app = brokerage.operator.app
    keys = [make_key(session, make_organization(session), role=Role.operator) for _ in range(32)]

    def send(key: str) -> Any:
        client = TestClient(app, headers={"Authorization": f"Bearer {key}"})
        return client.post(
            f"{brokerage.place}/{verb}", json=ends if verb == "end" else {"reason": "整改完成"}
        )

    with ThreadPoolExecutor(32) as threads:
        answers = list(threads.map(send, keys))

    session.expire_all()
    now_it_is = "ended" if verb == "end" else "active"
    assert sorted(answer.status_code for answer in answers) == [200, *[409] * 31]
    assert {answer.json()["status_now"] for answer in answers if answer.status_code == 409} == {now_it_is}
    assert session.exec(select(Broker.version)).one() == before + 1
    kind = f"broker.{verb}ed".replace("readmited", "readmitted")
    assert len(session.exec(select(Notice).where(Notice.kind == kind)).all()) == 1


def test_what_one_may_do_now_is_told(brokerage: Brokerage) -> None:
    active = [client.get(brokerage.place).json()["may"] for client in (brokerage.broker, brokerage.operator)]

    ended = brokerage.operator.post(
        f"{brokerage.place}/end", json={"ground": "cause", "reason": "违规"}
    ).json()["may"]

    assert active == [["change"], ["change", "evaluate", "end"]]
    assert ended == ["evaluate", "readmit"]


def test_what_the_broker_does_stands_in_the_audit(brokerage: Brokerage) -> None:
    brokerage.operator.post(f"{brokerage.place}/end", json={"ground": "cause", "reason": "秘密的理由"})

    entries = brokerage.broker.get(f"/v1/audit?subject_id={brokerage.id}").json()["items"]

    assert [entry["action"] for entry in entries] == ["broker.end", "broker.register"]
    assert entries[0]["detail"] == {"standing": "ended", "ground": "cause"}


def test_a_commission_is_rounded_down_and_in_decimal_fractions(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (commission_limit(1_000_000), commission_limit(999_999), commission_limit(0)) == (
        15_000,
        14_999,
        0,
    )
    monkeypatch.setattr(settings(), "commission_limit", 0.1)
    # In binary fractions it would come to a yuan less.
    assert commission_limit(30) == 3


def test_a_proposal_that_nobody_answered_counts_as_expired(brokerage: Brokerage) -> None:
    old = brokerage.propose()
    brokerage.shift(old, 40, expires_at=now() - timedelta(days=10), status="expired")

    figures = brokerage.broker.get(f"{brokerage.place}/record").json()["figures"]

    assert (figures["expired"], figures["agreed_share"]) == (1, 0.0)
