"""Shown lists and looks over all needs, as rows: a test says only what matters to it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session
from uuid_utils.compat import uuid7

from schemas.account import Organization
from schemas.base import now
from schemas.match_list import ListedMatch, MatchList, NeedOutlook
from schemas.need import Need
from schemas.outlook_figures import Figures, OutlookFigures
from schemas.vocabulary import Side
from tests.make import make_organization


def listed(owner: Organization, **fields: Any) -> ListedMatch:
    """A place of a list that a posting of ``owner`` has."""
    return ListedMatch.model_validate(
        {
            "id": uuid7(),
            "organization_id": owner.id,
            "affiliation": owner.affiliation,
            "score": 0.8,
            "for_need": 0.8,
            "known": 0.5,
            "signals": {},
            **fields,
        }
    )


def make_list(
    session: Session,
    owners: Sequence[Organization],
    *,
    shown: int,
    looking_for: Side = Side.capabilities,
    created_at: datetime | None = None,
) -> MatchList:
    """A list with a posting of each of these, in this order."""
    made = MatchList(
        organization_id=make_organization(session).id,
        looking_for=looking_for,
        text="残膜",
        asked={},
        filters={},
        model="m",
        scoring="1",
        weights={},
        index_state=0,
        threshold=0.5,
        items=[listed(owner) for owner in owners],
        shown=shown,
        created_at=created_at or now(),
    )
    session.add(made)
    session.commit()
    return made


def make_outlook(
    session: Session,
    need: Need,
    best_score: float | None,
    best: Sequence[UUID] = (),
    scores: Sequence[float] = (),
) -> NeedOutlook:
    outlook = NeedOutlook(need_id=need.id, best_score=best_score, best=list(best), scores=list(scores))
    session.add(outlook)
    session.commit()
    return outlook


def make_figures(session: Session, *, model: str = "m", scoring: str = "1", **fields: Any) -> OutlookFigures:
    row = OutlookFigures(
        model=model,
        scoring=scoring,
        figures=Figures.model_validate({"needs": 2, "capabilities": 100, "pairs": 1, **fields}),
    )
    session.add(row)
    session.commit()
    return row
