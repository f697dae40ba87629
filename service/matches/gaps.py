"""Where supply is lacking: needs for which nothing good exists, by domain, each with its nearest miss."""

from collections import Counter
from typing import Any
from uuid import UUID

from pydantic import Field
from sqlalchemy import ARRAY, ColumnElement, Text, cast, func, or_, select
from sqlalchemy.dialects.postgresql import array
from sqlmodel import Session, col

from schemas.account import Organization
from schemas.capability import Capability
from schemas.domains import DOMAINS, DomainKey
from schemas.gap import DomainGaps, Gap, Gaps, NearestMiss
from schemas.match_list import NeedOutlook
from schemas.need import Need
from schemas.vocabulary import PostingStatus
from service.access.briefs import brief
from service.access.integrity import barred
from service.access.principal import Permission, Principal
from service.matches.scoring import scoring
from service.platform.paging import ListQuery, page
from service.postings.access import readable


class GapQuery(ListQuery):
    domain: list[DomainKey] = Field(default_factory=list, description="Domains or items; any of them.")


def list_gaps(session: Session, caller: Principal, asked: GapQuery) -> Gaps:
    """Counts are over all published needs but those of barred organisations; listed are those that the caller may
    read.
    """
    caller.require(Permission.statistics_read)
    threshold = scoring().good_from
    lacks = or_(col(NeedOutlook.best_score).is_(None), col(NeedOutlook.best_score) < threshold)
    lacking: Any = (
        select(Need, NeedOutlook, Organization)
        .join(NeedOutlook, col(NeedOutlook.need_id) == col(Need.id))
        .join(Organization, col(Organization.id) == col(Need.organization_id))
        .where(*_published(), lacks, readable(Need, caller))
    )
    if asked.domain:
        lacking = lacking.where(col(Need.domain_path).op("&&")(cast(array(asked.domain), ARRAY(Text))))
    rows, cursor = page(session, lacking, col(Need.id), asked)
    looked_at = session.execute(
        select(col(Need.domain_path), col(NeedOutlook.looked_at), lacks.label("lacks"))
        .join(NeedOutlook, col(NeedOutlook.need_id) == col(Need.id))
        .where(*_published())
    ).all()
    published = session.execute(select(func.count()).select_from(Need).where(*_published())).scalar_one()
    nearest = _nearest(session, caller, [outlook for _, outlook, _ in rows])
    return Gaps(
        as_of=max((row.looked_at for row in looked_at), default=None),
        threshold=threshold,
        needs=len(looked_at),
        gaps=sum(row.lacks for row in looked_at),
        not_looked_at=published - len(looked_at),
        domains=_by_domain([(row.domain_path, row.lacks) for row in looked_at]),
        items=[
            Gap(
                need_id=need.id,
                title=need.title,
                organization=brief(organization),
                domains=need.domains,
                need_type=need.need_type,
                published_at=need.published_at,
                looked_at=outlook.looked_at,
                best_score=outlook.best_score,
                nearest_miss=nearest.get(need.id),
            )
            for need, outlook, organization in rows
        ],
        next_cursor=cursor,
    )


def _by_domain(looked_at: list[tuple[list[str], bool]]) -> list[DomainGaps]:
    needs: Counter[str | None] = Counter()
    gaps: Counter[str | None] = Counter()
    for path, lacks in looked_at:
        boxes: list[str | None] = [key for key in path if DOMAINS[key].parent is None]
        boxes = boxes or [None]
        needs.update(boxes)
        gaps.update(boxes if lacks else [])
    return [
        DomainGaps(
            domain=key,
            zh=DOMAINS[key].zh if key else "未填技术领域",
            en=DOMAINS[key].en if key else "No domain named",
            needs=count,
            gaps=gaps[key],
        )
        for key, count in sorted(needs.items(), key=lambda pair: (-gaps[pair[0]], str(pair[0])))
    ]


def _nearest(session: Session, caller: Principal, outlooks: list[NeedOutlook]) -> dict[UUID, NearestMiss]:
    """By need: the capability that came nearest, as far as it is still on offer, and the caller may read it."""
    rows = session.execute(
        select(Capability, Organization)
        .join(Organization, col(Organization.id) == col(Capability.organization_id))
        .where(
            col(Capability.id).in_([outlook.best[0] for outlook in outlooks if outlook.best]),
            readable(Capability, caller, matched=True),
            col(Capability.status) == PostingStatus.published,
            ~barred(col(Capability.organization_id)),
        )
    )
    there: dict[UUID, tuple[Any, Organization]] = {row[0].id: (row[0], row[1]) for row in rows}
    return {
        outlook.need_id: NearestMiss(
            capability_id=capability.id,
            title=capability.title,
            organization=brief(organization),
            score=outlook.best_score or 0,
        )
        for outlook in outlooks
        if outlook.best and outlook.best[0] in there
        for capability, organization in [there[outlook.best[0]]]
    }


def _published() -> tuple[ColumnElement[bool], ...]:
    return (
        col(Need.status) == PostingStatus.published,
        col(Need.deleted_at).is_(None),
        ~barred(col(Need.organization_id)),
    )
