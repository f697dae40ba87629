"""Steps that tests of webhooks share."""

from typing import Any
from uuid import UUID, uuid4

from fastapi.testclient import TestClient
from sqlmodel import Session, select

from schemas.account import Organization
from schemas.base import now
from schemas.notice import NoticeKind
from schemas.webhook import DeliveryState, WebhookDelivery
from service.notices.feed import notify
from tests.receiver import Receiver
from tests.telling import make_due, tell


def hook(client: TestClient, there: Receiver, **more: Any) -> dict[str, Any]:
    answer = client.post("/v1/webhooks", json={"url": there.url, **more})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def happen(
    session: Session, owner: Organization, kind: NoticeKind = NoticeKind.introduction_requested
) -> UUID:
    subject = uuid4()
    notify(session, kind, subject, [owner.id], status="proposed")
    session.commit()
    return subject


def try_again(session: Session) -> None:
    """As if the pause were over."""
    for delivery in session.exec(
        select(WebhookDelivery).where(WebhookDelivery.state == DeliveryState.pending)
    ):
        delivery.due_at = now()
    make_due(session)
    tell(session)


def deliveries(client: TestClient, made: dict[str, Any], **asked: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get(f"/v1/webhooks/{made['id']}/deliveries", params=asked).json()[
        "items"
    ]
    return found
