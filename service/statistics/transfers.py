"""成果限时转化: publicly funded results by their days, and what came of them."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from pydantic import Field, field_validator
from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select
from sqlmodel import Session, col

from schemas.account import Organization
from schemas.base import Shape, now
from schemas.capability import Capability
from schemas.introduction import Introduction, IntroductionStatus
from schemas.need import Need
from schemas.transfer import FittingNeed, TransferLook, Transfers, TransferShown, TransferState
from schemas.vocabulary import PostingStatus
from schemas.worklist import RankPlace
from service.access.briefs import brief
from service.access.principal import Permission, Principal
from service.brokers.outcomes import became_contract
from service.platform.china_time import CHINA
from service.platform.settings import settings
from service.postings.access import readable

#: Closing a result or letting it run out does not take it off the list.
LISTED = (PostingStatus.published, PostingStatus.expired, PostingStatus.closed)


class TransferQuery(Shape):
    limit: int = Field(default=20, ge=1, le=200)
    cursor: str | None = Field(default=None, description="`next_cursor` of the page before.")
    state: list[TransferState] = Field(
        default=[TransferState.near, TransferState.past], description="Any of them."
    )

    @field_validator("cursor")
    @classmethod
    def one_of_ours(cls, cursor: str | None) -> str | None:
        if cursor is not None:
            RankPlace.read(cursor)
        return cursor


def state_on(day: date) -> ColumnElement[TransferState]:
    """The state of a capability with a due day, as SQL."""
    due = col(Capability.transfer_due)
    accepted = col(Introduction.status) == IntroductionStatus.accepted
    return case(
        (_introduced(became_contract()), TransferState.transferred.value),
        (_introduced(accepted), TransferState.transferring.value),
        (due < day, TransferState.past.value),
        (due <= day + timedelta(days=settings().transfer_near_days), TransferState.near.value),
        else_=TransferState.ahead.value,
    )


def list_transfers(session: Session, caller: Principal, asked: TransferQuery) -> Transfers:
    """The earliest day first. Operators read all, brokers those that are published."""
    caller.require(Permission.statistics_read)
    place = RankPlace.read(asked.cursor) if asked.cursor else None
    as_of = place.as_of if place else now()
    day = as_of.astimezone(CHINA).date()
    state = state_on(day)
    listed = and_(
        col(Capability.transfer_due).is_not(None),
        col(Capability.status).in_(LISTED),
        readable(Capability, caller),
    )
    counts = session.execute(select(state.label("state"), func.count()).where(listed).group_by("state")).all()
    query = (
        select(Capability, Organization, TransferLook, state)
        .join(Organization, col(Organization.id) == col(Capability.organization_id))
        .outerjoin(TransferLook, col(TransferLook.capability_id) == col(Capability.id))
        .where(listed, state.in_([one.value for one in asked.state]))
    )
    due, key = col(Capability.transfer_due), col(Capability.id)
    if place:
        last = date.fromordinal(int(place.rank))
        query = query.where(or_(due > last, and_(due == last, key > place.id)))
    rows = session.execute(query.order_by(due, key).limit(asked.limit + 1)).all()
    more, rows = len(rows) > asked.limit, rows[: asked.limit]
    fitting = _fitting(session, caller, [row[2] for row in rows if row[2]])
    return Transfers(
        today=day,
        near_days=settings().transfer_near_days,
        counts=dict.fromkeys(TransferState, 0) | {TransferState(key): count for key, count in counts},
        items=[
            TransferShown(
                **capability.model_dump(
                    include={"title", "kind", "status", "published_at", "transfer_due", "transfer_assumed"}
                ),
                capability_id=capability.id,
                organization=brief(owner),
                days_left=(capability.transfer_due - day).days,
                state=TransferState(found),
                looked_at=look.looked_at if look else None,
                fitting=fitting.get(capability.id, []),
            )
            for capability, owner, look, found in rows
        ],
        next_cursor=_place(as_of, rows[-1][0]).cursor if more else None,
    )


def _place(as_of: Any, capability: Capability) -> RankPlace:
    assert capability.transfer_due is not None
    return RankPlace(as_of, capability.transfer_due.toordinal(), capability.id)


def _introduced(how: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(col(Introduction.capability_id) == col(Capability.id), how)


def _fitting(
    session: Session, caller: Principal, looks: Sequence[TransferLook]
) -> dict[UUID, list[FittingNeed]]:
    """By capability: the needs that were told, in one query for all."""
    ids = {need_id for look in looks for need_id in look.best}
    rows = session.execute(
        select(col(Need.id), col(Need.title)).where(col(Need.id).in_(ids), readable(Need, caller))
    )
    titles: dict[UUID, str] = {row.id: row.title for row in rows}
    return {
        look.capability_id: [
            FittingNeed(need_id=need_id, title=titles[need_id], score=round(score, 4))
            for need_id, score in zip(look.best, look.scores, strict=True)
            if need_id in titles
        ]
        for look in looks
    }
