"""Which postings of one side fit a text best: searched, scored, capped, and checked against the tables."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import defer
from sqlmodel import Session, col

from matching.index import Candidates
from matching.score import score
from schemas.account import Organization
from schemas.base import now
from schemas.embedding import Side
from schemas.match import MatchFilters
from schemas.vocabulary import PostingStatus
from service.auth import Principal
from service.encoders import EncodedText
from service.live_index import Serving, readers_of
from service.postings import TABLES, Posting

# Candidates are taken by vector and by words, so more than a page of each is looked at.
_FEWEST_CANDIDATES = 200
_WIDER = 4

# Neither shown in a match nor a reason for one. Reading them is a quarter of what reading a row costs.
_NOT_READ = ("contacts", "readings", "indicators", "ip", "attachments")

_FILTERS = ("kind", "need_type", "domain", "affiliation", "region", "cooperation_mode")


class Ranked(NamedTuple):
    """One candidate: whose it is, its score from 0 to 1, and the signals that made it."""

    id: UUID
    group: str
    score: float
    dense: float
    lexical: float


Found = tuple[Ranked, Posting, Organization]


def best(
    session: Session,
    caller: Principal,
    serving: Serving,
    encoded: EncodedText,
    side: Side,
    asked: MatchFilters,
) -> list[Found]:
    """The best ``limit`` that ``caller`` may see and that fit; fewer only where there are no more."""
    filters = _filters(caller, asked)
    k = max(_FEWEST_CANDIDATES, 2 * asked.limit)
    while True:
        candidates = serving.side(side).search(encoded.vector, encoded.terms, k=k, filters=filters)
        ranked = _rank(candidates)
        above = [one for one in ranked if one.score >= asked.min_score]
        found = _fill(session, side, _cap(above, asked.max_per_organization), asked.limit)
        # Further candidates are farther off, so where some were too far already, no more are looked for.
        if len(found) == asked.limit or candidates.complete or len(above) < len(ranked):
            return found
        k *= _WIDER


def _rank(candidates: Candidates) -> list[Ranked]:
    """Best first; of equals, the older posting first, so that the order does not depend on the index."""
    scores = score(candidates.dense, candidates.lexical)
    ranked = [
        Ranked(*one)
        for one in zip(
            candidates.ids,
            candidates.groups,
            scores.tolist(),
            candidates.dense.tolist(),
            candidates.lexical.tolist(),
            strict=True,
        )
    ]
    return sorted(ranked, key=lambda one: (-one.score, one.id))


def _cap(ranked: Sequence[Ranked], most: int) -> Sequence[Ranked]:
    """At most so many of one organisation, its best; 0 means no cap."""
    if most == 0:
        return ranked
    taken: dict[str, int] = {}
    kept = []
    for one in ranked:
        taken[one.group] = taken.get(one.group, 0) + 1
        if taken[one.group] <= most:
            kept.append(one)
    return kept


def _fill(session: Session, side: Side, ranked: Sequence[Ranked], limit: int) -> list[Found]:
    found: list[Found] = []
    for start in range(0, len(ranked), limit):
        found += _present(session, side, ranked[start : start + limit])
        if len(found) >= limit:
            break
    return found[:limit]


def _present(session: Session, side: Side, ranked: Sequence[Ranked]) -> list[Found]:
    """Those that are published at this moment, whatever the index still holds."""
    table = TABLES[side]
    rows = session.execute(
        select(table, Organization)
        .options(*(defer(getattr(table, name), raiseload=True) for name in _NOT_READ))
        .join(Organization, col(Organization.id) == col(table.organization_id))
        .where(
            col(table.id).in_([one.id for one in ranked]),
            col(table.deleted_at).is_(None),
            col(table.status) == PostingStatus.published,
            or_(col(table.valid_until).is_(None), col(table.valid_until) >= now().date()),
        )
    )
    by_id = {posting.id: (posting, organization) for posting, organization in rows}
    return [(one, *by_id[one.id]) for one in ranked if one.id in by_id]


def _filters(caller: Principal, asked: MatchFilters) -> dict[str, list[str]]:
    filters = {
        name: [str(value) for value in values] for name in _FILTERS if (values := getattr(asked, name))
    }
    filters["reader"] = readers_of(caller)
    return filters
