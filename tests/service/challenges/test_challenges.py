"""Publishing a challenge: what it must say, who reviews it, who reads it, and how it is withdrawn."""

from typing import Any

import pytest
from sqlmodel import Session

from schemas.vocabulary import Role
from tests.conftest import ClientFor
from tests.make import make_need, make_organization
from tests.service.tenders import Tender, challenge_body


@pytest.fixture
def tender(session: Session, client_for: ClientFor) -> Tender:
    return Tender(session, client_for)


def test_a_need_becomes_a_challenge_with_its_words_unless_others_are_given(
    session: Session, client_for: ClientFor
) -> None:
    owner = make_organization(session)
    need = make_need(
        session,
        owner,
        description="人工捡拾成本高。",
        wanted_result="捡拾机",
        indicators=["回收率≥90%"],
        domains=["crops"],
        region="659003.44",
    )

    made = (
        client_for(owner).post("/v1/challenges", json={"need_id": str(need.id), "title": "残膜回收"}).json()
    )

    assert made["title"] == "残膜回收"
    assert made["goal"] == "捡拾机\n\n人工捡拾成本高。"
    assert [one["value"] for one in made["indicators"]] == [90]
    assert (made["domains"], made["region"], made["need_id"]) == (["crops"], "659003.44", str(need.id))
    assert (made["status"], made["kind"]) == ("draft", "enterprise")


def test_members_use_their_own_needs_and_operators_any_that_is_published(
    session: Session, client_for: ClientFor
) -> None:
    need, private = make_need(session), make_need(session, visibility="private")
    member, operator = client_for(), client_for(role=Role.operator)

    answers = [
        client.post("/v1/challenges", json={"need_id": str(one.id)}).status_code
        for client, one in ((member, need), (operator, need), (operator, private))
    ]

    assert answers == [404, 201, 404]


def test_contacts_are_taken_out_of_what_will_be_published(client_for: ClientFor) -> None:
    body = challenge_body(goal="请联系王工13812345678。", conditions="来函 wang@example.cn")

    made = client_for().post("/v1/challenges", json=body).json()

    assert "13812345678" not in made["goal"]
    assert "wang@" not in made["conditions"]


LACKING: list[tuple[dict[str, Any], str]] = [
    ({"goal": ""}, "/goal"),
    ({"indicators": []}, "/indicators"),
    ({"deadline": None}, "/deadline"),
    ({"deadline": "2026-01-01T00:00:00Z"}, "/deadline"),
    ({"own_yuan": 0, "public_yuan": 0}, "/own_yuan"),
    ({"winners": 2}, "/winners"),
    ({"mode": "race"}, "/winners"),
    ({"mode": "race", "winners": 2}, "/milestones"),
    ({"months": 37}, "/months"),
    ({"solver_share": 39}, "/solver_share"),
    ({"own_yuan": 3_999_999}, "/own_yuan"),
]


@pytest.mark.parametrize(("fields", "pointer"), LACKING, ids=lambda value: str(value)[:40])
def test_what_a_challenge_lacks_is_told_when_it_is_handed_in(
    session: Session, client_for: ClientFor, fields: dict[str, Any], pointer: str
) -> None:
    tender = Tender(session, client_for, **fields)

    answer = tender.publisher.post(f"{tender.place}/submit")

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == pointer
    assert tender.read()["status"] == "draft"


def test_the_rules_on_money_are_those_of_public_money(session: Session, client_for: ClientFor) -> None:
    """Without any, an enterprise pays as it likes; and a government has no money of its own to add."""
    own = Tender(session, client_for, public_yuan=0, own_yuan=1, solver_share=0)
    government = client_for(role=Role.operator)
    public = government.post("/v1/challenges", json=challenge_body(own_yuan=0)).json()

    answers = [
        own.publisher.post(f"{own.place}/submit").status_code,
        government.post(f"/v1/challenges/{public['id']}/submit").status_code,
    ]

    assert public["kind"] == "government"
    assert answers == [200, 200]


def test_criteria_weigh_a_hundred_together(client_for: ClientFor) -> None:
    criteria = [{"name": "可行性", "weight": 60}, {"name": "团队", "weight": 30}]

    answer = client_for().post("/v1/challenges", json=challenge_body(criteria=criteria))

    assert answer.status_code == 422


def test_a_challenge_is_reviewed_before_anybody_else_reads_it(tender: Tender) -> None:
    stranger = tender.client_for()
    tender.do(tender.publisher, "submit")
    hidden = [stranger.get(tender.place).status_code, len(stranger.get("/v1/challenges").json()["items"])]

    opened_by_publisher = tender.publisher.post(f"{tender.place}/open").status_code
    tender.do(tender.operator, "open")

    assert hidden == [404, 0]
    assert opened_by_publisher == 403
    assert tender.read(stranger)["status"] == "open"
    assert tender.read(tender.client_for(role=Role.integrator))["status"] == "open"


def test_a_challenge_that_is_sent_back_says_why_to_its_publisher(tender: Tender) -> None:
    tender.do(tender.publisher, "submit")
    tender.do(tender.operator, "return", {"reason": "指标不可量化"})

    assert tender.read(tender.publisher)["returned"] == "指标不可量化"
    assert tender.read(tender.publisher)["status"] == "draft"
    tender.opened()
    assert tender.read(tender.client_for())["returned"] is None


def test_an_open_challenge_cannot_be_changed(tender: Tender) -> None:
    tender.opened()

    answers = [
        client.patch(tender.place, json={"deadline": "2027-01-01T00:00:00Z"})
        for client in (tender.publisher, tender.operator)
    ]

    assert [answer.status_code for answer in answers] == [409, 409]


def test_a_change_needs_what_was_last_seen_where_it_says_so(tender: Tender) -> None:
    tag = tender.publisher.get(tender.place).headers["etag"]
    tender.publisher.patch(tender.place, json={"title": "甲"}, headers={"If-Match": tag})

    answer = tender.publisher.patch(tender.place, json={"title": "乙"}, headers={"If-Match": tag})

    assert answer.status_code == 412


def test_it_is_withdrawn_with_a_reason_that_all_read_and_the_audit_keeps(tender: Tender) -> None:
    tender.opened()
    without = tender.publisher.post(f"{tender.place}/withdraw", json={"reason": " "}).status_code

    tender.do(tender.publisher, "withdraw", {"reason": "资金未落实，电话13812345678"})

    read = tender.read(tender.client_for(role=Role.integrator))
    [entry] = tender.operator.get("/v1/audit", params={"action": ["challenge.withdraw"]}).json()["items"]
    assert without == 422
    assert read["status"] == "terminated"
    assert read["steps"][-1]["reason"].startswith("资金未落实")
    assert "13812345678" not in read["steps"][-1]["reason"]
    assert read["steps"][-1]["organization"]["id"] == str(tender.owner.id)
    assert entry["subject_id"] == tender.id


def test_every_step_from_its_opening_on_is_published_and_none_before(tender: Tender) -> None:
    tender.do(tender.publisher, "submit")
    tender.do(tender.operator, "return", {"reason": "请补充"})
    tender.opened().bid()
    tender.evaluating().working()

    verbs = [step["verb"] for step in tender.read(tender.client_for())["steps"]]

    assert verbs == ["open", "close", "award", "sign", "start"]


def test_lists_are_filtered_by_domain_region_and_status_by_the_clock(
    session: Session, client_for: ClientFor
) -> None:
    one = Tender(session, client_for, domains=["crops"], region="659003").opened()
    other = Tender(session, client_for, domains=["fruit"], region="6531").opened()
    other.bid()
    other.pass_deadline()

    def found(**asked: Any) -> set[str]:
        return {item["id"] for item in one.bidder.get("/v1/challenges", params=asked).json()["items"]}

    assert found(domain="crops") == {one.id}
    assert found(region="65") == {one.id, other.id}
    assert found(region="6531") == {other.id}
    assert found(status="open") == {one.id}
    assert found(status="evaluating") == {other.id}
    assert found(affiliation="aid") == set()
    assert one.bidder.get("/v1/challenges", params={"colour": "red"}).status_code == 422


def test_pages_of_challenges_neither_repeat_nor_skip(session: Session, client_for: ClientFor) -> None:
    made = [Tender(session, client_for).opened() for _ in range(3)]

    first = made[0].bidder.get("/v1/challenges", params={"limit": 2}).json()
    second = made[0].bidder.get("/v1/challenges", params={"limit": 2, "cursor": first["next_cursor"]}).json()

    assert [one["id"] for one in first["items"] + second["items"]] == [one.id for one in reversed(made)]
    assert second["next_cursor"] is None


def test_sent_twice_with_one_key_a_challenge_is_made_once(client_for: ClientFor) -> None:
    client = client_for()

    answers = [
        client.post("/v1/challenges", json=challenge_body(title="一次"), headers={"Idempotency-Key": "k"})
        for _ in range(2)
    ]

    # The deadline is another in each body, so that the second is another request.
    assert [answer.status_code for answer in answers] == [201, 409]
