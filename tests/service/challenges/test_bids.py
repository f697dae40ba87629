"""Handing in, replacing and withdrawing bids; consortia; who may bid at all."""

from typing import Any

import pytest
from sqlmodel import Session, select

from schemas.notice import Notice, NoticeKind
from service.challenges.deadline import close_overdue
from tests.conftest import ClientFor
from tests.make import make_need, make_organization
from tests.service.tenders import Tender, bid_body


@pytest.fixture
def tender(session: Session, client_for: ClientFor) -> Tender:
    return Tender(session, client_for).opened()


def told(session: Session, kind: NoticeKind) -> list[str]:
    session.rollback()
    return [str(one.organization_id) for one in session.exec(select(Notice).where(Notice.kind == kind))]


def member(organization: Any) -> dict[str, Any]:
    return {"organization_id": str(organization.id), "role": "pilot", "task": "中试"}


def test_an_organisation_bids_once_and_replaces_its_bid_until_the_deadline(tender: Tender) -> None:
    bid = tender.bid()
    again = tender.bidder.post(f"{tender.place}/bids", json=bid_body())

    replaced = tender.bidder.put(f"{tender.place}/bids/{bid}", json=bid_body(price_yuan=99)).json()
    tender.pass_deadline()
    late = tender.bidder.put(f"{tender.place}/bids/{bid}", json=bid_body(price_yuan=1))
    later = tender.client_for().post(f"{tender.place}/bids", json=bid_body())

    assert (again.status_code, again.json()["type"]) == (409, "conflict")
    assert replaced["content"]["price_yuan"] == 99
    assert (late.status_code, late.json()["status_now"]) == (409, "opened")
    assert (later.status_code, later.json()["status_now"]) == (409, "evaluating")


def test_a_bid_that_was_withdrawn_counts_no_more_and_another_may_follow(tender: Tender) -> None:
    bid = tender.bid()
    tender.do(tender.bidder, f"bids/{bid}/withdraw")
    assert tender.read(tender.publisher)["bids"] == 0

    another = tender.bid()
    tender.pass_deadline()

    assert [one["id"] for one in tender.operator.get(f"{tender.place}/bids").json()["items"]] == [another]


def test_a_consortium_counts_once_every_member_has_agreed(session: Session, tender: Tender) -> None:
    first, second = make_organization(session), make_organization(session)
    bid = tender.bid(members=[member(first), member(second)])
    place = f"bids/{bid}"

    states = [tender.bidder.get(f"{tender.place}/{place}").json()["status"]]
    for organization in (first, second):
        client = tender.client_for(organization)
        assert client.get(f"{tender.place}/{place}").json()["content"]["price_yuan"]
        states.append(tender.do(client, f"{place}/agree", {})["status"])

    assert states == ["agreeing", "agreeing", "sealed"]
    assert tender.read(tender.publisher)["bids"] == 1
    assert set(told(session, NoticeKind.bid_invited)) == {str(first.id), str(second.id)}


def test_a_consortium_that_is_not_agreed_on_by_the_deadline_lapses(session: Session, tender: Tender) -> None:
    bid = tender.bid(members=[member(make_organization(session))])
    tender.pass_deadline()
    close_overdue(session)
    session.commit()

    assert tender.bidder.get(f"{tender.place}/bids/{bid}").json()["status"] == "lapsed"
    assert tender.read()["status"] == "failed"
    assert tender.operator.get(f"{tender.place}/bids/{bid}").status_code == 404


def test_members_agree_anew_to_what_was_replaced(session: Session, tender: Tender) -> None:
    partner = make_organization(session)
    bid = tender.bid(members=[member(partner)])
    tender.do(tender.client_for(partner), f"bids/{bid}/agree", {})

    replaced = tender.bidder.put(
        f"{tender.place}/bids/{bid}", json=bid_body(members=[member(partner)])
    ).json()

    assert replaced["status"] == "agreeing"


def test_a_member_that_refuses_leaves_the_bid_incomplete(session: Session, tender: Tender) -> None:
    partner = make_organization(session)
    client = tender.client_for(partner)
    bid = tender.bid(members=[member(partner)])
    tender.do(client, f"bids/{bid}/agree", {})

    refused = tender.do(client, f"bids/{bid}/refuse")
    alone = tender.bidder.put(f"{tender.place}/bids/{bid}", json=bid_body()).json()

    assert refused["status"] == "agreeing"
    assert alone["status"] == "sealed"
    assert client.get(f"{tender.place}/bids/{bid}").status_code == 404


def test_an_organisation_is_in_one_bid_and_nobody_else_learns_that_it_is(
    session: Session, tender: Tender
) -> None:
    partner = make_organization(session)
    client = tender.client_for(partner)
    tender.bid(client)

    bid = tender.bid(members=[member(partner)])
    answer = client.post(f"{tender.place}/bids/{bid}/agree", json={})

    assert answer.status_code == 409
    assert tender.bidder.get(f"{tender.place}/bids/{bid}").json()["members"][1]["agreed_at"] is None


@pytest.mark.parametrize("who", ["twice", "unknown", "publisher", "lead"])
def test_members_are_other_organisations_that_are_known_here(
    session: Session, tender: Tender, who: str
) -> None:
    partner = member(make_organization(session))
    members = {
        "twice": [partner, partner],
        "unknown": [{**partner, "organization_id": tender.id}],
        "publisher": [member(tender.owner)],
        "lead": [member(tender.firm)],
    }[who]

    answer = tender.bidder.post(f"{tender.place}/bids", json=bid_body(members=members))

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/members"


def test_a_commitment_must_be_accepted_by_lead_and_members(session: Session, client_for: ClientFor) -> None:
    tender = Tender(session, client_for, commitment="逾期未达标，退还全部经费。").opened()
    partner = make_organization(session)
    client = client_for(partner)

    without = tender.bidder.post(f"{tender.place}/bids", json=bid_body())
    bid = tender.bid(commitment_accepted=True, members=[member(partner)])
    member_without = client.post(f"{tender.place}/bids/{bid}/agree", json={})
    agreed = client.post(f"{tender.place}/bids/{bid}/agree", json={"commitment_accepted": True})

    assert without.json()["errors"][0]["pointer"] == "/commitment_accepted"
    assert member_without.status_code == 422
    assert agreed.json()["status"] == "sealed"


@pytest.mark.parametrize(
    ("rule", "eligible", "not_eligible"),
    [
        ({"eligible_kinds": ["university"]}, {"kind": "university"}, {"kind": "enterprise"}),
        ({"eligible_affiliations": ["aid"]}, {"affiliation": "aid"}, {"affiliation": "corps"}),
        ({"eligible_regions": ["65"]}, {"region": "659003.44"}, {"region": "44"}),
    ],
    ids=["kind", "affiliation", "region"],
)
def test_those_alone_bid_who_are_eligible(
    session: Session,
    client_for: ClientFor,
    rule: dict[str, Any],
    eligible: dict[str, Any],
    not_eligible: dict[str, Any],
) -> None:
    tender = Tender(session, client_for, **rule).opened()

    answers = [
        client_for(make_organization(session, **fields)).post(f"{tender.place}/bids", json=bid_body())
        for fields in (eligible, not_eligible)
    ]

    assert [answer.status_code for answer in answers] == [201, 403]


def test_neither_publisher_nor_operator_nor_the_needs_owner_bids(
    session: Session, client_for: ClientFor, tender: Tender
) -> None:
    owner = make_organization(session)
    need = make_need(session, owner)
    public = {**tender.operator.get(tender.place).json(), "need_id": str(need.id)}
    kept = ("need_id", "title", "goal", "indicators", "deadline", "own_yuan")
    made = tender.operator.post("/v1/challenges", json={name: public[name] for name in kept}).json()
    for verb in ("submit", "open"):
        assert tender.operator.post(f"/v1/challenges/{made['id']}/{verb}").status_code == 200

    answers = [
        client.post(f"{place}/bids", json=bid_body()).status_code
        for client, place in (
            (tender.publisher, tender.place),
            (tender.operator, tender.place),
            (client_for(owner), f"/v1/challenges/{made['id']}"),
        )
    ]

    assert answers == [403, 403, 403]


def test_the_publisher_reads_a_count_and_others_read_it_after_the_deadline(tender: Tender) -> None:
    tender.bid()

    before = {
        name: tender.read(getattr(tender, name))["bids"] for name in ("publisher", "operator", "bidder")
    }
    tender.pass_deadline()
    after = {name: tender.read(getattr(tender, name))["bids"] for name in before}

    assert before == {"publisher": 1, "operator": None, "bidder": None}
    assert after == {"publisher": 1, "operator": 1, "bidder": 1}


def test_a_bid_sent_twice_with_one_key_is_handed_in_once(tender: Tender) -> None:
    answers = [
        tender.bidder.post(f"{tender.place}/bids", json=bid_body(), headers={"Idempotency-Key": "k"})
        for _ in range(2)
    ]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
