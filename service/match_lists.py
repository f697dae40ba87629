"""Shown lists: kept whole, so that later pages neither repeat nor skip, and can be computed again."""

from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import defer
from sqlmodel import Session, col

from schemas.account import Organization
from schemas.base import now
from schemas.embedding import Side
from schemas.match_list import ListedMatch, ListPlace, MatchList
from schemas.vocabulary import PostingStatus
from service.auth import Principal
from service.errors import NotThere
from service.integrity import barred
from service.postings import TABLES, Posting
from service.settings import settings

# Neither shown in a match nor a reason for one. Reading them is a quarter of what reading a row costs.
_NOT_READ = ("contacts", "readings", "indicators", "ip", "attachments")


class Shown(NamedTuple):
    """What stands at a place of a list, places counted from nought."""

    place: int
    listed: ListedMatch
    posting: Posting
    organization: Organization


def list_of(session: Session, caller: Principal, cursor: str) -> tuple[MatchList, int]:
    """The caller's own list that a cursor goes on with, and where. Raises ``NotThere``, for another's too."""
    place = ListPlace.read(cursor)
    found = session.get(MatchList, place.list_id)
    if found is None or found.organization_id != caller.organization_id:
        raise NotThere
    return found, place.start


def read_page(
    session: Session, side: Side, items: Sequence[ListedMatch], start: int, limit: int
) -> list[Shown]:
    """Up to ``limit`` places from ``start`` on, without what is no longer published."""
    shown: list[Shown] = []
    while len(shown) < limit and start < len(items):
        some = items[start : start + limit]
        there = _present(session, side, some)
        shown += [
            Shown(place, one, *there[one.id]) for place, one in enumerate(some, start) if one.id in there
        ]
        start += limit
    return shown[:limit]


def forget_old_lists(session: Session) -> None:
    oldest = now() - timedelta(days=settings().list_days)
    session.execute(delete(MatchList).where(col(MatchList.created_at) < oldest))


def _present(
    session: Session, side: Side, items: Sequence[ListedMatch]
) -> dict[object, tuple[Posting, Organization]]:
    """Those that are published at this moment, whatever the index still holds."""
    table = TABLES[side]
    rows = session.execute(
        select(table, Organization)
        .options(*(defer(getattr(table, name), raiseload=True) for name in _NOT_READ))
        .join(Organization, col(Organization.id) == col(table.organization_id))
        .where(
            col(table.id).in_([one.id for one in items]),
            col(table.deleted_at).is_(None),
            col(table.status) == PostingStatus.published,
            ~barred(col(table.organization_id)),
            or_(col(table.valid_until).is_(None), col(table.valid_until) >= now().date()),
        )
    )
    return {posting.id: (posting, organization) for posting, organization in rows}
