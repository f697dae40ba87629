"""What other systems may take over of needs, capabilities and challenges: the public part, and what became of it."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Select, Text, and_, cast, select, tuple_
from sqlalchemy.dialects.postgresql import array
from sqlmodel import Session, col

from schemas.account import Organization
from schemas.capability import Capability
from schemas.challenge import Challenge
from schemas.need import Need
from schemas.vocabulary import PostingStatus, Visibility
from service.access.integrity import barred
from service.access.principal import ANYONE
from service.challenges.challenges import readable_challenges
from service.postings.access import readable

Kind = Literal["needs", "capabilities", "challenges"]


TABLES: dict[Kind, Any] = {"needs": Need, "capabilities": Capability, "challenges": Challenge}


# In which order they are harvested.
KINDS: tuple[Kind, ...] = ("needs", "capabilities", "challenges")


def harvestable(table: Any) -> ColumnElement[bool]:
    """Public, and published at some time; what is not there any more is told as deleted."""
    if table is Challenge:
        # What was opened stays public, however it ended.
        return and_(col(Challenge.opened_at).is_not(None), readable_challenges(ANYONE))
    return and_(table.visibility == Visibility.public, table.published_at.is_not(None))


def harvest(
    session: Session,
    kind: Kind,
    *,
    begin: datetime | None,
    end: datetime | None,
    domain: str,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> Sequence[Any]:
    """Rows of what is harvested, its organisation and whether that is barred; in the order of their last change.

    begin, end: of the last change; ``end`` itself lies outside.
    """
    table = TABLES[kind]
    query = _rows(table)
    if begin:
        query = query.where(table.updated_at >= begin)
    if end:
        query = query.where(table.updated_at < end)
    if domain:
        query = query.where(table.domain_path.op("&&")(cast(array([domain]), ARRAY(Text))))
    if after:
        query = query.where(tuple_(table.updated_at, table.id) > tuple_(*after))
    return session.execute(query.order_by(table.updated_at, table.id).limit(limit)).all()


def find_record(session: Session, kind: Kind, wanted: UUID) -> Any:
    """The same of one; None where it is not harvested."""
    table = TABLES[kind]
    return session.execute(_rows(table).where(table.id == wanted)).first()


def _rows(table: Any) -> Select[Any]:
    return (
        select(table, Organization, barred(table.organization_id))
        .join(Organization, col(Organization.id) == table.organization_id)
        .where(harvestable(table))
    )


def pages(session: Session, limit: int) -> Iterator[tuple[Kind, UUID, datetime]]:
    """What has a page that anybody may read, and its last change; of each kind the newest first.

    limit: of each kind.
    """
    for kind in KINDS:
        table = TABLES[kind]
        if table is Challenge:
            condition = readable_challenges(ANYONE)
        else:
            condition = and_(readable(table, ANYONE), table.status == PostingStatus.published)
        rows = session.execute(
            select(table.id, table.updated_at).where(condition).order_by(table.id.desc()).limit(limit)
        )
        for found, changed in rows:
            yield kind, found, changed
