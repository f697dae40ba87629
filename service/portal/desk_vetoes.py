"""The desk's list of whom a breach of integrity bars: entering one, and lifting it."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import ValidationError

from schemas.integrity import VetoLift, VetoMake
from service.http.dependencies import SessionDep
from service.portal.desk import show_desk
from service.portal.field_errors import by_field
from service.portal.organizations import named_organization
from service.portal.pages import PageLanguageDep
from service.portal.sessions import SenderDep, SentFormDep
from service.trust import vetoes

router = APIRouter(include_in_schema=False, prefix="/desk/vetoes")

_FIELDS = ("reason", "decided_by", "source", "starts_on", "ends_on")


@router.post("")
def enter_veto(
    request: Request, session: SessionDep, visitor: SenderDep, form: SentFormDep, language: PageLanguageDep
) -> Response:
    named = str(form.get("organization") or "").strip()
    given: dict[str, Any] = {name: value for name in _FIELDS if (value := str(form.get(name) or "").strip())}
    try:
        body = VetoMake.model_validate({**given, "organization_id": named_organization(session, named)})
    except ValidationError as error:
        [wrong, *_] = by_field(error.errors(), language).items()
        return show_desk(request, session, visitor, status=422, veto_wrong=wrong, typed=form)
    vetoes.enter(session, visitor.principal, body)
    return RedirectResponse("/desk#vetoes", 303)


@router.post("/{veto_id}/lift")
def lift_veto(
    request: Request,
    session: SessionDep,
    visitor: SenderDep,
    form: SentFormDep,
    language: PageLanguageDep,
    veto_id: UUID,
) -> Response:
    veto = vetoes.access_veto(session, visitor.principal, veto_id, "lift")
    try:
        body = VetoLift(reason=str(form.get("reason") or "").strip() or "—")
    except ValidationError as error:
        [wrong, *_] = by_field(error.errors(), language).items()
        return show_desk(request, session, visitor, status=422, veto_wrong=wrong, typed=form)
    vetoes.lift(session, visitor.principal, veto, body)
    return RedirectResponse("/desk#vetoes", 303)
