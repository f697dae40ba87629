"""What waits for a broker: good matches that nobody introduced, and dialogues that stalled, by expected value."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from pydantic import Field, field_validator
from sqlalchemy import ColumnElement, exists, func, or_, select, true
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from schemas.account import Organization
from schemas.base import Shape, now
from schemas.capability import Capability
from schemas.introduction import OPEN, Introduction, IntroductionStage, IntroductionStatus
from schemas.introduction_shown import PostingTitle
from schemas.match_list import NeedOutlook
from schemas.need import Need
from schemas.vocabulary import PostingStatus, Visibility
from schemas.worklist import Expectation, RankPlace, WorkItem, WorkKind, Worklist
from service.access.briefs import brief
from service.access.integrity import barred
from service.access.principal import Permission, Principal
from service.brokers.brokers import require_standing
from service.introductions.expected_value import (
    BEFORE_CONTRACT,
    HALF_LIFE_DAYS,
    expectation,
    median_of,
    middle_of,
)
from service.introductions.stalls import stalled
from service.introductions.views import titles_of
from service.matches.scoring import scoring
from service.platform.settings import settings
from service.postings.access import readable

# Two who said no, or came to an end, are not proposed to each other once more.
_DONE = {*OPEN, IntroductionStatus.declined, IntroductionStatus.ended}
_SHOWN = (Visibility.public, Visibility.members)


class WorklistQuery(Shape):
    limit: int = Field(default=20, ge=1, le=200)
    cursor: str | None = Field(default=None, description="`next_cursor` of the page before.")
    kind: list[WorkKind] = Field(default_factory=list)

    @field_validator("cursor")
    @classmethod
    def one_of_ours(cls, cursor: str | None) -> str | None:
        if cursor is not None:
            RankPlace.read(cursor)
        return cursor


class _Work(NamedTuple):
    """``id`` is the introduction's, or the need's, which has one line here at most beside it."""

    id: UUID
    kind: WorkKind
    need_id: UUID
    capability_id: UUID
    stage: IntroductionStage | None
    expectation: Expectation
    take_up: bool = False


def worklist(session: Session, caller: Principal, asked: WorklistQuery) -> Worklist:
    """For brokers in standing, and operators. Nothing of a private posting, and no contacts, is in it.

    A stalled dialogue that has a broker is that broker's; others are everybody's.
    """
    caller.require(Permission.broker_work)
    require_standing(session, caller)
    place = RankPlace.read(asked.cursor) if asked.cursor else None
    # Age goes on while one reads; later pages are of the moment that the first one was made for.
    as_of = place.as_of if place else now()
    budgets = session.execute(select(col(Need.budget)).where(*_open_to_brokers(Need, caller))).scalars()
    usual = median_of([middle for budget in budgets if (middle := middle_of(budget)) is not None])
    wanted = asked.kind or list(WorkKind)
    work: list[_Work] = []
    if WorkKind.match in wanted:
        work += _matches(session, caller, as_of, usual)
    if WorkKind.stalled in wanted:
        work += _stalled(session, caller, as_of, usual)
    work.sort(key=_rank, reverse=True)
    if place:
        work = [one for one in work if _rank(one) < (place.rank, place.id)]
    shown = work[: asked.limit]
    more = len(work) > len(shown)
    return Worklist(
        as_of=as_of,
        median_yuan=usual[0],
        median_from=usual[1],
        half_life_days=HALF_LIFE_DAYS,
        stalled_days=settings().stalled_days,
        items=_items(session, caller, shown),
        next_cursor=RankPlace(as_of, *_rank(shown[-1])).cursor if more else None,
    )


def _matches(session: Session, caller: Principal, as_of: datetime, usual: Any) -> list[_Work]:
    """Of each need the best pair that is good and that nobody introduced, or gave up, before."""
    best = func.unnest(col(NeedOutlook.best)).table_valued("id", with_ordinality="place").render_derived()
    score = func.coalesce(col(NeedOutlook.scores)[best.c.place], col(NeedOutlook.best_score))
    before = exists().where(
        col(Introduction.need_id) == col(Need.id),
        col(Introduction.capability_id) == best.c.id,
        col(Introduction.status).in_(_DONE),
    )
    rows = session.execute(
        select(col(Need.id), col(Need.budget), col(Need.published_at), best.c.id, score)
        .ext(distinct_on(col(Need.id)))
        .join(NeedOutlook, col(NeedOutlook.need_id) == col(Need.id))
        .join(best, or_(best.c.place == 1, best.c.place <= func.cardinality(col(NeedOutlook.scores))))
        .join(Capability, col(Capability.id) == best.c.id)
        .where(
            *_open_to_brokers(Need, caller),
            *_open_to_brokers(Capability, caller),
            col(Capability.organization_id) != col(Need.organization_id),
            score >= scoring().good_from,
            ~before,
        )
        .order_by(col(Need.id), best.c.place)
    )
    return [
        _Work(
            need_id,
            WorkKind.match,
            need_id,
            capability_id,
            None,
            expectation(budget, usual, score, None, _days(as_of, published_at)),
        )
        for need_id, budget, published_at, capability_id, score in rows
    ]


def _stalled(session: Session, caller: Principal, as_of: datetime, usual: Any) -> list[_Work]:
    one = Introduction
    mine = or_(col(one.broker_id).is_(None), col(one.broker_id) == caller.organization_id)
    rows = session.execute(
        select(
            col(one.id),
            col(one.need_id),
            col(one.capability_id),
            col(one.stage),
            col(one.score),
            col(one.moved_at),
            col(one.broker_id),
            col(Need.budget),
        )
        .join(Need, col(Need.id) == col(one.need_id))
        .join(Capability, col(Capability.id) == col(one.capability_id))
        .where(
            stalled(as_of),
            col(one.stage).in_(BEFORE_CONTRACT),
            col(Need.deleted_at).is_(None),
            col(Capability.deleted_at).is_(None),
            col(Need.visibility).in_(_SHOWN),
            col(Capability.visibility).in_(_SHOWN),
            true() if caller.may(Permission.broker_manage) else mine,
        )
    )
    return [
        _Work(
            row.id,
            WorkKind.stalled,
            row.need_id,
            row.capability_id,
            row.stage,
            expectation(
                row.budget,
                usual,
                scoring().good_from if row.score is None else row.score,
                row.stage,
                _days(as_of, row.moved_at),
                score_assumed=row.score is None,
            ),
            take_up=row.broker_id is None,
        )
        for row in rows
    ]


def _items(session: Session, caller: Principal, work: Sequence[_Work]) -> list[WorkItem]:
    """A posting whose dialogue stalled may since have been closed or rejected: it then has no title here."""
    needs_there = {one.need_id for one in work}
    offers_there = {one.capability_id for one in work}
    titles = {
        **titles_of(session, caller, Need, needs_there),
        **titles_of(session, caller, Capability, offers_there),
    }
    seeker, provider = aliased(Organization), aliased(Organization)
    of_needs = session.execute(
        select(col(Need.id), seeker)
        .join(seeker, seeker.id == col(Need.organization_id))  # type: ignore[arg-type]
        .where(col(Need.id).in_(needs_there))
    )
    of_capabilities = session.execute(
        select(col(Capability.id), provider)
        .join(provider, provider.id == col(Capability.organization_id))  # type: ignore[arg-type]
        .where(col(Capability.id).in_(offers_there))
    )
    needs, offers = (
        {key: (PostingTitle(id=key, title=titles.get(key, "")), brief(owner)) for key, owner in rows}
        for rows in (of_needs, of_capabilities)
    )
    return [
        WorkItem(
            kind=one.kind,
            need=needs[one.need_id][0],
            capability=offers[one.capability_id][0],
            seeker=needs[one.need_id][1],
            provider=offers[one.capability_id][1],
            introduction_id=one.id if one.kind is WorkKind.stalled else None,
            stage=one.stage,
            take_up=one.take_up,
            expectation=one.expectation,
        )
        for one in work
    ]


def _rank(one: _Work) -> tuple[float, UUID]:
    return float(one.expectation.expected_yuan), one.id


def _days(as_of: datetime, since: datetime | None) -> int:
    return max(0, (as_of - since).days) if since else 0


def _open_to_brokers(
    table: type[Need] | type[Capability], caller: Principal
) -> tuple[ColumnElement[bool], ...]:
    """Less than the caller may read: nothing private, its own neither."""
    return (
        readable(table, caller),
        col(table.status) == PostingStatus.published,
        col(table.visibility).in_(_SHOWN),
        ~barred(col(table.organization_id)),
    )
