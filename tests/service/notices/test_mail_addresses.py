"""Addresses: nothing before a link was followed, nothing after one was."""

from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlmodel import Session

from schemas.account import Organization
from service.notices.mail_addresses import link_to
from tests.conftest import ClientFor
from tests.mail_server import Mailbox, text_of
from tests.mailing_steps import EMAIL, SITE, confirmed, follow, happen, link_in, register
from tests.make import make_organization
from tests.telling import tell


@pytest.fixture
def client(owner: Organization, client_for: ClientFor) -> TestClient:
    return client_for(owner)


def test_before_its_link_is_followed_an_address_gets_that_link_and_nothing_else(
    session: Session, owner: Organization, client: TestClient, mailbox: Mailbox
) -> None:
    register(client)
    happen(session, owner)
    tell(session)
    [asking] = mailbox.messages
    seen = client.get(link_in(text_of(asking), "confirm").removeprefix(SITE))
    happen(session, owner)
    tell(session)
    before = len(mailbox.messages)

    answered = follow(client, link_in(text_of(asking), "confirm"))
    happen(session, owner)
    tell(session)

    assert asking["subject"] == "请确认接收通知的邮箱"
    assert asking["to"] == EMAIL
    assert (seen.status_code, before, answered) == (200, 1, 200)
    [_, notice] = mailbox.messages
    assert notice["subject"] == "收到对接申请"
    assert asking["list-unsubscribe"] is None


def test_one_click_ends_all_mails_without_signing_in(
    session: Session, owner: Organization, client: TestClient, mailbox: Mailbox
) -> None:
    confirmed(session, client)
    happen(session, owner)
    tell(session)
    notice = mailbox.messages[-1]
    link = notice["list-unsubscribe"].strip("<>")

    seen = client.get(link.removeprefix(SITE), headers={"Authorization": ""})
    happen(session, owner)
    tell(session)
    still = len(mailbox.messages)
    ended = follow(client, link, **{"List-Unsubscribe": "One-Click"})
    happen(session, owner)
    tell(session)

    assert notice["list-unsubscribe-post"] == "List-Unsubscribe=One-Click"
    assert link in text_of(notice)
    assert (seen.status_code, ended) == (200, 200)
    assert still == len(mailbox.messages) == 3
    assert client.get("/v1/mail-addresses").json()[0]["unsubscribed"] is True


def test_a_link_that_was_not_signed_here_or_is_for_something_else_opens_nothing(
    session: Session, client: TestClient, mailbox: Mailbox
) -> None:
    made = register(client)
    confirm = link_to("confirm", UUID(made["id"])).removeprefix(SITE)

    answers = [
        client.post(path).status_code
        for path in (
            confirm.replace("/confirm/", "/unsubscribe/"),
            f"/mail/confirm/confirm:{made['id']}",
            confirm[:-4],
            "/mail/confirm/gAAAAABnonsense",
        )
    ]

    assert answers == [404, 404, 404, 404]
    assert client.get("/v1/mail-addresses").json()[0]["confirmed"] is False


def test_an_address_given_again_and_again_is_asked_once(
    session: Session, client: TestClient, mailbox: Mailbox
) -> None:
    for _ in range(3):
        register(client, email="Keji@Example.cn")
        tell(session)

    assert len(mailbox.messages) == 1
    assert len(client.get("/v1/mail-addresses").json()) == 1


def test_where_no_mail_server_is_set_no_address_is_taken(client: TestClient) -> None:
    answer = client.post("/v1/mail-addresses", json={"email": EMAIL})

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["code"] == "mail_not_set_up"


def test_an_address_is_sealed_and_its_owners_alone_see_it_and_take_it_away(
    session: Session, owner: Organization, client: TestClient, client_for: ClientFor, mailbox: Mailbox
) -> None:
    made = register(client)
    colleague, stranger = client_for(owner), client_for(make_organization(session))

    kept = session.connection().exec_driver_sql("SELECT address FROM mail_address").scalar_one()
    session.rollback()
    refused = [one.delete(f"/v1/mail-addresses/{made['id']}").status_code for one in (colleague, stranger)]
    removed = client.delete(f"/v1/mail-addresses/{made['id']}").status_code
    tell(session)

    assert EMAIL not in kept
    assert kept.startswith("gAAAA")
    assert refused == [404, 404]
    assert removed == 204
    assert mailbox.messages == []
    assert colleague.get("/v1/mail-addresses").json() == []


def test_addresses_are_taken_up_to_a_number(client: TestClient, mailbox: Mailbox) -> None:
    for number in range(20):
        register(client, email=f"{number}@example.cn")

    answer = client.post("/v1/mail-addresses", json={"email": "zuviel@example.cn"})

    assert answer.status_code == 409
