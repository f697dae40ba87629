"""What all needs found on one day, kept as figures: the basis of ``service.matches.drift``."""

from collections import Counter
from datetime import timedelta
from math import ceil
from uuid import UUID

import numpy as np
from sqlalchemy import func
from sqlmodel import Session, col, select

from schemas.base import now
from schemas.capability import Capability
from schemas.embedding import Embedding
from schemas.match_list import NeedOutlook
from schemas.outlook_figures import Figures, OutlookFigures
from schemas.vocabulary import PostingStatus
from service.matches.drift import latest
from service.matches.live_index import Serving
from service.matches.scoring import scoring
from service.matches.stored_vectors import read_vectors

# Needs whose vectors are no nearer than this ask for different things.
UNLIKE = 0.2


_MOST_NEEDS = 1_000


_FIRST = 10


# Figures are for comparing days.
_AGAIN = timedelta(hours=23)


def record_figures(session: Session, serving: Serving) -> None:
    """Keep today's figures, once a day."""
    last = latest(session, 1)
    if last and last[0].created_at > now() - _AGAIN:
        return
    figures = _figures(session, serving)
    session.add(OutlookFigures(model=serving.model.name, scoring=scoring().version, figures=figures))


def _figures(session: Session, serving: Serving) -> Figures:
    outlooks = list(session.execute(select(NeedOutlook).limit(_MOST_NEEDS)).scalars())
    best = [one.best_score for one in outlooks if one.best_score is not None]
    published = session.execute(
        select(func.count())
        .select_from(Capability)
        .where(col(Capability.status) == PostingStatus.published, col(Capability.deleted_at).is_(None))
    ).scalar_one()
    overlaps = _overlaps(session, serving, outlooks)
    places = Counter(capability for one in outlooks for capability in one.best)
    top = sum(count for _, count in places.most_common(ceil(published / 10)))
    return Figures(
        needs=len(outlooks),
        capabilities=published,
        pairs=len(overlaps),
        overlap_mean=round(float(np.mean(overlaps)), 4) if overlaps else None,
        overlap_most=max(overlaps, default=None),
        pairs_sharing_half=sum(overlap > 0.5 for overlap in overlaps),
        overlap_by_lot=round(min(1.0, _FIRST / published), 4) if published else None,
        best_scores=[round(float(one), 4) for one in np.quantile(best, np.linspace(0, 1, 11))]
        if best
        else [],
        needs_without_any=sum((one.best_score or 0) < scoring().good_from for one in outlooks),
        top_tenth_share=round(top / places.total(), 4) if places else None,
        reached=round(len(places) / published, 4) if published else None,
    )


def _overlaps(session: Session, serving: Serving, outlooks: list[NeedOutlook]) -> list[float]:
    """For each pair of unlike needs, which share of the shorter first ten is in the other."""
    stored = dict(
        session.execute(
            select(col(Embedding.posting_id), col(Embedding.vectors)).where(
                col(Embedding.model) == serving.model.name,
                col(Embedding.posting_id).in_([one.need_id for one in outlooks if one.best]),
            )
        ).all()
    )
    known = [one for one in outlooks if one.need_id in stored]
    if len(known) < 2:
        return []
    vectors = np.stack([read_vectors(stored[one.need_id], serving.model.dim)[0] for one in known])
    firsts: list[set[UUID]] = [set(one.best) for one in known]
    rows, columns = np.nonzero(np.triu(vectors @ vectors.T < UNLIKE, k=1))
    return [
        len(firsts[row] & firsts[column]) / min(len(firsts[row]), len(firsts[column]))
        for row, column in zip(rows.tolist(), columns.tolist(), strict=True)
    ]
