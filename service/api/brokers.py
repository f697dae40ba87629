"""/v1/brokers: who proposes two others to each other, and how it went."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request, Response

from schemas.base import Page
from schemas.broker import (
    BrokerChange,
    BrokerCreate,
    BrokerEnd,
    BrokerReadmit,
    BrokerRecord,
    BrokerShown,
    EvaluationAnswer,
    EvaluationConfirm,
    EvaluationDraft,
    EvaluationShown,
)
from schemas.target import Year
from schemas.worklist import Worklist
from service.brokers import brokers, evaluations
from service.http.dependencies import PrincipalDep, SessionDep
from service.http.etags import IfMatch, tag
from service.http.once import IdempotencyKey, once
from service.introductions.worklist import WorklistQuery, worklist

router = APIRouter(prefix="/v1/brokers", tags=["brokers"])

YearOf = Annotated[int, Path(ge=2000, le=2100)]


@router.post("", status_code=201, response_model=BrokerShown)
def register_broker(
    request: Request,
    session: SessionDep,
    caller: PrincipalDep,
    body: BrokerCreate,
    key: IdempotencyKey = None,
) -> Response:
    """Register one's own organisation as a broker. Operators may register any."""

    def register() -> BrokerShown:
        return brokers.shown(session, caller, brokers.register(session, caller, body))

    return once(session, caller, key, request, body, register)


@router.get("")
def get_brokers(
    session: SessionDep, caller: PrincipalDep, asked: Annotated[brokers.BrokerQuery, Query()]
) -> Page[BrokerShown]:
    """Brokers, newest first: operators list all, others themselves."""
    return brokers.list_brokers(session, caller, asked)


@router.get("/worklist")
def get_worklist(
    session: SessionDep, caller: PrincipalDep, asked: Annotated[WorklistQuery, Query()]
) -> Worklist:
    """What waits for a broker, by expected value: good matches that nobody introduced, and dialogues that stalled."""
    return worklist(session, caller, asked)


@router.get("/{broker_id}")
def get_broker(session: SessionDep, caller: PrincipalDep, broker_id: UUID, response: Response) -> BrokerShown:
    """Read one broker's profile and standing."""
    broker = brokers.access_broker(session, caller, broker_id)
    tag(response, broker.version)
    return brokers.shown(session, caller, broker)


@router.patch("/{broker_id}")
def change_broker(
    session: SessionDep,
    caller: PrincipalDep,
    broker_id: UUID,
    body: BrokerChange,
    response: Response,
    seen: IfMatch,
) -> BrokerShown:
    """Change what was sent of the profile."""
    broker = brokers.access_broker(session, caller, broker_id, "change", seen)
    brokers.change(session, caller, broker, body)
    tag(response, broker.version)
    return brokers.shown(session, caller, broker)


@router.get("/{broker_id}/record")
def get_record(
    session: SessionDep, caller: PrincipalDep, broker_id: UUID, year: Year | None = None
) -> BrokerRecord:
    """What became of its proposals, in a year or ever."""
    return evaluations.record(session, caller, broker_id, year)


@router.post("/{broker_id}/end")
def end_broker(session: SessionDep, caller: PrincipalDep, broker_id: UUID, body: BrokerEnd) -> BrokerShown:
    """Operators: end a broker's standing (退出). It may propose no more; its record is kept."""
    return brokers.shown(session, caller, brokers.end(session, caller, broker_id, body))


@router.post("/{broker_id}/readmit")
def readmit_broker(
    session: SessionDep, caller: PrincipalDep, broker_id: UUID, body: BrokerReadmit
) -> BrokerShown:
    """Operators: let a broker in again."""
    return brokers.shown(session, caller, brokers.readmit(session, caller, broker_id, body))


@router.post("/{broker_id}/evaluations", status_code=201, response_model=EvaluationShown)
def draft_evaluation(
    request: Request,
    session: SessionDep,
    caller: PrincipalDep,
    broker_id: UUID,
    body: EvaluationDraft,
    key: IdempotencyKey = None,
) -> Response:
    """Operators: compute a broker's year, with the rating that the thresholds give."""

    def draft() -> EvaluationShown:
        made = evaluations.draft(session, caller, broker_id, body.year)
        return evaluations.shown_evaluation(caller, *made)

    return once(session, caller, key, request, body, draft)


@router.get("/{broker_id}/evaluations")
def get_evaluations(session: SessionDep, caller: PrincipalDep, broker_id: UUID) -> list[EvaluationShown]:
    """A broker's yearly evaluations, the newest year first."""
    return evaluations.list_evaluations(session, caller, broker_id)


@router.get("/{broker_id}/evaluations/{year}")
def get_evaluation(
    session: SessionDep, caller: PrincipalDep, broker_id: UUID, year: YearOf
) -> EvaluationShown:
    """Read the evaluation of one year."""
    return evaluations.shown_evaluation(
        caller, *evaluations.access_evaluation(session, caller, broker_id, year)
    )


@router.post("/{broker_id}/evaluations/{year}/recompute")
def recompute_evaluation(
    session: SessionDep, caller: PrincipalDep, broker_id: UUID, year: YearOf
) -> EvaluationShown:
    """Operators: count a draft again."""
    return evaluations.shown_evaluation(caller, *evaluations.recompute(session, caller, broker_id, year))


@router.post("/{broker_id}/evaluations/{year}/confirm")
def confirm_evaluation(
    session: SessionDep, caller: PrincipalDep, broker_id: UUID, year: YearOf, body: EvaluationConfirm
) -> EvaluationShown:
    """Operators: confirm the rating, or give another with a reason. The broker is told."""
    return evaluations.shown_evaluation(caller, *evaluations.confirm(session, caller, broker_id, year, body))


@router.post("/{broker_id}/evaluations/{year}/answer")
def answer_evaluation(
    session: SessionDep, caller: PrincipalDep, broker_id: UUID, year: YearOf, body: EvaluationAnswer
) -> EvaluationShown:
    """The broker: say something to an evaluation."""
    return evaluations.shown_evaluation(caller, *evaluations.answer(session, caller, broker_id, year, body))
