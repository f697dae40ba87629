"""/v1/statistics: what operators and brokers watch."""

from typing import Annotated

from fastapi import APIRouter, Query

from schemas.gap import Gaps
from service.auth import PrincipalDep
from service.db import SessionDep
from service.gaps import GapQuery, list_gaps

router = APIRouter(prefix="/v1/statistics", tags=["statistics"])


@router.get("/gaps")
def get_gaps(session: SessionDep, caller: PrincipalDep, asked: Annotated[GapQuery, Query()]) -> Gaps:
    """Published needs for which nothing good exists, newest first, each with its nearest miss."""
    return list_gaps(session, caller, asked)
