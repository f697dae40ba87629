"""Contracts from the draft to both signatures: who may, what counts, and who reads what."""

from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import Session, select

from schemas.notice import Notice
from schemas.vocabulary import Role
from tests.conftest import ClientFor
from tests.make import make_organization
from tests.service.contracting import (
    Parties,
    agree,
    content,
    do,
    draft,
    parties,
    register,
    sign,
)
from tests.service.sides import ABSENT


@pytest.fixture
def two(session: Session, client_for: ClientFor) -> Parties:
    return parties(session, client_for)


def test_an_introduction_has_one_open_contract(session: Session, two: Parties) -> None:
    introduction = agree(session, two)
    address = f"/v1/introductions/{introduction}/contract"
    first = two.seeker.post(address, json=content()).json()

    second = two.provider.post(address, json=content())
    do(two.seeker, first, "cancel", ground="not_pursued")
    third = two.provider.post(address, json=content())

    assert second.status_code == 409
    assert (second.json()["status_now"], second.json()["contract_id"]) == ("draft", first["id"])
    assert third.status_code == 201


def test_the_same_key_drafts_once(session: Session, two: Parties) -> None:
    address = f"/v1/introductions/{agree(session, two)}/contract"
    sent = [
        two.seeker.post(address, json=content(), headers={"Idempotency-Key": "甲".encode().hex()})
        for _ in "12"
    ]

    assert [answer.status_code for answer in sent] == [201, 201]
    assert sent[0].json()["id"] == sent[1].json()["id"]


def test_two_signatures_of_the_same_version_make_it_signed_and_move_the_introduction(
    session: Session, two: Parties
) -> None:
    made = draft(session, two)
    one = two.seeker.post(
        f"/v1/contracts/{made['id']}/sign", json={"version": 1, "hash": made["hash"], "signer": "王总"}
    ).json()
    both = two.provider.post(
        f"/v1/contracts/{made['id']}/sign", json={"version": 1, "hash": made["hash"]}
    ).json()

    introduction = two.seeker.get(f"/v1/introductions/{made['introduction_id']}").json()
    [version] = two.seeker.get(f"/v1/contracts/{made['id']}/versions").json()
    assert (one["status"], one["signed_by"]) == ("draft", [str(two.buyer.id)])
    assert (both["status"], both["signed_version"]) == ("signed", 1)
    assert introduction["stage"] == "contract"
    assert introduction["steps"][-1]["verb"] == "sign contract"
    assert [(each["signer"], each["hash"]) for each in version["signatures"]] == [
        ("王总", made["hash"]),
        ("", made["hash"]),
    ]


def test_signatures_of_an_older_version_do_not_count(session: Session, two: Parties) -> None:
    made = draft(session, two)
    old = {"version": 1, "hash": made["hash"]}
    two.seeker.post(f"/v1/contracts/{made['id']}/sign", json=old)

    changed = two.provider.put(
        f"/v1/contracts/{made['id']}/content", json=content(turnover=900_000), headers={"If-Match": '"1"'}
    ).json()
    late = two.provider.post(f"/v1/contracts/{made['id']}/sign", json=old)
    newer = {"version": 2, "hash": changed["hash"]}
    alone = two.provider.post(f"/v1/contracts/{made['id']}/sign", json=newer).json()
    both = two.seeker.post(f"/v1/contracts/{made['id']}/sign", json=newer).json()

    assert (changed["version"], changed["signed_by"]) == (2, [])
    assert late.status_code == 409
    assert (late.json()["status_now"], late.json()["version_now"]) == ("draft", 2)
    assert alone["status"] == "draft"
    assert (both["status"], both["turnover"]) == ("signed", 900_000)


def test_what_is_signed_is_what_was_seen(session: Session, two: Parties) -> None:
    made = draft(session, two)

    answer = two.seeker.post(f"/v1/contracts/{made['id']}/sign", json={"version": 1, "hash": "0" * 64})

    assert answer.status_code == 409


def test_nobody_overwrites_a_version_that_they_have_not_seen(session: Session, two: Parties) -> None:
    made = draft(session, two)
    read = two.seeker.get(f"/v1/contracts/{made['id']}")
    two.provider.put(f"/v1/contracts/{made['id']}/content", json=content(turnover=900_000))

    answer = two.seeker.put(
        f"/v1/contracts/{made['id']}/content",
        json=content(turnover=700_000, technology_value=1),
        headers={"If-Match": read.headers["etag"]},
    )

    assert answer.status_code == 412


def test_an_amendment_that_is_given_up_leaves_what_was_signed(session: Session, two: Parties) -> None:
    made = draft(session, two)
    sign(two, made)

    amended = do(two.seeker, made, "amend", **content("service"))
    restored = do(two.provider, made, "restore")

    assert (amended["status"], amended["version"], amended["type"]) == ("amending", 2, "service")
    assert (restored["status"], restored["version"], restored["type"]) == ("signed", 1, "development")
    assert do(two.seeker, made, "amend", **content())["version"] == 3


def test_an_unregistered_contract_ends_with_both_signatures_under_its_end(
    session: Session, two: Parties
) -> None:
    made = draft(session, two)
    sign(two, made)

    proposed = do(two.seeker, made, "terminate")
    ended = sign(two, made)

    assert (proposed["status"], proposed["kind"]) == ("amending", "termination")
    assert (ended["status"], ended["cancel_ground"]) == ("cancelled", "by_agreement")


def test_its_broker_reads_who_what_kind_how_far_and_how_much_and_no_clause(
    session: Session, two: Parties
) -> None:
    made = draft(session, two, commission={"amount": 10_800, "note": "成交后由卖方支付"})
    register(two, made)

    seen = two.broker.get(f"/v1/contracts/{made['id']}").json()
    [listed] = two.broker.get("/v1/contracts").json()["items"]
    refused = [
        two.broker.get(f"/v1/contracts/{made['id']}/{what}").status_code for what in ("versions", "precheck")
    ]

    assert (seen["type"], seen["status"], seen["turnover"], seen["technology_value"]) == (
        "development",
        "registered",
        800_000,
        720_000,
    )
    assert seen["commission"] == {"amount": 10_800, "note": "成交后由卖方支付"}
    assert (seen["content"], seen["hash"], seen["findings"], seen["signed_by"]) == (None, None, None, [])
    assert listed == seen
    assert refused == [403, 403]


def test_a_commission_above_its_share_of_the_transaction_value_is_refused(
    session: Session, two: Parties
) -> None:
    address = f"/v1/introductions/{agree(session, two)}/contract"

    refused = two.seeker.post(address, json=content(commission={"amount": 10_801}))
    drafted = two.seeker.post(address, json=content(commission={"amount": 10_800}))
    changed = two.seeker.put(
        f"/v1/contracts/{drafted.json()['id']}/content", json=content(commission={"amount": 10_801})
    )

    assert drafted.status_code == 201
    assert {answer.status_code for answer in (refused, changed)} == {422}
    assert refused.json()["errors"][0]["pointer"] == "/commission/amount"


def test_for_everybody_else_it_is_not_there(session: Session, two: Parties, client_for: ClientFor) -> None:
    made = draft(session, two)
    for stranger in (client_for(), client_for(role=Role.broker), client_for(two.agent)):
        theirs = stranger.get(f"/v1/contracts/{made['id']}")
        nobodys = stranger.get(f"/v1/contracts/{ABSENT}")

        assert theirs.status_code == nobodys.status_code == 404
        assert theirs.json() == nobodys.json()
        assert stranger.get("/v1/contracts").json()["items"] == []
    assert [one["id"] for one in two.operator.get("/v1/contracts").json()["items"]] == [made["id"]]


def test_lists_are_filtered_and_come_in_pages(session: Session, two: Parties) -> None:
    first, second = draft(session, two), draft(session, two, "service")
    sign(two, first)

    def ids(**asked: Any) -> list[str]:
        return [one["id"] for one in two.seeker.get("/v1/contracts", params=asked).json()["items"]]

    assert ids() == [second["id"], first["id"]]
    assert ids(status="signed") == ids(type="development") == [first["id"]]
    assert ids(introduction_id=second["introduction_id"]) == ids(limit=1) == [second["id"]]


def test_an_operator_enters_what_was_concluded_elsewhere(session: Session, two: Parties) -> None:
    body = {
        "seeker_id": str(two.buyer.id),
        "provider_id": str(two.seller.id),
        "signed_on": "2026-03-02",
        "content": content("license"),
    }

    entered = two.operator.post("/v1/contracts", json=body)
    by_a_side = two.provider.post("/v1/contracts", json=body)
    alone = two.operator.post("/v1/contracts", json={**body, "provider_id": str(two.buyer.id)})
    later = two.operator.post("/v1/contracts", json={**body, "signed_on": "2099-01-01"})
    nobody = two.operator.post("/v1/contracts", json={**body, "seeker_id": ABSENT})

    made = entered.json()
    assert (made["status"], made["elsewhere"], made["signed_on"]) == ("signed", True, "2026-03-02")
    assert two.provider.get(f"/v1/contracts/{made['id']}").json()["content"]["terms"]["kind"] == "ordinary"
    assert by_a_side.status_code == 403
    assert [one["code"] for one in alone.json()["errors"]] == ["same_organization"]
    assert [one["code"] for one in later.json()["errors"]] == ["in_the_future"]
    assert nobody.status_code == 404


def test_clauses_titles_and_signers_are_sealed_in_the_database(session: Session, two: Parties) -> None:
    made = draft(session, two, title="绝密配方合作", payment="秘密付款条件")
    two.seeker.post(
        f"/v1/contracts/{made['id']}/sign", json={"version": 1, "hash": made["hash"], "signer": "欧阳某"}
    )

    lying = "".join(
        session.execute(text(f"SELECT string_agg(t::text, '') FROM {name} AS t")).scalar_one()
        for name in ("contract", "contract_version", "contract_signature", "audit_entry", "notice")
    )

    assert not [word for word in ("绝密配方", "秘密付款", "欧阳某") if word in lying]


def test_each_step_is_in_the_audit_and_told_to_the_others(session: Session, two: Parties) -> None:
    made = draft(session, two)
    register(two, made)

    noted = two.seeker.get("/v1/audit", params={"subject_id": made["id"]}).json()["items"]
    told = session.exec(select(Notice).where(Notice.organization_id == two.seller.id)).all()

    assert [one["action"].removeprefix("contract.") for one in noted][::-1] == [
        "draft",
        "sign",
        "sign",
        "submit",
        "register",
    ]
    assert {"contract.drafted", "contract.signed", "contract.registered"} <= {one.kind.value for one in told}


def test_the_seller_of_another_contract_may_not_hand_it_in(
    session: Session, two: Parties, client_for: ClientFor
) -> None:
    made = draft(session, two)
    sign(two, made)

    by_buyer = two.seeker.post(f"/v1/contracts/{made['id']}/submit", json={})
    by_stranger = client_for(make_organization(session)).post(f"/v1/contracts/{made['id']}/submit", json={})

    assert (by_buyer.status_code, by_stranger.status_code) == (403, 404)
