"""/v1/statistics: how far it has come, and what lacks supply."""

from typing import Annotated

from fastapi import APIRouter, Query

from schemas.gap import Gaps
from schemas.introduction_figures import IntroductionFigures
from schemas.statistics import Statistics
from schemas.transfer import Transfers
from service.http.dependencies import PrincipalDep, SessionDep
from service.introductions.figures import introduction_figures
from service.matches.gaps import GapQuery, list_gaps
from service.statistics.statistics import statistics
from service.statistics.transfers import TransferQuery, list_transfers

router = APIRouter(prefix="/v1/statistics", tags=["statistics"])


@router.get("")
def get_statistics(session: SessionDep, caller: PrincipalDep) -> Statistics:
    """What is published, by domain, affiliation and item of the plan. Null is not measured, or not for the caller."""
    return statistics(session, caller)


@router.get("/gaps")
def get_gaps(session: SessionDep, caller: PrincipalDep, asked: Annotated[GapQuery, Query()]) -> Gaps:
    """Published needs for which nothing good exists, newest first, each with its nearest miss."""
    return list_gaps(session, caller, asked)


@router.get("/introductions")
def get_introduction_figures(session: SessionDep, caller: PrincipalDep) -> IntroductionFigures:
    """How introductions go: by status, stage and outcome, why people say no, what became of it. For operators."""
    return introduction_figures(session, caller)


@router.get("/transfers")
def get_transfers(
    session: SessionDep, caller: PrincipalDep, asked: Annotated[TransferQuery, Query()]
) -> Transfers:
    """Publicly funded results whose day (成果限时转化) is near or past, unless asked otherwise; earliest first."""
    return list_transfers(session, caller, asked)
