"""How introductions go: counts for operators, and why people say no."""

from typing import Any

from sqlalchemy import ColumnElement, Integer, case, func, select
from sqlmodel import Session, col

from schemas.introduction import Introduction, IntroductionOutcome, IntroductionStage, IntroductionStatus
from schemas.introduction_figures import FollowUpFigures, IntroductionFigures, ReasonFigures
from schemas.introduction_follow_up import FollowUpMonths, IntroductionFollowUp
from service.access.principal import Permission, Principal
from service.introductions.introductions import overdue
from service.introductions.stalls import stalled


def introduction_figures(session: Session, caller: Principal) -> IntroductionFigures:
    caller.require(Permission.introduction_read_all)
    status_now = case((overdue(), IntroductionStatus.expired.value), else_=col(Introduction.status))
    in_dialogue = col(Introduction.status) == IntroductionStatus.accepted
    statuses = _counted(session, status_now)
    stages = _counted(session, col(Introduction.stage), in_dialogue)
    outcomes = _counted(session, col(Introduction.outcome))
    return IntroductionFigures(
        statuses={one: statuses.get(one.value, 0) for one in IntroductionStatus},
        stages={one: stages.get(one.value, 0) for one in IntroductionStage},
        outcomes={one: outcomes.get(one.value, 0) for one in IntroductionOutcome},
        declined=_reasons(session),
        stalled=session.execute(select(func.count(col(Introduction.id))).where(stalled())).scalar_one(),
        follow_ups=[_followed(session, months) for months in FollowUpMonths],
    )


def _counted(session: Session, what: Any, *conditions: ColumnElement[bool]) -> dict[str, int]:
    rows = session.execute(select(what, func.count()).where(*conditions).group_by(what))
    return {str(value): count for value, count in rows if value is not None}


def _reasons(session: Session) -> list[ReasonFigures]:
    reason = col(Introduction.decline_reason)
    rows = session.execute(
        select(reason, func.count(), func.avg(col(Introduction.score)))
        .where(reason.is_not(None))
        .group_by(reason)
        .order_by(func.count().desc(), reason)
    )
    return [
        ReasonFigures(reason=one, count=count, score=None if mean is None else round(mean, 4))
        for one, count, mean in rows
    ]


def _followed(session: Session, months: int) -> FollowUpFigures:
    answer = IntroductionFollowUp
    per_introduction = (
        select(
            func.min(col(answer.money)).label("money"),
            func.min(col(answer.jobs)).label("jobs"),
            func.min(col(answer.patents)).label("patents"),
            func.min(col(answer.area_mu)).label("area_mu"),
            func.bool_and(col(answer.next_contract)).cast(Integer).label("next_contracts"),
        )
        .where(col(answer.months) == months)
        .group_by(col(answer.introduction_id))
        .subquery()
    )
    sums = [
        func.coalesce(func.sum(per_introduction.c[name]), 0).label(name)
        for name in ("money", "jobs", "patents", "area_mu", "next_contracts")
    ]
    rows = session.execute(select(func.count().label("introductions"), *sums).select_from(per_introduction))
    return FollowUpFigures(months=months, **rows.mappings().one())
