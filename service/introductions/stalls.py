"""Introductions in which nobody does anything: shown to brokers, and told once."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, or_
from sqlalchemy import select as sql_select
from sqlmodel import Session, col, select

from schemas.account import ApiKey
from schemas.base import Page, now
from schemas.capability import Capability
from schemas.introduction import Introduction, IntroductionStatus
from schemas.introduction_shown import IntroductionShown, PostingTitle, StalledShown
from schemas.need import Need
from schemas.notice import NoticeKind
from schemas.vocabulary import Role, Visibility
from service.access.briefs import briefs_of
from service.access.principal import Permission, Principal
from service.introductions.introductions import (
    IntroductionQuery,
    filtered,
    parts_of,
    readable_introductions,
    shown,
)
from service.introductions.views import titles_of
from service.notices.feed import notify
from service.platform.paging import page
from service.platform.settings import settings


def list_stalled(
    session: Session, caller: Principal, asked: IntroductionQuery, language: str
) -> Page[IntroductionShown | StalledShown]:
    """One's own in full. Brokers get all others' too, with the least by which they can offer their help."""
    caller.require(Permission.introduce)
    mine = readable_introductions(caller)
    if caller.role is Role.broker:
        mine = or_(mine, and_(not_private(Need), not_private(Capability)))
    query = filtered(sql_select(Introduction).where(stalled(), mine), asked)
    rows, cursor = page(session, query, Introduction.id, asked)
    found: list[Introduction] = [row[0] for row in rows]
    full = {
        one.id: one
        for one in shown(session, caller, [one for one in found if parts_of(one, caller)], language)
    }
    bare = shown_barely(session, caller, [one for one in found if one.id not in full])
    return Page(items=[full[one.id] if one.id in full else bare[one.id] for one in found], next_cursor=cursor)


def tell_of_stalled(session: Session) -> None:
    """Tell the broker of each, and operators, once each time that it stalls."""
    untold = or_(
        col(Introduction.stall_told_at).is_(None),
        col(Introduction.stall_told_at) < col(Introduction.moved_at),
    )
    query = select(Introduction).where(stalled(), untold)
    operators = _operators(session)
    for introduction in session.exec(query.with_for_update(skip_locked=True)):
        introduction.stall_told_at = now()
        broker = {introduction.broker_id} if introduction.broker_id else set()
        for told, needs in (
            (broker, Permission.broker_work),
            (operators - broker, Permission.introduction_read_all),
        ):
            notify(
                session,
                NoticeKind.introduction_stalled,
                introduction.id,
                sorted(told),
                needs=needs,
                once=f"stalled:{introduction.id}:{introduction.moved_at.timestamp():.0f}",
                stage=introduction.stage.value if introduction.stage else None,
                since=introduction.moved_at.isoformat(),
            )


def stalled(as_of: datetime | None = None) -> ColumnElement[bool]:
    """Whether both agreed, and nobody did anything for long."""
    return and_(
        col(Introduction.status) == IntroductionStatus.accepted,
        col(Introduction.moved_at) <= (as_of or now()) - timedelta(days=settings().stalled_days),
    )


def not_private(table: type[Any]) -> ColumnElement[bool]:
    """A private posting is shown to no third one, not even by its title."""
    own = Introduction.need_id if table is Need else Introduction.capability_id
    return sql_select(table.id).where(table.id == col(own), table.visibility != Visibility.private).exists()


def _operators(session: Session) -> set[Any]:
    keys = select(ApiKey.organization_id).where(
        ApiKey.role == Role.operator, col(ApiKey.revoked_at).is_(None)
    )
    return set(session.exec(keys))


def shown_barely(
    session: Session, caller: Principal, introductions: list[Introduction]
) -> dict[Any, StalledShown]:
    """Who, about what, since when; and nothing else."""
    briefs = briefs_of(session, [side for one in introductions for side in (one.seeker_id, one.provider_id)])
    needs = titles_of(session, caller, Need, {one.need_id for one in introductions})
    capabilities = titles_of(session, caller, Capability, {one.capability_id for one in introductions})
    return {
        one.id: StalledShown(
            id=one.id,
            need=PostingTitle(id=one.need_id, title=needs.get(one.need_id, "")),
            capability=PostingTitle(id=one.capability_id, title=capabilities.get(one.capability_id, "")),
            seeker=briefs[one.seeker_id],
            provider=briefs[one.provider_id],
            stage=one.stage,
            moved_at=one.moved_at,
            has_broker=one.broker_id is not None,
        )
        for one in introductions
    }
