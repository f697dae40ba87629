"""Mails to a real server: what is in them, when they go out, and nothing lost or doubled."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from fastapi.testclient import TestClient
from sqlmodel import Session, select

from schemas.account import Organization
from schemas.base import now
from schemas.mail import Frequency, Mail, MailItem, MailPurpose, MailState
from schemas.notice import NoticeKind
from schemas.outbox import OutboxMessage, Topic
from service.notices.feed import notify
from service.notices.mail_addresses import link_to
from service.platform import db
from tests.conftest import ClientFor
from tests.mail_server import Mailbox, text_of
from tests.mailing_steps import EMAIL, SITE, confirmed, follow, happen, link_in
from tests.make import make_need
from tests.telling import make_due, tell
from workers import mailing
from workers.notices import due
from workers.owed import try_lock_subject


@pytest.fixture
def client(owner: Organization, client_for: ClientFor) -> TestClient:
    return client_for(owner)


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


def test_a_mail_that_waits_is_not_sent_once_its_reader_has_unsubscribed(
    session: Session, owner: Organization, client: TestClient, mailbox: Mailbox
) -> None:
    address = confirmed(session, client)
    mailbox.messages.clear()
    mailbox.refusals = ["451 later"]
    happen(session, owner)
    tell(session)

    follow(client, link_to("unsubscribe", address.id))
    make_due(session)
    tell(session)

    assert mailbox.messages == []
    assert session.exec(select(OutboxMessage)).all() == []


def test_of_two_who_send_one_mail_the_second_sends_nothing(
    session: Session, owner: Organization, client: TestClient, mailbox: Mailbox
) -> None:
    confirmed(session, client)
    mailbox.messages.clear()
    happen(session, owner)
    tell(session)
    mail = session.exec(select(Mail).where(Mail.purpose == MailPurpose.notices)).one()
    session.add(left := OutboxMessage(topic=Topic.mail_made, subject_id=mail.id))
    session.commit()

    mailing.send_mail(str(left.id))

    assert len(mailbox.messages) == 1
    assert session.exec(select(OutboxMessage)).all() == []


def test_a_match_that_is_closed_before_the_mail_goes_out_is_not_told(
    session: Session, owner: Organization, client: TestClient, mailbox: Mailbox
) -> None:
    confirmed(session, client, kinds=["match.found"])
    mailbox.messages.clear()
    for status in ("closed", "published"):
        need = make_need(session, title=f"已{status}")
        need.status = status  # type: ignore[assignment]
        notify(
            session, NoticeKind.match_found, need.id, [owner.id], side="needs", score=0.8, subscriptions=[]
        )
        session.commit()
    tell(session)

    assert ["已published" in one["subject"] for one in mailbox.messages] == [True]


def test_a_mail_that_somebody_is_handing_over_is_left_to_them(
    session: Session, owner: Organization, client: TestClient, mailbox: Mailbox
) -> None:
    address = confirmed(session, client)
    mailbox.messages.clear()
    session.add(mail := Mail(mail_address_id=address.id, purpose=MailPurpose.confirm))
    session.flush()
    session.add(message := OutboxMessage(topic=Topic.mail_made, subject_id=mail.id))
    session.commit()

    with db.transaction() as other:
        assert try_lock_subject(other, mail.id)
        mailing.send_mail(str(message.id))

    assert mailbox.messages == []
    session.expire_all()
    assert session.get_one(OutboxMessage, message.id).due_at > now()
