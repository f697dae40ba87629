"""The form that asks for an introduction, or proposes one."""

import secrets
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BaseModel, ValidationError
from sqlmodel import Session

from schemas.capability import Capability
from schemas.introduction import IntroductionAsk
from schemas.need import Need
from service.http.dependencies import LiveIndexDep, SessionDep
from service.introductions import introductions
from service.introductions import requests as introduction_requests
from service.introductions.nda_versions import STANDARD_TEXT
from service.platform.problems import Conflict, Unfit, WrongState, field_problems, why
from service.portal.field_errors import id_in
from service.portal.once import once
from service.portal.pages import PageLanguageDep, render
from service.portal.sessions import SenderDep, SentFormDep, SignedIn, SignedInDep

router = APIRouter(include_in_schema=False, prefix="/introductions")


@router.get("/new")
def ask_page(
    request: Request, session: SessionDep, visitor: SignedInDep, need_id: UUID, capability_id: UUID
) -> HTMLResponse:
    return _page(request, session, visitor, need_id, capability_id, {"nda": STANDARD_TEXT})


@router.post("/new")
def ask(
    request: Request,
    session: SessionDep,
    index: LiveIndexDep,
    visitor: SenderDep,
    language: PageLanguageDep,
    form: SentFormDep,
) -> Response:
    values = given(form, "need_id", "capability_id", "message")
    if form.get("with_nda"):
        values |= given(form, "nda")
    if score := given(form, "human_score"):
        values["human_score"] = _share(score["human_score"])
    body, wrong = read_form(IntroductionAsk, {**values, "contacts": contacts_of(form)}, language)
    if body is None:
        need_id, capability_id = id_in(form.get("need_id")), id_in(form.get("capability_id"))
        return _page(request, session, visitor, need_id, capability_id, form, wrong)
    asked: IntroductionAsk = body
    caller = visitor.principal

    def make() -> BaseModel:
        made = introduction_requests.ask(session, caller, index, asked, language)
        return introductions.shown(session, caller, [made], language)[0]

    try:
        # What is refused leaves no trace, the mark of this form included.
        with session.begin_nested():
            made = once(session, caller, form, request, asked, make)
    except (Conflict, Unfit, WrongState) as refused:
        if there := refused.more.get("introduction_id"):
            return RedirectResponse(f"/introductions/{there}", 303)
        wrong = why(refused, language)
        return _page(request, session, visitor, asked.need_id, asked.capability_id, form, wrong)
    return RedirectResponse(f"/introductions/{made['id']}", 303)


def given(form: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """What was filled in. An empty field is one that nobody named."""
    values = {name: str(form.get(name) or "").strip() for name in names}
    return {name: value for name, value in values.items() if value}


def contacts_of(form: Mapping[str, Any]) -> list[dict[str, str]]:
    contact = {
        name.removeprefix("contact_"): value
        for name, value in given(form, "contact_name", "contact_phone", "contact_email").items()
    }
    return [contact] if contact else []


def read_form(shape: type[BaseModel], values: Mapping[str, Any], language: str) -> tuple[Any, str]:
    """A body of the API; or None, and what is wrong."""
    try:
        return shape.model_validate(values), ""
    except ValidationError as error:
        [told, *_] = field_problems(error.errors(), language)
        return None, told.message


def _share(percent: str) -> Any:
    """People give a score in percent."""
    return float(percent) / 100 if percent.isdecimal() else percent


def _page(
    request: Request,
    session: Session,
    visitor: SignedIn,
    need_id: UUID,
    capability_id: UUID,
    typed: Mapping[str, Any],
    wrong: str = "",
) -> HTMLResponse:
    caller = visitor.principal
    need = introduction_requests.dockable(session, caller, Need, need_id)
    capability = introduction_requests.dockable(session, caller, Capability, capability_id)
    return render(
        request,
        "introduction_ask.html",
        status=422 if wrong else 200,
        visitor=visitor,
        need=need,
        capability=capability,
        side=caller.organization_id in (need.organization_id, capability.organization_id),
        typed=typed,
        wrong=wrong,
        once=secrets.token_urlsafe(16),
    )
