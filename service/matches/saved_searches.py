"""Saved searches and standing matches: asked for, listed, taken back."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_
from sqlalchemy import select as sql_select
from sqlmodel import Session, col, select

from schemas.account import ApiKey
from schemas.base import Page
from schemas.mail import MailAddress
from schemas.reading import mask_contacts
from schemas.subscription import (
    Channel,
    StandingFilters,
    Subscription,
    SubscriptionCreate,
    SubscriptionShown,
)
from schemas.vocabulary import Side
from schemas.wording import Wording
from service.access import audit
from service.access.principal import Permission, Principal
from service.matches.scoring import scoring
from service.notices.mail_addresses import address_for
from service.platform.paging import ListQuery, page
from service.platform.problems import Conflict, NotThere, Unfit
from service.postings.access import TABLES

_MOST = 200


def subscribe(session: Session, caller: Principal, body: SubscriptionCreate) -> Subscription:
    """Tell the caller, or all of the organisation, when something appears that fits."""
    caller.require(Permission.subscribe)
    caller.require(Permission.match)
    there = session.exec(
        select(func.count()).where(col(Subscription.organization_id) == caller.organization_id)
    ).one()
    if there >= _MOST:
        raise Conflict(Wording("每个单位最多 {most} 项订阅", "At most {most} subscriptions", {"most": _MOST}))
    # The key of a sign-in through a provider ends with it, and stands for nobody who will be there tomorrow.
    whole = body.whole_organization or session.get_one(ApiKey, caller.key_id).for_sign_in
    made = Subscription(
        organization_id=caller.organization_id,
        api_key_id=caller.key_id,
        whole_organization=whole,
        name=mask_contacts(body.name)[0][:200],
        looking_for=_side(session, caller, body),
        text=mask_contacts(body.text)[0] if body.text is not None else None,
        posting_id=body.posting_id,
        min_score=body.min_score,
        filters=StandingFilters(**body.model_dump(include=set(StandingFilters.model_fields))),
        frequency=body.frequency,
        channels=list(dict.fromkeys([Channel.feed, *body.channels])),
    )
    if body.email is not None:
        address = address_for(session, caller, body.email, body.language, whole_organization=whole)
        made.mail_address_id = address.id
    session.add(made)
    session.flush()
    audit.note(session, caller, "subscription.make", made.id)
    return made


def list_subscriptions(session: Session, caller: Principal, asked: ListQuery) -> Page[SubscriptionShown]:
    """The caller's own, and those of all of the organisation, newest first."""
    caller.require(Permission.subscribe)
    query: Select[Any] = sql_select(Subscription).where(_own(caller))
    rows, cursor = page(session, query, Subscription.id, asked)
    return Page(items=shown_all(session, (row[0] for row in rows)), next_cursor=cursor)


def unsubscribe(session: Session, caller: Principal, subscription_id: UUID) -> None:
    caller.require(Permission.subscribe)
    found = session.exec(
        select(Subscription).where(Subscription.id == subscription_id, _own(caller)).with_for_update()
    ).first()
    if found is None:
        raise NotThere
    audit.note(session, caller, "subscription.remove", found.id)
    session.delete(found)


def shown_all(session: Session, subscriptions: Iterable[Subscription]) -> list[SubscriptionShown]:
    found = list(subscriptions)
    ids = {one.mail_address_id for one in found}
    addresses = {one.id: one for one in session.exec(select(MailAddress).where(col(MailAddress.id).in_(ids)))}
    shown = []
    for one in found:
        address = addresses.get(one.mail_address_id) if one.mail_address_id else None
        fields = one.model_dump(include=set(SubscriptionShown.model_fields) - {"min_score"})
        shown.append(
            SubscriptionShown(
                **fields,
                min_score=least_score(one),
                email=address.address if address else None,
                email_confirmed=address.open if address else None,
            )
        )
    return shown


def least_score(subscription: Subscription) -> float:
    return scoring().good_from if subscription.min_score is None else subscription.min_score


def _side(session: Session, caller: Principal, body: SubscriptionCreate) -> Side:
    """Which side is looked for. Raises ``NotThere`` for a posting that is not the caller's organisation's."""
    if body.posting_id is None:
        assert body.looking_for is not None
        return body.looking_for
    for side, table in TABLES.items():
        mine = session.exec(
            select(table.id).where(
                col(table.id) == body.posting_id,
                col(table.organization_id) == caller.organization_id,
                col(table.deleted_at).is_(None),
            )
        ).first()
        if mine is not None:
            if body.looking_for not in (None, side.other):
                raise Unfit(
                    "/looking_for",
                    "same_side",
                    Wording("需求只能匹配供给，供给只能匹配需求", "A posting looks for the other side"),
                )
            return side.other
    raise NotThere


def _own(caller: Principal) -> ColumnElement[bool]:
    return and_(
        col(Subscription.organization_id) == caller.organization_id,
        or_(
            col(Subscription.api_key_id) == caller.key_id,
            col(Subscription.whole_organization).is_(True),
        ),
    )
