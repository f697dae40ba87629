"""/v1/webhooks"""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from schemas.base import Page
from schemas.webhook import (
    Redeliver,
    Redelivered,
    WebhookCreate,
    WebhookDeliveryShown,
    WebhookIssued,
    WebhookShown,
)
from service.http.dependencies import PrincipalDep, SessionDep
from service.http.once import IdempotencyKey, once
from service.notices import webhooks

router = APIRouter(prefix="/v1/webhooks", tags=["webhooks"])


@router.post("", status_code=201, response_model=WebhookIssued)
def post_webhook(
    request: Request,
    session: SessionDep,
    caller: PrincipalDep,
    body: WebhookCreate,
    key: IdempotencyKey = None,
) -> Response:
    """Have the organisation's events sent to an address, signed (Standard Webhooks). The secret is told once."""
    return once(
        session,
        caller,
        key,
        request,
        body,
        lambda: webhooks.make_webhook(session, caller, body),
        secret="secret",  # noqa: S106 -- the name of a field
    )


@router.get("")
def get_webhooks(session: SessionDep, caller: PrincipalDep) -> list[WebhookShown]:
    """The organisation's webhooks, newest first."""
    return webhooks.list_webhooks(session, caller)


@router.delete("/{webhook_id}", status_code=204)
def delete_webhook(session: SessionDep, caller: PrincipalDep, webhook_id: UUID) -> None:
    """Take a webhook away, with the list of its deliveries."""
    webhooks.remove_webhook(session, caller, webhook_id)


@router.post("/{webhook_id}/rotate")
def rotate_webhook(session: SessionDep, caller: PrincipalDep, webhook_id: UUID) -> WebhookIssued:
    """Give it a new secret. For a day both the old and the new one sign."""
    return webhooks.rotate_secret(session, caller, webhook_id)


@router.post("/{webhook_id}/enable")
def enable_webhook(session: SessionDep, caller: PrincipalDep, webhook_id: UUID) -> WebhookShown:
    """Send to it again. What was given up meanwhile goes out by `redeliver`."""
    return webhooks.switch(session, caller, webhook_id, on=True)


@router.post("/{webhook_id}/disable")
def disable_webhook(session: SessionDep, caller: PrincipalDep, webhook_id: UUID) -> WebhookShown:
    """Send nothing to it for the time being. Events go to the list of what was given up."""
    return webhooks.switch(session, caller, webhook_id, on=False)


@router.get("/{webhook_id}/deliveries")
def get_deliveries(
    session: SessionDep,
    caller: PrincipalDep,
    webhook_id: UUID,
    asked: Annotated[webhooks.DeliveryQuery, Query()],
) -> Page[WebhookDeliveryShown]:
    """What was sent, newest first. `state=dead` is the list of what was given up."""
    return webhooks.list_deliveries(session, caller, webhook_id, asked)


@router.post("/{webhook_id}/redeliver")
def redeliver(
    session: SessionDep, caller: PrincipalDep, webhook_id: UUID, body: Redeliver | None = None
) -> Redelivered:
    """Send again what was given up, or what is named, or all since a time; the ids of the events stay the same."""
    return Redelivered(redelivered=webhooks.redeliver(session, caller, webhook_id, body or Redeliver()))


@router.post("/{webhook_id}/deliveries/{delivery_id}/redeliver")
def redeliver_one(
    session: SessionDep, caller: PrincipalDep, webhook_id: UUID, delivery_id: UUID
) -> Redelivered:
    """Send one event again."""
    asked = Redeliver(delivery_ids=[delivery_id])
    return Redelivered(redelivered=webhooks.redeliver(session, caller, webhook_id, asked))
