"""Whether matching still tells needs apart: collapse, scores and concentration over all needs."""

from prometheus_client import Gauge
from sqlalchemy import select
from sqlmodel import Session, col

from schemas.outlook_figures import Figures, OutlookFigures
from service.platform.terminal_language import said

# Unlike needs that are shown a tenth of the same are no worse than in other systems; see docs/matching.md.
MOST_OVERLAP = 0.1
MOST_MOVED = 0.1

_OVERLAP = Gauge("duijie_outlook_overlap", "Mean share of the first ten that unlike needs have in common.")
_MEDIAN = Gauge("duijie_outlook_best_score_median", "Median over needs of the best match's score.")
_WITHOUT = Gauge("duijie_outlook_needs_without_any", "Needs for which nothing reaches the threshold.")
_TOP_TENTH = Gauge(
    "duijie_outlook_top_tenth_share", "Share of first-ten places that the most shown tenth takes."
)


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
