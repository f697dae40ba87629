"""What became of a broker's proposals: the figures of its record and of its yearly evaluation."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from statistics import fmean, median
from typing import Any
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlmodel import Session, col

from schemas.broker import BrokerFigures, ScoreFigures, ScorerFigures
from schemas.introduction import OPEN, Introduction, IntroductionOutcome, IntroductionStatus
from service.brokers.outcomes import became_contract, contract_came_at
from service.platform.china_time import CHINA, today

# With fewer, a broker could tell from a count which side gave which reason.
_LEAST_DECLINED = 5
_UNANSWERED = OPEN - {IntroductionStatus.accepted}
_NOT_AGREED = {IntroductionStatus.declined, IntroductionStatus.expired}
_BEGINNING, _DAY = date(2000, 1, 1), 86_400


def figures_of_year(session: Session, organization_id: UUID, year: int) -> BrokerFigures:
    return figures_of(session, organization_id, date(year, 1, 1), date(year, 12, 31))


def figures_of(
    session: Session, organization_id: UUID, first: date | None = None, last: date | None = None
) -> BrokerFigures:
    """Proposals that were made from ``first`` to ``last``, in China's days; contracts by when they came about."""
    last = last or today()
    since, until = _begin(first or _BEGINNING), _begin(last + timedelta(days=1))
    one = Introduction
    contract = became_contract().label("contract")
    # A dialogue that a broker took up later was not its proposal; a contract that came of it counts.
    made = and_(
        col(one.asked_by) == organization_id, col(one.created_at) >= since, col(one.created_at) < until
    )
    came_at = contract_came_at()
    signed = and_(became_contract(), came_at >= since, came_at < until)
    rows = session.execute(
        select(
            col(one.created_at),
            col(one.accepted_at),
            col(one.ended_at),
            col(one.status),
            col(one.outcome),
            col(one.decline_reason),
            col(one.score),
            col(one.human_score),
            contract,
            came_at.label("came_at"),
            signed.label("signed"),
            made.label("made"),
        ).where(col(one.broker_id) == organization_id, or_(made, signed))
    ).all()
    proposals = [row for row in rows if row.made]
    return BrokerFigures(
        first_day=str(first) if first else None,
        last_day=str(last),
        **_counts(proposals),
        contracts=sum(row.signed for row in rows),
        days_to_agreement=_median_days([(row.created_at, row.accepted_at) for row in proposals]),
        days_to_contract=_median_days([(row.created_at, row.came_at) for row in rows if row.signed]),
        scores=_scores(proposals),
    )


def as_a_broker_reads(figures: BrokerFigures) -> BrokerFigures:
    """Reasons are for operators alone, until there are so many that a count names nobody."""
    hidden = figures.declined < _LEAST_DECLINED
    return figures.model_copy(update={"decline_reasons": None}) if hidden else figures


def _counts(proposals: Sequence[Any]) -> dict[str, Any]:
    statuses = Counter(row.status for row in proposals)
    waiting = sum(statuses[status] for status in _UNANSWERED)
    agreed = sum(row.accepted_at is not None for row in proposals)
    settled = len(proposals) - waiting
    reasons = Counter(row.decline_reason for row in proposals if row.decline_reason is not None)
    return {
        "proposals": len(proposals),
        "waiting": waiting,
        "agreed": agreed,
        "no_agreement": sum(row.outcome is IntroductionOutcome.no_agreement for row in proposals),
        "declined": statuses[IntroductionStatus.declined],
        "decline_reasons": dict(reasons.most_common()),
        "withdrawn": statuses[IntroductionStatus.withdrawn],
        "expired": statuses[IntroductionStatus.expired],
        "agreed_share": round(agreed / settled, 4) if settled else None,
    }


def _scores(proposals: Sequence[Any]) -> ScoreFigures:
    """What a broker takes back itself says nothing about either score."""
    both = [row for row in proposals if row.score is not None and row.human_score is not None]
    agreed = [row for row in both if row.accepted_at is not None]
    not_agreed = [row for row in both if row.status in _NOT_AGREED]
    settled = [*agreed, *not_agreed]
    return ScoreFigures(
        pairs=len(settled),
        human_less_system=_mean([row.human_score - row.score for row in settled]),
        human=_scorer(agreed, not_agreed, "human_score"),
        system=_scorer(agreed, not_agreed, "score"),
    )


def _scorer(agreed: Sequence[Any], not_agreed: Sequence[Any], name: str) -> ScorerFigures:
    yes, no = _mean([getattr(row, name) for row in agreed]), _mean([getattr(row, name) for row in not_agreed])
    return ScorerFigures(
        agreed=yes,
        not_agreed=no,
        difference=None if yes is None or no is None else round(yes - no, 4),
    )


def _mean(values: list[float]) -> float | None:
    return round(fmean(values), 4) if values else None


def _median_days(spans: list[tuple[datetime, datetime | None]]) -> float | None:
    days = [(end - start).total_seconds() / _DAY for start, end in spans if end is not None]
    return round(median(days), 1) if days else None


def _begin(day: date) -> datetime:
    return datetime.combine(day, time(), CHINA).astimezone(UTC)
