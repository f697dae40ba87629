"""Contracts on the portal: one's own, and for operators those that wait to be registered."""

import json
import secrets
from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BaseModel, ValidationError
from sqlmodel import Session
from starlette.datastructures import FormData

from schemas.contract import (
    CancelGround,
    ContractCancel,
    ContractRefuse,
    ContractRegister,
    ContractShown,
    ContractSign,
    ContractStatus,
    ContractSubmit,
)
from schemas.contract_check import EvidenceKind, PrecheckQuery, RefusalGround
from schemas.contract_terms import ContractContent, ContractType
from service import contract_drafts, contract_registration, contracts
from service.auth import Permission, Principal
from service.db import SessionDep
from service.errors import NotThere, field_problems
from service.idempotency import once
from service.introductions import access_introduction
from service.web.contract_fields import form_of, read_form, told, typed
from service.web.pages import PageLanguageDep, render
from service.web.posting_form import Filled
from service.web.sessions import SenderDep, SentFormDep, SignedIn, SignedInDep

router = APIRouter(include_in_schema=False)
B = TypeVar("B", bound=BaseModel)

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


@router.get("/introductions/{introduction_id}/contract")
def draft_page(
    request: Request,
    session: SessionDep,
    visitor: SignedInDep,
    language: PageLanguageDep,
    introduction_id: UUID,
    type: ContractType = ContractType.development,  # noqa: A002
) -> HTMLResponse:
    access_introduction(session, visitor.principal, introduction_id)
    address = f"/introductions/{introduction_id}/contract"
    return _form(request, visitor, language, type, Filled({}, None, {}), address)


@router.post("/introductions/{introduction_id}/contract")
def draft(
    request: Request,
    session: SessionDep,
    visitor: SenderDep,
    language: PageLanguageDep,
    form: SentFormDep,
    introduction_id: UUID,
    type: ContractType = ContractType.development,  # noqa: A002
) -> Response:
    sent = read_form(type, form, None, language)
    if sent.errors:
        address = f"/introductions/{introduction_id}/contract"
        return _form(request, visitor, language, type, sent, address, status=422)

    def make() -> ContractShown:
        made = contract_drafts.draft_from(session, visitor.principal, introduction_id, sent.body)
        return contracts.shown(session, visitor.principal, [made])[0]

    answer = once(session, visitor.principal, str(form.get("once") or ""), request, sent.body, make)
    return RedirectResponse(f"/contracts/{json.loads(bytes(answer.body))['id']}", 303)


@router.get("/contracts/{contract_id}")
def contract_page(
    request: Request, session: SessionDep, visitor: SignedInDep, language: PageLanguageDep, contract_id: UUID
) -> HTMLResponse:
    return _page(request, session, visitor, language, contract_id)


@router.get("/contracts/{contract_id}/content")
def content_page(
    request: Request,
    session: SessionDep,
    visitor: SignedInDep,
    language: PageLanguageDep,
    contract_id: UUID,
    type: ContractType | None = None,  # noqa: A002
) -> HTMLResponse:
    """Write another version of a draft, or propose an amendment."""
    content, version = _content(session, visitor.principal, contract_id)
    values = {**typed(content), "version": version}
    wanted = type or content.type
    address = f"/contracts/{contract_id}/content"
    return _form(request, visitor, language, wanted, Filled(values, None, {}), address)


@router.post("/contracts/{contract_id}/content")
def write_content(
    request: Request,
    session: SessionDep,
    visitor: SenderDep,
    language: PageLanguageDep,
    form: SentFormDep,
    contract_id: UUID,
    type: ContractType = ContractType.development,  # noqa: A002
) -> Response:
    caller = visitor.principal
    content, _ = _content(session, caller, contract_id)
    sent = read_form(type, form, content, language)
    if sent.errors:
        sent = Filled({**sent.values, "version": form.get("version")}, None, sent.errors)
        address = f"/contracts/{contract_id}/content"
        return _form(request, visitor, language, type, sent, address, status=422)
    found, _ = contracts.access_contract(session, caller, contract_id)
    if found.status in _WRITING:
        seen = str(form.get("version") or "")
        version = int(seen) if seen.isdecimal() else None
        contracts.change(session, caller, contract_id, sent.body, version)
    else:
        contracts.amend(session, caller, contract_id, sent.body)
    return RedirectResponse(f"/contracts/{contract_id}", 303)


@router.post("/contracts/{contract_id}/{verb}")
def act(
    request: Request,
    session: SessionDep,
    visitor: SenderDep,
    language: PageLanguageDep,
    form: SentFormDep,
    contract_id: UUID,
    verb: str,
) -> Response:
    """Sign, hand in, register and the rest, each by a form of its own."""
    caller = visitor.principal
    if verb in _PLAIN:
        _PLAIN[verb](session, caller, contract_id)
    elif verb in _WITH_BODY:
        shape, action = _WITH_BODY[verb]
        try:
            body = shape.model_validate(_given(shape, form))
        except ValidationError as error:
            [problem, *_] = field_problems(error.errors(), language)
            wrong = {verb: problem.message}
            return _page(request, session, visitor, language, contract_id, status=422, wrong=wrong)
        action(session, caller, contract_id, body)
    else:
        raise NotThere
    return RedirectResponse(f"/contracts/{contract_id}", 303)


def _given(shape: type[BaseModel], form: FormData) -> dict[str, Any]:
    """Empty fields are left out, as if nobody had named them."""
    given: dict[str, Any] = {}
    for name in shape.model_fields.keys() & form.keys():
        values = [one.strip() for one in form.getlist(name) if isinstance(one, str) and one.strip()]
        if values:
            given[name] = values if name == "evidence" else values[-1]
    return given


def _content(session: Session, caller: Principal, contract_id: UUID) -> tuple[ContractContent, int]:
    found, _ = contracts.access_contract(session, caller, contract_id, "read versions")
    [counting] = [one for one in contracts.list_versions(session, caller, contract_id) if one.counts]
    return counting.content, found.version


def _page(
    request: Request,
    session: Session,
    visitor: SignedIn,
    language: str,
    contract_id: UUID,
    *,
    status: int = 200,
    wrong: dict[str, str] | None = None,
) -> HTMLResponse:
    caller = visitor.principal
    found, _ = contracts.access_contract(session, caller, contract_id)
    shown = contracts.shown(session, caller, [found])[0]
    versions, checked = [], None
    if shown.content is not None:
        versions = contracts.list_versions(session, caller, contract_id)
        checked = contract_registration.precheck(session, caller, contract_id, PrecheckQuery(), language)
    return render(
        request,
        "contract.html",
        status=status,
        visitor=visitor,
        one=shown,
        mine=caller.organization_id,
        lines=list(told(shown.content, language)) if shown.content else [],
        versions=versions,
        checked=checked,
        wrong=wrong or {},
        evidence_kinds=list(EvidenceKind),
        refusal_grounds=list(RefusalGround),
        cancel_grounds=list(CancelGround),
    )


def _form(
    request: Request,
    visitor: SignedIn,
    language: str,
    type_: ContractType,
    sent: Filled,
    address: str,
    *,
    status: int = 200,
) -> HTMLResponse:
    return render(
        request,
        "contract_form.html",
        status=status,
        visitor=visitor,
        type=type_,
        types=list(ContractType),
        address=address,
        fields=form_of(type_, language, sent.values, sent.errors),
        version=sent.values.get("version", ""),
        once=secrets.token_urlsafe(16),
    )
