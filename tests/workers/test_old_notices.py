"""Notices that are old go, with what was sent of them; what must not be told twice stays."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import Session, select

from schemas.base import now
from schemas.mail import Frequency, Mail, MailAddress, MailItem, MailLanguage, MailPurpose, MailState
from schemas.need import Need
from schemas.notice import Notice, NoticeKind
from schemas.vocabulary import PostingStatus, Role
from schemas.webhook import DeliveryState, Webhook, WebhookDelivery
from service.notices.feed import notify
from tests.make import make_need, make_organization
from tests.workers.upkeep_round import one_round


def aged(session: Session, days: int, **values: Any) -> None:
    for table in (Notice, Mail):
        session.execute(update(table).values(created_at=now() - timedelta(days=days)))
    session.commit()


@pytest.mark.parametrize(("days", "left"), [(729, [1, 1, 1, 1]), (731, [0, 0, 0, 0])])
def test_a_notice_goes_after_its_time_with_its_delivery_and_its_mail(
    session: Session, days: int, left: list[int]
) -> None:
    owner = make_organization(session)
    notify(session, NoticeKind.contract_signed, owner.id, [owner.id])
    notice = session.exec(select(Notice)).one()
    webhook = Webhook(organization_id=owner.id, role=Role.member, url="https://example.cn", secret="whsec_")
    address = MailAddress(
        organization_id=owner.id,
        role=Role.member,
        address="a@example.cn",
        language=MailLanguage.chinese,
        frequency=Frequency.at_once,
        asked_at=now(),
        confirmed_at=now(),
    )
    session.add_all([webhook, address])
    session.flush()
    mail = Mail(mail_address_id=address.id, purpose=MailPurpose.notices, state=MailState.sent)
    session.add(mail)
    session.flush()
    session.add(
        WebhookDelivery(
            webhook_id=webhook.id,
            notice_id=notice.id,
            event="1",
            state=DeliveryState.delivered,
            due_at=now(),
            asked_at=now(),
        )
    )
    session.add(
        MailItem(mail_address_id=address.id, notice_id=notice.id, event="1", due_at=now(), mail_id=mail.id)
    )
    session.commit()
    aged(session, days)

    one_round(session)

    tables = (Notice, WebhookDelivery, MailItem, Mail)
    assert [len(session.exec(select(table)).all()) for table in tables] == left


def test_a_match_is_not_told_again_while_its_posting_is_published(session: Session) -> None:
    need = make_need(session, make_organization(session))
    told = make_organization(session)
    notify(session, NoticeKind.match_found, need.id, [told.id], once=f"match:{need.id}")
    session.commit()
    aged(session, 731)
    one_round(session)
    kept = len(session.exec(select(Notice)).all())
    session.execute(update(Need).values(status=PostingStatus.closed))

    one_round(session)

    assert kept == 1
    assert session.exec(select(Notice)).all() == []


def test_a_mail_that_waits_is_not_taken_away(session: Session) -> None:
    owner = make_organization(session)
    address = MailAddress(
        organization_id=owner.id,
        role=Role.member,
        address="a@example.cn",
        language=MailLanguage.chinese,
        frequency=Frequency.at_once,
        asked_at=now(),
    )
    session.add(address)
    session.flush()
    session.add(Mail(mail_address_id=address.id, purpose=MailPurpose.confirm))
    session.commit()
    aged(session, 731)

    one_round(session)

    assert len(session.exec(select(Mail)).all()) == 1
