"""Writing a contract on the portal: a draft, another version, or one that was concluded elsewhere."""

import secrets
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import ValidationError
from sqlmodel import Session
from starlette.datastructures import FormData

from schemas.contract import ContractEntered, ContractShown, ContractStatus
from schemas.contract_terms import ContractContent, ContractType
from service.access.principal import Permission, Principal
from service.contracts import contracts
from service.contracts import drafts as contract_drafts
from service.http.dependencies import SessionDep
from service.introductions.introductions import access_introduction
from service.platform.locales import messages_of
from service.platform.problems import Conflict, Problem, Unfit, VersionChanged, why
from service.portal.contracts.fields import form_of, read_form, typed
from service.portal.field_errors import by_field
from service.portal.form_fields import Control, FieldShown, Filled
from service.portal.once import once
from service.portal.organizations import named_organization
from service.portal.pages import PageLanguageDep, render
from service.portal.sessions import SenderDep, SentFormDep, SignedIn, SignedInDep

router = APIRouter(include_in_schema=False)

_WRITING = {ContractStatus.draft, ContractStatus.amending}
_ENTRY = "/contracts/new"
_SIDES = ("seeker", "provider")
_ENTERED = (*_SIDES, "signed_on")


@router.get("/introductions/{introduction_id}/contract")
def draft_page(
    request: Request,
    session: SessionDep,
    visitor: SignedInDep,
    language: PageLanguageDep,
    introduction_id: UUID,
    type: ContractType = ContractType.development,  # noqa: A002
) -> HTMLResponse:
    access_introduction(session, visitor.principal, introduction_id, "contract")
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
    address = f"/introductions/{introduction_id}/contract"
    if sent.errors:
        return _form(request, visitor, language, type, sent, address, status=422)

    def make() -> ContractShown:
        made = contract_drafts.draft_from(session, visitor.principal, introduction_id, sent.body)
        return contracts.shown(session, visitor.principal, [made])[0]

    try:
        with session.begin_nested():
            made = once(session, visitor.principal, form, request, sent.body, make)
    except (Conflict, Unfit) as refused:
        return _form(
            request,
            visitor,
            language,
            type,
            _refused(sent, refused, language),
            address,
            status=refused.status,
        )
    return RedirectResponse(f"/contracts/{made['id']}", 303)


@router.get("/contracts/new")
def entry_page(
    request: Request,
    visitor: SignedInDep,
    language: PageLanguageDep,
    type: ContractType = ContractType.development,  # noqa: A002
) -> HTMLResponse:
    """Operators enter a contract that was concluded elsewhere."""
    visitor.principal.require(Permission.contract_register)
    return _form(request, visitor, language, type, Filled({}, None, {}), _ENTRY)


@router.post("/contracts/new")
def enter(
    request: Request,
    session: SessionDep,
    visitor: SenderDep,
    language: PageLanguageDep,
    form: SentFormDep,
    type: ContractType = ContractType.development,  # noqa: A002
) -> Response:
    caller = visitor.principal
    caller.require(Permission.contract_register)
    sent = _entered(session, type, form, language)
    if sent.errors:
        return _form(request, visitor, language, type, sent, _ENTRY, status=422)

    def make() -> ContractShown:
        return contracts.shown(session, caller, [contract_drafts.enter(session, caller, sent.body)])[0]

    try:
        with session.begin_nested():
            made = once(session, caller, form, request, sent.body, make)
    except (Conflict, Unfit) as refused:
        again = _refused(sent, refused, language)
        return _form(request, visitor, language, type, again, _ENTRY, status=refused.status)
    return RedirectResponse(f"/contracts/{made['id']}", 303)


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
    values = {**typed(content, language), "version": version}
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
    version, address = str(form.get("version") or ""), f"/contracts/{contract_id}/content"
    sent = Filled({**sent.values, "version": version}, sent.body, sent.errors)
    if sent.errors:
        return _form(request, visitor, language, type, sent, address, status=422)
    found, _ = contracts.access_contract(session, caller, contract_id)
    try:
        with session.begin_nested():
            if found.status in _WRITING:
                seen = frozenset({int(version)}) if version.isdecimal() else None
                contracts.change(session, caller, contract_id, sent.body, seen)
            else:
                contracts.amend(session, caller, contract_id, sent.body)
    except (VersionChanged, Unfit) as refused:
        again = _refused(sent, refused, language)
        return _form(request, visitor, language, type, again, address, status=refused.status)
    return RedirectResponse(f"/contracts/{contract_id}", 303)


def _entered(session: Session, type_: ContractType, form: FormData, language: str) -> Filled:
    """Both sides by name, the day, and what the contract says."""
    sent = read_form(type_, form, None, language)
    said = {name: str(form.get(name) or "").strip() for name in _ENTERED}
    errors = dict(sent.errors)
    body: dict[str, Any] = {"content": sent.body, "signed_on": said["signed_on"]}
    for name in _SIDES:
        body[f"{name}_id"] = named_organization(session, said[name])
        if body[f"{name}_id"] is None:
            unknown = messages_of(language).gettext("平台上没有这家单位：")
            errors[name] = f"{unknown}{said[name]}"
    values = {**sent.values, **said}
    if errors:
        return Filled(values, None, errors)
    try:
        return Filled(values, ContractEntered.model_validate(body), {})
    except ValidationError as error:
        return Filled(values, None, by_field(error.errors(), language))


def _refused(sent: Filled, problem: Problem, language: str) -> Filled:
    """What was typed, with what is wrong beside its field, or beside the first where it has none."""
    path = problem.pointer.strip("/").replace("/", ".") if isinstance(problem, Unfit) else "title"
    side = path.removesuffix("_id")
    return Filled(sent.values, None, {side if side in _SIDES else path: why(problem, language)})


def _content(session: Session, caller: Principal, contract_id: UUID) -> tuple[ContractContent, int]:
    found, _ = contracts.access_contract(session, caller, contract_id, "read versions")
    [counting] = [one for one in contracts.list_versions(session, caller, contract_id) if one.counts]
    return counting.content, found.version


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
    fields = form_of(type_, language, sent.values, sent.errors)
    if address == _ENTRY:
        fields = [*_entry_fields(language, sent), *fields]
    return render(
        request,
        "contract_form.html",
        status=status,
        visitor=visitor,
        type=type_,
        types=list(ContractType),
        address=address,
        fields=fields,
        version=sent.values.get("version", ""),
        once=secrets.token_urlsafe(16),
    )


def _entry_fields(language: str, sent: Filled) -> list[FieldShown]:
    _ = messages_of(language).gettext
    named = _("单位全称、统一社会信用代码或编号")
    rows: list[tuple[str, Control, str, str]] = [
        ("seeker", "line", _("买方"), named),
        ("provider", "line", _("卖方"), named),
        ("signed_on", "date", _("签订日期"), ""),
    ]
    return [
        FieldShown(
            name, control, label, hint, True, value=sent.values.get(name, ""), error=sent.errors.get(name, "")
        )
        for name, control, label, hint in rows
    ]
