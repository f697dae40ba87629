"""Brokers' pages: what waits for them, what became of their proposals, their years; operators judge here."""

from typing import Annotated, Any, Literal, TypeVar
from uuid import UUID

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BaseModel, ValidationError
from sqlmodel import Session

from schemas.base import Plain
from schemas.broker import (
    BrokerChange,
    BrokerCreate,
    BrokerEnd,
    BrokerEndGround,
    BrokerLevel,
    BrokerRating,
    BrokerReadmit,
    BrokerStanding,
    EvaluationAnswer,
    EvaluationConfirm,
    EvaluationDraft,
)
from schemas.domains import DOMAINS
from schemas.introduction import IntroductionAsk
from service.access.principal import Permission
from service.brokers import brokers, evaluations
from service.http.dependencies import LiveIndexDep, SessionDep
from service.introductions import requests as introduction_requests
from service.introductions.worklist import WorklistQuery, worklist
from service.platform.china_time import today
from service.platform.problems import Conflict, Problem, Unfit, field_problems, why
from service.portal.field_errors import number_in
from service.portal.pages import PageLanguageDep, render
from service.portal.sessions import SenderDep, SentFormDep, SignedIn, SignedInDep

router = APIRouter(include_in_schema=False, prefix="/broker")

B = TypeVar("B", bound=BaseModel)
_MOST = 20
_BOXES = [key for key, one in DOMAINS.items() if one.parent is None]


class _NotRead(Exception):
    """What a form held is no body; the message says what is wrong with it."""


@router.get("")
def broker_page(
    request: Request,
    session: SessionDep,
    visitor: SignedInDep,
    cursor: Plain | None = None,
) -> HTMLResponse:
    return _page(request, session, visitor, cursor=cursor)


@router.post("/profile")
def keep_profile(
    request: Request, session: SessionDep, visitor: SenderDep, language: PageLanguageDep, form: SentFormDep
) -> Response:
    """Register, or change what was registered."""
    caller = visitor.principal
    values = {
        "level": form.get("level") or None,
        "certificate": str(form.get("certificate") or "").strip() or None,
        "domains": form.getlist("domains"),
    }
    own = brokers.broker_of(session, caller)
    try:
        if own is None:
            brokers.register(session, caller, _read(BrokerCreate, values, language))
        else:
            broker = brokers.access_broker(session, caller, own.id, "change")
            brokers.change(session, caller, broker, _read(BrokerChange, values, language))
    except _NotRead as wrong:
        return _page(request, session, visitor, wrong=str(wrong))
    return RedirectResponse("/broker#profile", 303)


@router.post("/proposals")
def propose(
    request: Request,
    session: SessionDep,
    index: LiveIndexDep,
    visitor: SenderDep,
    language: PageLanguageDep,
    form: SentFormDep,
) -> Response:
    """Propose two others to each other, with one's own score from 0 to 100."""
    score = str(form.get("human_score") or "").strip()
    values: dict[str, Any] = {name: form.get(name) for name in ("need_id", "capability_id")}
    try:
        if score:
            whole = number_in(score)
            values["human_score"] = score if whole is None else whole / 100
        body = _read(IntroductionAsk, values, language)
        introduction_requests.ask(session, visitor.principal, index, body, language)
    except (_NotRead, Conflict) as wrong:
        return _page(request, session, visitor, wrong=_told(wrong, language))
    return RedirectResponse("/broker", 303)


@router.get("/{broker_id}")
def record_page(request: Request, session: SessionDep, visitor: SignedInDep, broker_id: UUID) -> HTMLResponse:
    return _record(request, session, visitor, broker_id)


@router.post("/{broker_id}/evaluations")
def draft_evaluation(
    request: Request,
    session: SessionDep,
    visitor: SenderDep,
    language: PageLanguageDep,
    form: SentFormDep,
    broker_id: UUID,
) -> Response:
    try:
        body = _read(EvaluationDraft, {"year": form.get("year")}, language)
        evaluations.draft(session, visitor.principal, broker_id, body.year)
    except (_NotRead, Unfit, Conflict) as wrong:
        return _record(request, session, visitor, broker_id, wrong=_told(wrong, language))
    return _back(broker_id)


@router.post("/{broker_id}/evaluations/{year}/{verb}")
def move_evaluation(
    request: Request,
    session: SessionDep,
    visitor: SenderDep,
    language: PageLanguageDep,
    form: SentFormDep,
    broker_id: UUID,
    year: Annotated[int, Path(ge=2000, le=2100)],
    verb: Literal["confirm", "recompute", "answer"],
) -> Response:
    caller = visitor.principal
    said = {name: str(form.get(name) or "").strip() for name in ("rating", "reason", "answer")}
    try:
        if verb == "recompute":
            evaluations.recompute(session, caller, broker_id, year)
        elif verb == "confirm":
            given = {"rating": said["rating"] or None, "reason": said["reason"]}
            evaluations.confirm(session, caller, broker_id, year, _read(EvaluationConfirm, given, language))
        else:
            answer = _read(EvaluationAnswer, {"answer": said["answer"]}, language)
            evaluations.answer(session, caller, broker_id, year, answer)
    except (_NotRead, Unfit) as wrong:
        return _record(request, session, visitor, broker_id, wrong=_told(wrong, language))
    return _back(broker_id)


@router.post("/{broker_id}/{verb}")
def move_standing(
    request: Request,
    session: SessionDep,
    visitor: SenderDep,
    language: PageLanguageDep,
    form: SentFormDep,
    broker_id: UUID,
    verb: Literal["end", "readmit"],
) -> Response:
    caller, reason = visitor.principal, str(form.get("reason") or "").strip()
    try:
        if verb == "end":
            given = {"ground": form.get("ground"), "year": form.get("year") or None, "reason": reason}
            brokers.end(session, caller, broker_id, _read(BrokerEnd, given, language))
        else:
            brokers.readmit(session, caller, broker_id, _read(BrokerReadmit, {"reason": reason}, language))
    except (_NotRead, Unfit) as wrong:
        return _record(request, session, visitor, broker_id, wrong=_told(wrong, language))
    return _back(broker_id)


def _page(
    request: Request,
    session: Session,
    visitor: SignedIn,
    *,
    cursor: str | None = None,
    wrong: str = "",
) -> HTMLResponse:
    caller = visitor.principal
    caller.require(Permission.broker_work)
    own = brokers.broker_of(session, caller)
    ended = own is not None and own.standing is BrokerStanding.ended
    try:
        asked = WorklistQuery(limit=_MOST, cursor=cursor)
    except ValidationError:
        asked = WorklistQuery(limit=_MOST)
    return render(
        request,
        "broker.html",
        status=422 if wrong else 200,
        visitor=visitor,
        wrong=wrong,
        work=None if ended else worklist(session, caller, asked),
        own=brokers.shown(session, caller, own) if own else None,
        all=brokers.list_brokers(session, caller, brokers.BrokerQuery(limit=200)).items
        if caller.may(Permission.broker_manage)
        else [],
        levels=list(BrokerLevel),
        boxes=_BOXES,
    )


def _record(
    request: Request,
    session: Session,
    visitor: SignedIn,
    broker_id: UUID,
    *,
    wrong: str = "",
) -> HTMLResponse:
    caller = visitor.principal
    return render(
        request,
        "broker_record.html",
        status=422 if wrong else 200,
        visitor=visitor,
        wrong=wrong,
        record=evaluations.record(session, caller, broker_id),
        evaluations=evaluations.list_evaluations(session, caller, broker_id),
        ratings=list(BrokerRating),
        grounds=list(BrokerEndGround),
        year=today().year,
    )


def _read(shape: type[B], values: dict[str, Any], language: str) -> B:
    try:
        return shape.model_validate(values)
    except ValidationError as error:
        problems = field_problems(error.errors(), language)
        raise _NotRead(" ".join(one.message for one in problems)) from error


def _told(wrong: Exception, language: str) -> str:
    return why(wrong, language) if isinstance(wrong, Problem) else str(wrong)


def _back(broker_id: UUID) -> RedirectResponse:
    return RedirectResponse(f"/broker/{broker_id}", 303)
