"""Whether matching still tells needs apart: collapse, scores and concentration over all needs."""

from collections import Counter
from datetime import timedelta
from math import ceil
from uuid import UUID

import numpy as np
from prometheus_client import Gauge
from sqlalchemy import func, select
from sqlmodel import Session, col

from schemas.base import now
from schemas.capability import Capability
from schemas.embedding import Embedding
from schemas.match_list import NeedOutlook
from schemas.outlook_figures import Figures, OutlookFigures
from schemas.vocabulary import PostingStatus
from service.matches.live_index import Serving
from service.matches.scoring import scoring
from service.matches.stored_vectors import read_vectors
from service.platform.terminal_language import said

# Needs whose vectors are no nearer than this ask for different things.
UNLIKE = 0.2
# Unlike needs that are shown a tenth of the same are no worse than in other systems; see docs/matching.md.
MOST_OVERLAP = 0.1
MOST_MOVED = 0.1
_MOST_NEEDS = 1_000
_FIRST = 10
# Figures are for comparing days.
_AGAIN = timedelta(hours=23)

_OVERLAP = Gauge("duijie_outlook_overlap", "Mean share of the first ten that unlike needs have in common.")
_MEDIAN = Gauge("duijie_outlook_best_score_median", "Median over needs of the best match's score.")
_WITHOUT = Gauge("duijie_outlook_needs_without_any", "Needs for which nothing reaches the threshold.")
_TOP_TENTH = Gauge(
    "duijie_outlook_top_tenth_share", "Share of first-ten places that the most shown tenth takes."
)


def record_figures(session: Session, serving: Serving) -> None:
    """Keep today's figures, once a day."""
    last = latest(session, 1)
    if last and last[0].created_at > now() - _AGAIN:
        return
    figures = _figures(session, serving)
    session.add(OutlookFigures(model=serving.model.name, scoring=scoring().version, figures=figures))


def latest(session: Session, count: int) -> list[OutlookFigures]:
    """The newest first."""
    query = select(OutlookFigures).order_by(col(OutlookFigures.id).desc()).limit(count)
    return list(session.execute(query).scalars())


def show_as_metrics(session: Session) -> None:
    """Bring the gauges up to the latest figures."""
    for found in latest(session, 1):
        figures = found.figures
        for gauge, value in (
            (_OVERLAP, figures.overlap_mean),
            (_MEDIAN, median(figures)),
            (_WITHOUT, figures.needs_without_any),
            (_TOP_TENTH, figures.top_tenth_share),
        ):
            if value is not None:
                gauge.set(value)


def warnings(session: Session) -> list[str]:
    """What a person should look at, in the language of the terminal; empty where all is well."""
    found = latest(session, 2)
    told = []
    if found and (found[0].figures.overlap_mean or 0) > MOST_OVERLAP:
        told.append(
            said(
                "互不相干的需求有 {overlap_mean:.0%} 的结果相同，模型可能不适用，请用 duijie evaluate "
                "检查，或 duijie models rollback 换回",
                overlap_mean=found[0].figures.overlap_mean,
            )
        )
    medians = [median(one.figures) for one in found]
    if len(medians) == 2 and None not in medians and abs((medians[0] or 0) - (medians[1] or 0)) > MOST_MOVED:
        told.append(
            said(
                "最佳得分的中位数由 {before:.2f} 变为 {today:.2f}，请检查模型、得分版本和近期导入的内容",
                before=medians[1],
                today=medians[0],
            )
        )
    return told


def median(figures: Figures) -> float | None:
    return figures.best_scores[5] if len(figures.best_scores) == 11 else None


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
