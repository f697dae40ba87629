"""Contracts on the portal: one's own, and for operators those that wait to be registered."""

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any, NamedTuple
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BaseModel, ValidationError
from sqlmodel import Session
from starlette.datastructures import ImmutableMultiDict

from schemas.base import Label
from schemas.contract import (
    CancelGround,
    ContractCancel,
    ContractRefuse,
    ContractRegister,
    ContractSign,
    ContractStatus,
    ContractSubmit,
)
from schemas.contract_check import EvidenceKind, PrecheckQuery, RefusalGround
from schemas.contract_terms import ContractType
from service.access.principal import Permission, Principal
from service.contracts import contracts
from service.contracts import registration as contract_registration
from service.contracts.export import KINDS, Format, export_contracts
from service.http.dependencies import SessionDep
from service.platform.problems import Conflict, NotThere, Unfit, WrongState, field_problems, why
from service.portal.contracts.fields import told
from service.portal.pages import PageLanguageDep, render
from service.portal.sessions import SenderDep, SentFormDep, SignedIn, SignedInDep

router = APIRouter(include_in_schema=False)

_MOST = 200
# Verbs that say all by themselves, and those that need a body.
_PLAIN: dict[str, Callable[[Session, Principal, UUID], Any]] = {
    "terminate": contracts.terminate,
    "restore": contracts.restore,
    "withdraw": contract_registration.withdraw,
    "fulfil": contracts.fulfil,
}
_WITH_BODY: dict[str, tuple[type[BaseModel], Callable[..., Any]]] = {
    "sign": (ContractSign, contracts.sign),
    "submit": (ContractSubmit, contract_registration.submit),
    "register": (ContractRegister, contract_registration.register),
    "refuse": (ContractRefuse, contract_registration.refuse),
    "cancel": (ContractCancel, contracts.cancel),
}
_WRITING = {ContractStatus.draft, ContractStatus.amending}


class Beside(NamedTuple):
    """What is the matter, by the verb whose form was sent, and what was typed there; what the pre-check is asked."""

    status: int = 200
    wrong: Mapping[str, str] = MappingProxyType({})
    typed: Mapping[str, Any] = MappingProxyType({})
    asked: PrecheckQuery = PrecheckQuery()


@router.get("/contracts")
def contracts_page(request: Request, session: SessionDep, visitor: SignedInDep) -> HTMLResponse:
    caller = visitor.principal
    asked = contracts.ContractQuery(limit=_MOST)
    waiting = []
    if caller.may(Permission.contract_register):
        submitted = contracts.ContractQuery(status=[ContractStatus.submitted], limit=_MOST)
        waiting = contracts.list_contracts(session, caller, submitted).items
        waiting.sort(key=lambda one: str(one.due_on))
    return render(
        request,
        "contracts.html",
        visitor=visitor,
        waiting=waiting,
        found=contracts.list_contracts(session, caller, asked).items,
    )


@router.get("/contracts/export.{ending}")
def export(session: SessionDep, visitor: SignedInDep, ending: Format) -> Response:
    """One's contracts, operators everybody's, in the columns of the national registration form."""
    return Response(
        export_contracts(session, visitor.principal, ending),
        media_type=KINDS[ending],
        headers={"Content-Disposition": f'attachment; filename="duijie-contracts.{ending}"'},
    )


@router.get("/contracts/{contract_id}")
def contract_page(
    request: Request, session: SessionDep, visitor: SignedInDep, language: PageLanguageDep, contract_id: UUID
) -> HTMLResponse:
    """The address may say what only people know who hand it in; the pre-check then looks at that too."""
    try:
        asked = PrecheckQuery.model_validate(_given(PrecheckQuery, request.query_params))
    except ValidationError as error:
        wrong = {"precheck": _first(error, language)}
        return _page(request, session, visitor, language, contract_id, Beside(422, wrong))
    return _page(request, session, visitor, language, contract_id, Beside(asked=asked))


@router.post("/contracts/{contract_id}/{verb}")
def act(
    request: Request,
    session: SessionDep,
    visitor: SenderDep,
    language: PageLanguageDep,
    form: SentFormDep,
    contract_id: UUID,
    verb: Label,
) -> Response:
    """Sign, hand in, register and the rest, each by a form of its own."""
    caller = visitor.principal
    if verb in _PLAIN:
        deed: Callable[..., Any] = _PLAIN[verb]
    elif verb in _WITH_BODY:
        shape, action = _WITH_BODY[verb]
        try:
            body = shape.model_validate(_given(shape, form))
        except ValidationError as error:
            wrong = {verb: _first(error, language)}
            return _page(request, session, visitor, language, contract_id, Beside(422, wrong, form))
        deed = partial(action, body=body)
    else:
        raise NotThere
    try:
        # What is refused leaves no trace, and the page reads in the same transaction.
        with session.begin_nested():
            deed(session, caller, contract_id)
        return RedirectResponse(f"/contracts/{contract_id}", 303)
    except (Unfit, Conflict, WrongState) as refused:
        wrong, status = {verb: why(refused, language)}, refused.status
        return _page(request, session, visitor, language, contract_id, Beside(status, wrong, form))


def _first(error: ValidationError, language: str) -> str:
    [problem, *_] = field_problems(error.errors(), language)
    return problem.message


def _given(shape: type[BaseModel], form: ImmutableMultiDict[str, Any]) -> dict[str, Any]:
    """Empty fields are left out, as if nobody had named them."""
    given: dict[str, Any] = {}
    for name in shape.model_fields.keys() & form.keys():
        values = [one.strip() for one in form.getlist(name) if isinstance(one, str) and one.strip()]
        if values:
            given[name] = values if name == "evidence" else values[-1]
    return given


def _page(
    request: Request,
    session: Session,
    visitor: SignedIn,
    language: str,
    contract_id: UUID,
    beside: Beside,
) -> HTMLResponse:
    caller = visitor.principal
    found, _ = contracts.access_contract(session, caller, contract_id)
    shown = contracts.shown(session, caller, [found])[0]
    versions, checked = [], None
    if shown.content is not None:
        versions = contracts.list_versions(session, caller, contract_id)
        checked = contract_registration.precheck(session, caller, contract_id, beside.asked, language)
    return render(
        request,
        "contract.html",
        status=beside.status,
        visitor=visitor,
        one=shown,
        mine=caller.organization_id,
        lines=list(told(shown.content, language)) if shown.content else [],
        versions=versions,
        checked=checked,
        wrong=beside.wrong,
        typed=beside.typed,
        asked=beside.asked,
        types=list(ContractType),
        evidence_kinds=list(EvidenceKind),
        refusal_grounds=list(RefusalGround),
        cancel_grounds=list(CancelGround),
    )
