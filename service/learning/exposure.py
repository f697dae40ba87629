"""Who is shown how much: each shown place counts, the first ones most."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from math import ceil
from typing import Any, TypeVar
from uuid import UUID

from pydantic import BaseModel
from rich.table import Table
from sqlalchemy import Uuid, cast, column, func, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Session, col

from schemas.account import Organization
from schemas.base import now
from schemas.match_list import MatchList
from schemas.vocabulary import Affiliation, PostingStatus, Side, Visibility
from service.platform.console import table_of
from service.platform.terminal_language import said
from service.postings.access import TABLES

Key = TypeVar("Key")

# A table for people ends here; the JSON has everybody.
_ORGANIZATIONS_IN_TABLE = 20
_SIDE_NAMES = {Side.needs: "需求", Side.capabilities: "供给"}
# The report names them in Chinese.
_AFFILIATIONS = {one.zh: one for one in Affiliation}


class Exposure(BaseModel):
    """Shares of a whole, 0 to 1. ``ratio`` above 1: shown more than its part of what is published."""

    name: str
    exposure: float
    published: float
    ratio: float | None


class OrganizationExposure(Exposure):
    id: UUID
    affiliation: Affiliation


class SideExposure(BaseModel):
    """What lists of one side's postings showed. Shares by name, the most shown first."""

    side: Side
    lists: int
    places: int
    #: What the most shown tenth of the organisations takes; None where nothing was shown.
    top_tenth_share: float | None
    affiliations: list[Exposure]
    organizations: list[OrganizationExposure]


Row = TypeVar("Row", bound=Exposure)


class ExposureReport(BaseModel):
    days: int
    since: datetime
    sides: list[SideExposure]


def exposure_report(session: Session, days: int) -> ExposureReport:
    """Of the lists shown in the last so many days."""
    since = now() - timedelta(days=days)
    return ExposureReport(days=days, since=since, sides=[_side(session, side, since) for side in Side])


def top_tenth_share(weights: Iterable[float]) -> float | None:
    """What the heaviest tenth takes of all, rounded up to whole ones; None where all weigh nothing."""
    heaviest = sorted(weights, reverse=True)
    total = sum(heaviest)
    return sum(heaviest[: ceil(len(heaviest) / 10)]) / total if total > 0 else None


def exposure_tables(report: ExposureReport) -> list[Table]:
    tables = []
    for side in report.sides:
        name = said(_SIDE_NAMES[side.side])
        top = (
            ""
            if side.top_tenth_share is None
            else said("，曝光最多的一成单位占 {top_tenth_share:.0%}", top_tenth_share=side.top_tenth_share)
        )
        heading = said(
            "{name}：近 {days} 天 {lists} 个列表，展示 {places} 个名次{top}",
            name=name,
            days=report.days,
            lists=side.lists,
            places=side.places,
            top=top,
        )
        columns = ("曝光占比", said("已发布{name}占比", name=name), "曝光/发布")
        by_affiliation = table_of("归属", *columns, title=heading, title_justify="left")
        for one in side.affiliations:
            by_affiliation.add_row(said(_AFFILIATIONS[one.name]), *_figures(one))
        by_organization = table_of("单位", "归属", *columns)
        for shown in side.organizations[:_ORGANIZATIONS_IN_TABLE]:
            by_organization.add_row(shown.name, said(shown.affiliation), *_figures(shown))
        tables += [by_affiliation, by_organization]
    return tables


def _side(session: Session, side: Side, since: datetime) -> SideExposure:
    places, weights = _shown(session, side, since)
    lists = session.execute(
        select(func.count()).where(
            col(MatchList.looking_for) == side, col(MatchList.created_at) >= since, col(MatchList.shown) > 0
        )
    ).scalar_one()
    published = published_by_organization(session, side)
    organizations: dict[UUID, Organization] = {
        one.id: one
        for one in session.execute(
            select(Organization).where(col(Organization.id).in_(weights.keys() | published.keys()))
        ).scalars()
    }

    shares, shares_published = _shares(weights), _shares(published)
    by_affiliation = _by_affiliation(shares, organizations)
    published_by_affiliation = _by_affiliation(shares_published, organizations)
    return SideExposure(
        side=side,
        lists=lists,
        places=places,
        top_tenth_share=top_tenth_share(weights.get(one, 0) for one in organizations),
        affiliations=_most_shown_first(
            Exposure(name=one.zh, **_compared(one, by_affiliation, published_by_affiliation))
            for one in by_affiliation.keys() | published_by_affiliation.keys()
        ),
        organizations=_most_shown_first(
            OrganizationExposure(
                id=one.id,
                name=one.name,
                affiliation=one.affiliation,
                **_compared(one.id, shares, shares_published),
            )
            for one in organizations.values()
        ),
    )


def _shown(session: Session, side: Side, since: datetime) -> tuple[int, dict[UUID, float]]:
    """How many places were shown, and each organisation's weight: 1 / log2(1 + place) for each of its places."""
    # In the database, since reading a year's lists as what they are would take minutes.
    place = (
        func.jsonb_array_elements(col(MatchList.items))
        .table_valued(column("value", JSONB), with_ordinality="place")
        .render_derived()
    )
    organization = cast(func.jsonb_extract_path_text(place.c.value, "organization_id"), Uuid)
    rows = session.execute(
        select(organization, func.count(), func.sum(1 / func.log(2, 1 + place.c.place)))
        .select_from(MatchList)
        .join(place, place.c.place <= col(MatchList.shown))
        .where(col(MatchList.looking_for) == side, col(MatchList.created_at) >= since)
        .group_by(organization)
    ).all()
    return sum(count for _, count, _ in rows), {one: float(weight) for one, _, weight in rows}


def published_by_organization(session: Session, side: Side) -> dict[UUID, float]:
    """How many postings each organisation has that others may be shown."""
    table = TABLES[side]
    rows = session.execute(
        select(col(table.organization_id), func.count())
        .where(
            col(table.deleted_at).is_(None),
            col(table.status) == PostingStatus.published,
            col(table.visibility) != Visibility.private,
        )
        .group_by(col(table.organization_id))
    ).all()
    return {one: float(count) for one, count in rows}


def _shares(weights: Mapping[Key, float]) -> dict[Key, float]:
    total = sum(weights.values())
    return {key: weight / total for key, weight in weights.items()}


def _by_affiliation(
    shares: Mapping[UUID, float], organizations: Mapping[UUID, Organization]
) -> dict[Affiliation, float]:
    summed: dict[Affiliation, float] = {}
    for one, share in shares.items():
        affiliation = organizations[one].affiliation
        summed[affiliation] = summed.get(affiliation, 0) + share
    return summed


def _compared(key: Key, exposed: Mapping[Key, float], published: Mapping[Key, float]) -> dict[str, Any]:
    shown, part = exposed.get(key, 0.0), published.get(key, 0.0)
    return {
        "exposure": round(shown, 4),
        "published": round(part, 4),
        "ratio": round(shown / part, 2) if part else None,
    }


def _most_shown_first(rows: Iterable[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: (-row.exposure, -row.published, row.name))


def _figures(one: Exposure) -> tuple[str, str, str]:
    ratio = "—" if one.ratio is None else f"{one.ratio:.2f}"
    return f"{one.exposure:.1%}", f"{one.published:.1%}", ratio
