"""Shown lists: kept whole, so that later pages neither repeat nor skip, and can be computed again."""

from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import defer
from sqlmodel import Session, col

from schemas.account import Organization
from schemas.base import now
from schemas.match_list import ListedMatch, ListPlace, MatchList
from schemas.vocabulary import Side
from service.access.principal import Principal
from service.platform.problems import NotThere
from service.platform.settings import settings
from service.postings.access import TABLES, Posting, matchable

# Neither shown in a match nor a reason for one. Reading them is a quarter of what reading a row costs.
_NOT_READ = ("contacts", "readings", "indicators", "ip", "attachments")


class Shown(NamedTuple):
    """An item of a list with its place, counted from 0."""

    place: int
    listed: ListedMatch
    posting: Posting
    organization: Organization


def list_of(session: Session, caller: Principal, cursor: str) -> tuple[MatchList, int]:
    """The list of a cursor, and the place at which its page starts.

    Raises ``NotThere`` for another organisation's, and for one that was shown to another role.
    """
    place = ListPlace.read(cursor)
    found = session.get(MatchList, place.list_id)
    if found is None or (found.organization_id, found.role) != (caller.organization_id, caller.role):
        raise NotThere
    return found, place.start


def read_page(
    session: Session, caller: Principal, side: Side, items: Sequence[ListedMatch], start: int, limit: int
) -> list[Shown]:
    """Up to ``limit`` items from ``start`` on, without those that the caller may not see any more."""
    shown: list[Shown] = []
    while len(shown) < limit and start < len(items):
        some = items[start : start + limit]
        there = _present(session, caller, side, some)
        alike = _alike(session, caller, side, some)
        shown += [
            Shown(place, _without(one, alike), *there[one.id])
            for place, one in enumerate(some, start)
            if one.id in there
        ]
        start += limit
    return shown[:limit]


def forget_old_lists(session: Session) -> None:
    oldest = now() - timedelta(days=settings().list_days)
    session.execute(delete(MatchList).where(col(MatchList.created_at) < oldest))


def _present(
    session: Session, caller: Principal, side: Side, items: Sequence[ListedMatch]
) -> dict[object, tuple[Posting, Organization]]:
    table = TABLES[side]
    rows = session.execute(
        select(table, Organization)
        .options(*(defer(getattr(table, name), raiseload=True) for name in _NOT_READ))
        .join(Organization, col(Organization.id) == col(table.organization_id))
        .where(col(table.id).in_([one.id for one in items]), matchable(table, caller))
    )
    return {posting.id: (posting, organization) for posting, organization in rows}


def _alike(session: Session, caller: Principal, side: Side, items: Sequence[ListedMatch]) -> set[UUID]:
    """Postings that were folded into others, and that the caller may still see."""
    folded = {other for one in items for other in one.alike}
    if not folded:
        return set()
    table = TABLES[side]
    found = select(col(table.id)).where(col(table.id).in_(folded), matchable(table, caller))
    return set(session.execute(found).scalars())


def _without(listed: ListedMatch, alike: set[UUID]) -> ListedMatch:
    return listed.model_copy(update={"alike": tuple(one for one in listed.alike if one in alike)})
