"""年度评价: a broker's year in figures, rated by thresholds, confirmed by an operator, answered by the broker."""

from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from schemas.base import now
from schemas.broker import (
    Broker,
    BrokerEvaluation,
    BrokerFigures,
    BrokerRating,
    BrokerRecord,
    EvaluationAnswer,
    EvaluationConfirm,
    EvaluationShown,
    EvaluationStatus,
)
from schemas.broker_thresholds import BrokerThresholds, Threshold
from schemas.notice import NoticeKind
from schemas.wording import Wording
from service.access.principal import Permission, Principal
from service.brokers.brokers import access_broker, note_broker, parts_at, shown, tell
from service.brokers.records import as_a_broker_reads, figures_of, figures_of_year
from service.brokers.workflow import BROKER_EVALUATION
from service.platform.china_time import today
from service.platform.problems import Conflict, NotThere, Unfit
from service.platform.settings import settings


def record(session: Session, caller: Principal, broker_id: UUID, year: int | None = None) -> BrokerRecord:
    """What became of a broker's proposals, in a year or ever. The broker and operators read it."""
    broker = access_broker(session, caller, broker_id, "read record")
    if year is None:
        figures = figures_of(session, broker.organization_id)
    else:
        figures = figures_of_year(session, broker.organization_id, year)
    return BrokerRecord(
        broker=shown(session, caller, broker),
        figures=_readable(caller, figures),
        commission_rate=settings().commission_limit,
    )


def rate(figures: BrokerFigures, thresholds: BrokerThresholds) -> BrokerRating:
    """The best rating whose threshold is reached. A share that there is not yet reaches no threshold above zero."""
    for rating in (BrokerRating.excellent, BrokerRating.qualified, BrokerRating.improve):
        least: Threshold = getattr(thresholds, rating.value)
        if (
            figures.proposals >= least.proposals
            and (figures.agreed_share or 0) >= least.agreed_share
            and figures.contracts >= least.contracts
        ):
            return rating
    return BrokerRating.failed


def draft(session: Session, caller: Principal, broker_id: UUID, year: int) -> tuple[Broker, BrokerEvaluation]:
    """Compute a year. One evaluation a year and broker."""
    broker = access_broker(session, caller, broker_id, "evaluate")
    if year > today().year:
        raise Unfit("/year", "not_begun", Wording("该年度尚未开始", "That year has not begun"))
    made = BrokerEvaluation(broker_id=broker.id, year=year, **_computed(session, broker, year))
    try:
        with session.begin_nested():
            session.add(made)
    except IntegrityError as error:
        there = _find(session, broker, year)
        raise Conflict(
            Wording("该年度已有评价", "That year has an evaluation already"),
            status_now=there.status.value if there else None,
        ) from error
    note_broker(session, caller, broker, "evaluate", year=year, computed=made.computed.value)
    return broker, made


def access_evaluation(
    session: Session, caller: Principal, broker_id: UUID, year: int, verb: str = "read"
) -> tuple[Broker, BrokerEvaluation]:
    """Load an evaluation to do ``verb``, locked unless it is only read.

    Raises ``NotThere``, ``Forbidden`` or ``WrongState``, in this order.
    """
    broker = access_broker(session, caller, broker_id)
    found = _find(session, broker, year, lock=verb != "read")
    if found is None:
        raise NotThere
    BROKER_EVALUATION.require(verb, found.status, parts_at(broker, caller))
    return broker, found


def list_evaluations(session: Session, caller: Principal, broker_id: UUID) -> list[EvaluationShown]:
    """The newest year first. There is one a year, so they are one page."""
    broker = access_broker(session, caller, broker_id)
    found = session.exec(
        select(BrokerEvaluation)
        .where(col(BrokerEvaluation.broker_id) == broker.id)
        .order_by(col(BrokerEvaluation.year).desc())
    )
    return [shown_evaluation(caller, broker, one) for one in found]


def recompute(
    session: Session, caller: Principal, broker_id: UUID, year: int
) -> tuple[Broker, BrokerEvaluation]:
    """Count again, while it is a draft."""
    broker, found = access_evaluation(session, caller, broker_id, year, "recompute")
    for name, value in _computed(session, broker, year).items():
        setattr(found, name, value)
    _changed(session, caller, broker, found, "recompute_evaluation")
    return broker, found


def confirm(
    session: Session, caller: Principal, broker_id: UUID, year: int, body: EvaluationConfirm
) -> tuple[Broker, BrokerEvaluation]:
    """Confirm what the figures give, or give another rating with a reason; the broker is told."""
    broker, found = access_evaluation(session, caller, broker_id, year, "confirm")
    rating = body.rating or found.computed
    if rating is not found.computed and not body.reason:
        raise Unfit(
            "/reason",
            "missing",
            Wording("调整评价结果须说明理由", "Another rating than the figures give needs a reason"),
        )
    found.rating, found.reason = rating, body.reason
    found.status, found.confirmed_at = EvaluationStatus.confirmed, now()
    _changed(session, caller, broker, found, "confirm_evaluation")
    tell(session, broker, NoticeKind.broker_evaluated, year=year, rating=rating.value)
    return broker, found


def answer(
    session: Session, caller: Principal, broker_id: UUID, year: int, body: EvaluationAnswer
) -> tuple[Broker, BrokerEvaluation]:
    """The broker's own word on it. The operator may confirm once more, with another rating or the same."""
    broker, found = access_evaluation(session, caller, broker_id, year, "answer")
    found.answer, found.status, found.answered_at = body.answer, EvaluationStatus.answered, now()
    _changed(session, caller, broker, found, "answer_evaluation")
    return broker, found


def shown_evaluation(caller: Principal, broker: Broker, one: BrokerEvaluation) -> EvaluationShown:
    return EvaluationShown(
        **one.model_dump(exclude={"figures"}),
        figures=_readable(caller, one.figures),
        may=[
            verb for verb in BROKER_EVALUATION.verbs(one.status, parts_at(broker, caller)) if verb != "read"
        ],
    )


def _find(session: Session, broker: Broker, year: int, *, lock: bool = False) -> BrokerEvaluation | None:
    query = select(BrokerEvaluation).where(
        col(BrokerEvaluation.broker_id) == broker.id, col(BrokerEvaluation.year) == year
    )
    return session.exec(query.with_for_update() if lock else query).first()


def _computed(session: Session, broker: Broker, year: int) -> dict[str, Any]:
    figures = figures_of_year(session, broker.organization_id, year)
    thresholds = settings().broker_thresholds
    return {
        "figures": figures,
        "thresholds": thresholds.model_dump(mode="json"),
        "computed": rate(figures, thresholds),
    }


def _readable(caller: Principal, figures: BrokerFigures) -> BrokerFigures:
    return figures if caller.may(Permission.broker_manage) else as_a_broker_reads(figures)


def _changed(
    session: Session, caller: Principal, broker: Broker, evaluation: BrokerEvaluation, verb: str
) -> None:
    evaluation.updated_at = now()
    note_broker(
        session,
        caller,
        broker,
        verb,
        year=evaluation.year,
        rating=evaluation.rating.value if evaluation.rating else None,
    )
