"""Steps that tests of mails share."""

from typing import Any
from uuid import UUID, uuid4

from fastapi.testclient import TestClient
from sqlmodel import Session

from schemas.account import Organization
from schemas.mail import MailAddress
from schemas.notice import NoticeKind
from service.notices.feed import notify
from service.notices.mail_addresses import link_to
from tests.telling import tell

EMAIL = "keji@example.cn"
SITE = "https://dj.example.cn"


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
