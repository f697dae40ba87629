"""/v1/subscriptions"""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from schemas.base import Page
from schemas.subscription import SubscriptionCreate, SubscriptionShown
from service.access.idempotency import personal
from service.http.dependencies import PrincipalDep, SessionDep
from service.http.once import IdempotencyKey, once
from service.matches import saved_searches as subscriptions
from service.platform.paging import ListQuery

router = APIRouter(prefix="/v1/subscriptions", tags=["notifications"])


@router.post("", status_code=201, response_model=SubscriptionShown)
def post_subscription(
    request: Request,
    session: SessionDep,
    caller: PrincipalDep,
    body: SubscriptionCreate,
    key: IdempotencyKey = None,
) -> Response:
    """Be told when something is published that fits a text, or an own posting, well enough."""

    def make() -> SubscriptionShown:
        made = subscriptions.subscribe(session, caller, body)
        return subscriptions.shown_all(session, [made])[0]

    return once(session, caller, key, request, personal(caller, body), make)


@router.get("")
def get_subscriptions(
    session: SessionDep, caller: PrincipalDep, asked: Annotated[ListQuery, Query()]
) -> Page[SubscriptionShown]:
    """The caller's own, and those of all of the organisation, newest first."""
    return subscriptions.list_subscriptions(session, caller, asked)


@router.delete("/{subscription_id}", status_code=204)
def delete_subscription(session: SessionDep, caller: PrincipalDep, subscription_id: UUID) -> None:
    """End a subscription. What was told stays in the feed."""
    subscriptions.unsubscribe(session, caller, subscription_id)
