"""A person in dialogues, contracts, bids and addresses: what is erased, what stays and why, and what nobody opens."""

from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlmodel import Session, col, select

from schemas.base import LONGEST_PASSAGE
from schemas.bid import Bid
from schemas.introduction_message import IntroductionMessage
from schemas.introduction_nda import IntroductionNda
from schemas.mail import MailAddress
from schemas.reading import ERASED as MASK
from schemas.subscription import Subscription
from schemas.vocabulary import Role
from service.challenges.bids import receipt_of
from tests.conftest import ClientFor
from tests.mailing_steps import register
from tests.service.contracting import do, draft, parties, sign
from tests.service.tenders import Tender, bid_body
from tests.service.two_sides import TwoSides, two
from tests.telling import set_to

__all__ = ["two"]

NAME, EMAIL = "阿依古丽", "ayi@bid.example"
PERSON = {"name": NAME}


def erased(client: TestClient, **person: str) -> tuple[dict[str, int], dict[str, int | None]]:
    """How many rows by place; and what stays, by reason."""
    answer = client.post("/v1/personal-data/erase", json=person or PERSON)
    assert answer.status_code == 200, answer.text
    done = answer.json()
    return (
        {one["where"]: one["rows"] for one in done["erased"]},
        {one["why"]["key"]: one["rows"] for one in done["stays"]},
    )


def exported(client: TestClient, **person: str) -> set[str]:
    answer = client.post("/v1/personal-data/export", json=person or PERSON)
    return {one["where"] for one in answer.json()["found"]}


def fresh(session: Session, table: type[Any]) -> Any:
    session.rollback()
    session.expire_all()
    return session.exec(select(table)).one()


@pytest.fixture
def operator(client_for: ClientFor) -> TestClient:
    return client_for(role=Role.operator)


def test_what_the_two_wrote_is_erased_and_what_a_side_has_signed_stays(two: TwoSides) -> None:
    place = two.accepted()
    two.seeker.post(f"{place}/messages", json={"text": f"请找{NAME}"})
    two.seeker.post(f"{place}/milestones", json={"title": f"{NAME}来看样机"})
    two.seeker.post(f"{place}/nda", json={"text": f"{NAME}代表甲方。"})

    unsigned, _ = erased(two.seeker)
    asked = two.seeker.post(f"{place}/nda", json={"text": f"{NAME}代表甲方。"}).json()
    signed = two.provider.post(f"{place}/nda/sign", json={"name": NAME, "text_hash": asked["text_hash"]})
    nothing, stays = erased(two.operator)

    assert unsigned == {
        "introduction_message.text": 1,
        "introduction_milestone.title": 1,
        "introduction_nda.text": 1,
    }
    assert signed.status_code == 200, signed.text
    assert (nothing, stays["nda"]) == ({}, 2)
    two.session.expire_all()
    assert two.session.exec(select(IntroductionMessage.text)).one() == f"请找{MASK}"
    signers = select(IntroductionNda.provider_signer).order_by(col(IntroductionNda.id))
    assert two.session.exec(signers).all() == [None, NAME]


def test_an_address_is_found_though_chinese_words_touch_it(two: TwoSides) -> None:
    place = two.accepted()
    two.seeker.post(f"{place}/messages", json={"text": f"请联系{EMAIL}谢谢"})

    gone, _ = erased(two.seeker, email=EMAIL)

    assert gone == {"introduction_message.text": 1}
    assert EMAIL not in two.provider.get(f"{place}/messages").text


def test_a_contract_stays_whole_unless_it_was_given_up_unsigned(
    session: Session, client_for: ClientFor, operator: TestClient
) -> None:
    people = parties(session, client_for)
    signed, given_up = (draft(session, people, title=f"{NAME}团队技术开发") for _ in range(2))
    sign(people, signed)
    before = people.seeker.get(f"/v1/contracts/{signed['id']}").json()

    while_open, stays = erased(operator)
    do(people.seeker, given_up, "cancel", ground="void")
    after, _ = erased(operator)

    assert (while_open, stays["contract"]) == ({}, 2)
    assert after == {"contract_version.content": 1}
    assert people.seeker.get(f"/v1/contracts/{signed['id']}").json() == before
    assert people.seeker.get(f"/v1/contracts/{given_up['id']}").json()["title"] == f"{MASK}团队技术开发"


def test_a_sealed_bid_is_neither_opened_nor_counted_nor_changed(
    session: Session, client_for: ClientFor, operator: TestClient
) -> None:
    tender = Tender(session, client_for).opened()
    body = bid_body(team=[{"name": NAME}])
    answer = tender.bidder.post(f"{tender.place}/bids", json=body, headers={"Idempotency-Key": "1"})

    found, (gone, stays) = exported(operator), erased(operator)
    own = exported(tender.bidder)
    _, own_stays = erased(tender.bidder)

    assert answer.status_code == 201
    assert (found, gone, stays["sealed_bid"]) == (set(), {}, None)
    assert (own, own_stays["sealed_bid"]) == ({"bid.content", "answered_request.answer"}, 1)
    kept = fresh(session, Bid)
    assert kept.content.team[0].name == NAME
    assert receipt_of(kept.nonce, kept.content) == kept.receipt


def test_once_it_is_opened_a_person_is_erased_from_a_bid_and_from_the_copy_of_its_answer(
    session: Session, client_for: ClientFor, operator: TestClient
) -> None:
    tender = Tender(session, client_for).opened()
    body = bid_body(proposal=f"由{NAME}".ljust(LONGEST_PASSAGE, "膜"), team=[{"name": NAME}])
    tender.bidder.post(f"{tender.place}/bids", json=body, headers={"Idempotency-Key": "1"})
    tender.evaluating()

    gone, stays = erased(operator)

    kept = fresh(session, Bid).content
    assert gone == {"bid.content": 1, "answered_request.answer": 1}
    assert stays["sealed_bid"] is None
    # With no room for more, the mask is no longer than the name.
    assert (kept.proposal[:3], len(kept.proposal) <= LONGEST_PASSAGE) == ("由＊＊", True)
    assert exported(operator) == set()


def test_an_address_is_deleted_and_what_was_subscribed_goes_on_without_it(
    session: Session, client_for: ClientFor, operator: TestClient
) -> None:
    client = client_for()
    with set_to(smtp_host="127.0.0.1"):
        register(client, email=EMAIL)
        made = client.post(
            "/v1/subscriptions",
            json={
                "name": f"{NAME}要的技术",
                "text": "残膜回收",
                "looking_for": "needs",
                "channels": ["email", "feed"],
                "email": EMAIL,
            },
        )
    client.post("/v1/webhooks", json={"url": f"https://hooks.example.cn/{EMAIL}"})

    gone, stays = erased(operator, email=EMAIL, name=NAME)

    assert made.status_code == 201, made.text
    assert gone == {"mail_address.address": 1, "subscription.name": 1}
    assert stays["configured"] == 1
    assert session.exec(select(MailAddress)).all() == []
    kept = fresh(session, Subscription)
    assert (kept.mail_address_id, kept.name) == (None, f"{MASK}要的技术")
