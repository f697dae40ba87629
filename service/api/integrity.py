"""/v1/integrity and /v1/vetoes: 科研诚信承诺 and 一票否决."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from schemas.base import Page
from schemas.integrity import (
    DeclarationMake,
    DeclarationShown,
    IntegrityShown,
    VetoChange,
    VetoLift,
    VetoMake,
    VetoShown,
)
from service.access import integrity
from service.http.dependencies import PrincipalDep, SessionDep
from service.http.etags import IfMatch, tag
from service.http.once import IdempotencyKey, once
from service.platform.paging import ListQuery
from service.trust import vetoes
from service.trust.vetoes import VetoQuery

router = APIRouter(prefix="/v1", tags=["integrity"])


@router.get("/integrity")
def get_integrity(session: SessionDep, caller: PrincipalDep) -> IntegrityShown:
    """Where one's own organisation stands: the text, its declaration, and what bars it."""
    return vetoes.integrity_status(session, caller)


@router.post("/integrity/declarations", status_code=201, response_model=DeclarationShown)
def declare_integrity(
    request: Request,
    session: SessionDep,
    caller: PrincipalDep,
    body: DeclarationMake,
    key: IdempotencyKey = None,
) -> Response:
    """Declare research integrity for one's own organisation, for a year."""
    return once(session, caller, key, request, body, lambda: integrity.declare(session, caller, body))


@router.get("/integrity/declarations")
def get_declarations(
    session: SessionDep, caller: PrincipalDep, asked: Annotated[ListQuery, Query()]
) -> Page[DeclarationShown]:
    """List one's own organisation's declarations, newest first; operators read all."""
    return integrity.list_declarations(session, caller, asked)


@router.post("/vetoes", status_code=201, response_model=VetoShown)
def enter_veto(
    request: Request, session: SessionDep, caller: PrincipalDep, body: VetoMake, key: IdempotencyKey = None
) -> Response:
    """Operators: bar an organisation. It neither publishes nor takes up introductions while it lasts."""

    def enter() -> VetoShown:
        return vetoes.shown_veto(session, vetoes.enter(session, caller, body))

    return once(session, caller, key, request, body, enter)


@router.get("/vetoes")
def get_vetoes(
    session: SessionDep, caller: PrincipalDep, asked: Annotated[VetoQuery, Query()]
) -> Page[VetoShown]:
    """List the vetoes: operators read all, an organisation its own."""
    return vetoes.list_vetoes(session, caller, asked)


@router.get("/vetoes/{veto_id}")
def get_veto(session: SessionDep, caller: PrincipalDep, veto_id: UUID, response: Response) -> VetoShown:
    """Read one veto."""
    veto = vetoes.access_veto(session, caller, veto_id)
    tag(response, veto.version)
    return vetoes.shown_veto(session, veto)


@router.patch("/vetoes/{veto_id}")
def change_veto(
    session: SessionDep,
    caller: PrincipalDep,
    veto_id: UUID,
    body: VetoChange,
    response: Response,
    seen: IfMatch,
) -> VetoShown:
    """Operators: correct a veto, or give it another end."""
    veto = vetoes.access_veto(session, caller, veto_id, "change", seen)
    vetoes.change(session, caller, veto, body)
    tag(response, veto.version)
    return vetoes.shown_veto(session, veto)


@router.post("/vetoes/{veto_id}/lift")
def lift_veto(
    session: SessionDep, caller: PrincipalDep, veto_id: UUID, body: VetoLift, seen: IfMatch
) -> VetoShown:
    """Operators: end a veto before its day. It stays on the list, as lifted."""
    veto = vetoes.access_veto(session, caller, veto_id, "lift", seen)
    return vetoes.shown_veto(session, vetoes.lift(session, caller, veto, body))
