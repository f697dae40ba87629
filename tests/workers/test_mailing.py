"""Mails to a real server: nothing before a link was followed, nothing after one was, and nothing doubled."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from sqlmodel import Session, select

from schemas.account import Organization
from schemas.mail import Frequency, Mail, MailAddress, MailItem, MailState
from schemas.notice import NoticeKind
from schemas.outbox import OutboxMessage
from service.mail_addresses import link_to
from service.notices import notify
from tests.conftest import ClientFor
from tests.mail_server import Mailbox, mail_server, text_of
from tests.make import make_need, make_organization
from tests.telling import make_due, set_to, tell
from workers import mailing
from workers.notices import due

EMAIL = "keji@example.cn"
SITE = "https://dj.example.cn"


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with (
        mail_server() as made,
        set_to(
            smtp_host="127.0.0.1",
            smtp_port=made.port,
            smtp_tls="none",
            public_url=SITE,
            mail_from="tz@example.cn",
        ),
    ):
        yield made


@pytest.fixture
def client(owner: Organization, client_for: ClientFor) -> TestClient:
    return client_for(owner)


def register(client: TestClient, **fields: Any) -> dict[str, Any]:
    answer = client.post("/v1/mail-addresses", json={"email": EMAIL, **fields})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def confirmed(session: Session, client: TestClient, **fields: Any) -> MailAddress:
    made = register(client, **fields)
    tell(session)
    address = session.get_one(MailAddress, UUID(made["id"]))
    follow(client, link_to("confirm", address.id))
    session.expire_all()
    return address


def follow(client: TestClient, link: str, **data: str) -> int:
    return client.post(link.removeprefix(SITE), data=data, headers={"Authorization": ""}).status_code


def happen(
    session: Session, owner: Organization, kind: NoticeKind = NoticeKind.introduction_requested
) -> UUID:
    subject = uuid4()
    notify(session, kind, subject, [owner.id])
    session.commit()
    return subject


def link_in(text: str, action: str) -> str:
    return next(word for word in text.split() if f"/mail/{action}/" in word)


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


def test_notices_are_mailed_to_those_whom_they_concern_and_of_the_wished_kinds(
    session: Session, owner: Organization, client: TestClient, client_for: ClientFor, mailbox: Mailbox
) -> None:
    confirmed(session, client, kinds=["introduction.accepted"])
    confirmed(session, client_for(), email="fremd@example.cn")
    mailbox.messages.clear()
    happen(session, owner)
    happen(session, owner, NoticeKind.introduction_accepted)
    tell(session)

    assert [(one["to"], one["subject"]) for one in mailbox.messages] == [(EMAIL, "对方同意对接")]


def test_a_digest_is_one_mail_at_its_hour(
    session: Session, owner: Organization, client: TestClient, mailbox: Mailbox
) -> None:
    confirmed(session, client, frequency="daily")
    mailbox.messages.clear()
    for _ in range(3):
        happen(session, owner)
    tell(session)
    before = list(mailbox.messages)
    for item in session.exec(select(MailItem)):
        item.due_at -= timedelta(days=1)
    make_due(session)
    tell(session)

    [digest] = mailbox.messages
    assert before == []
    assert digest["subject"] == "您有 3 条新通知"
    assert text_of(digest).count("收到对接申请") == 3


@pytest.mark.parametrize(
    ("frequency", "then"),
    [
        (Frequency.at_once, datetime(2026, 11, 24, 1, 59, tzinfo=UTC)),
        (Frequency.daily, datetime(2026, 11, 24, 2, tzinfo=UTC)),
        (Frequency.weekly, datetime(2026, 11, 30, 2, tzinfo=UTC)),
    ],
)
def test_digests_go_out_at_ten_by_beijing_and_weekly_ones_on_monday(
    frequency: Frequency, then: datetime
) -> None:
    assert due(frequency, datetime(2026, 11, 24, 1, 59, tzinfo=UTC)) == then
    assert due(Frequency.daily, datetime(2026, 11, 24, 2, tzinfo=UTC)) == datetime(
        2026, 11, 25, 2, tzinfo=UTC
    )


@pytest.mark.model
@pytest.mark.parametrize("language", ["zh", "ug", "ru", "en"])
def test_a_match_is_told_by_title_and_link_in_the_readers_language_and_no_title_does_harm(
    session: Session,
    client: TestClient,
    mailbox: Mailbox,
    do_work: Callable[[], None],
    language: str,
) -> None:
    title = "棉田残膜回收<script>alert(1)</script>"
    body = {
        "text": "棉田残膜回收",
        "looking_for": "needs",
        "min_score": 0.1,
        "channels": ["email"],
        "email": EMAIL,
        "language": language,
    }
    made = client.post("/v1/subscriptions", json=body).json()
    tell(session)
    follow(client, link_in(text_of(mailbox.messages.pop()), "confirm"))
    need = make_need(
        session,
        title=title,
        description="请致电13800138000",
        contacts=[{"name": "王工", "email": "wang@example.cn"}],
    )
    session.get_one(type(need), need.id).title = f"{title}\r\nBcc: opfer@example.cn"
    do_work()
    tell(session)

    [mail] = mailbox.messages
    html, text = text_of(mail, "html"), text_of(mail)
    assert made["email_confirmed"] is False
    assert (mail["to"], mail["bcc"], mail["cc"]) == (EMAIL, None, None)
    assert "Bcc: opfer@example.cn" in mail["subject"]
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert f"{SITE}/needs/{need.id}" in html
    assert f"{SITE}/needs/{need.id}" in text
    for private in ("13800138000", "王工", "wang@example.cn"):
        assert private not in html + text
    assert ('dir="rtl"' in html) == (language == "ug")
    assert f'lang="{"zh-CN" if language == "zh" else language}"' in html


@pytest.mark.model
def test_two_subscriptions_with_one_address_make_one_mail(
    session: Session, client: TestClient, mailbox: Mailbox, do_work: Callable[[], None]
) -> None:
    for text in ("棉田残膜回收", "残膜回收机械"):
        body = {"text": text, "looking_for": "needs", "min_score": 0.1, "channels": ["email"], "email": EMAIL}
        client.post("/v1/subscriptions", json=body)
    tell(session)
    follow(client, link_in(text_of(mailbox.messages.pop()), "confirm"))
    make_need(session, title="棉田残膜回收机械")
    do_work()
    tell(session)

    assert [one["subject"] for one in mailbox.messages] == ["发现新的匹配: 棉田残膜回收机械"]


def test_a_server_that_refuses_for_now_is_asked_again_and_gets_the_same_mail(
    session: Session, owner: Organization, client: TestClient, mailbox: Mailbox
) -> None:
    confirmed(session, client)
    mailbox.messages.clear()
    mailbox.refusals = ["451 later", "451 later"]
    happen(session, owner)
    tell(session)
    waiting = session.exec(select(Mail).where(Mail.state == MailState.waiting)).one()
    error = waiting.error
    make_due(session)
    tell(session)
    make_due(session)
    tell(session)

    [mail] = mailbox.messages
    assert error == "SMTPRecipientsRefused 451"
    assert mail["message-id"] == f"<{waiting.id.hex}@dj.example.cn>"
    assert session.exec(select(OutboxMessage)).all() == []


def test_an_address_that_is_refused_for_good_is_not_tried_again(
    session: Session, owner: Organization, client: TestClient, mailbox: Mailbox
) -> None:
    confirmed(session, client)
    mailbox.refusals = ["550 no such user"]
    happen(session, owner)
    tell(session)

    [failed] = session.exec(select(Mail).where(Mail.state == MailState.failed)).all()
    assert failed.error == "SMTPRecipientsRefused 550"
    assert EMAIL not in failed.error


def test_a_worker_that_dies_after_handing_it_over_sends_the_same_message_id_again(
    session: Session,
    owner: Organization,
    client: TestClient,
    mailbox: Mailbox,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    confirmed(session, client)
    mailbox.messages.clear()
    happen(session, owner)

    class Killed(BaseException):
        pass

    def die(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(mailing, "_settle", die)
        with pytest.raises(Killed):
            tell(session)
    happen(session, owner)
    tell(session)

    first, again, other = sorted(mailbox.messages, key=lambda one: str(one["message-id"]))
    assert first["message-id"] == again["message-id"] != other["message-id"]


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
