"""Signing in and out: with an API key, or through the region's own provider."""

from typing import Annotated

import structlog
from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import ValidationError

from schemas.base import Wording
from service.addresses import address_of, base_of, is_secure
from service.auth import principal_for
from service.db import SessionDep
from service.errors import NotThere, Problem, Unauthorized
from service.messages import said
from service.web import oidc, sessions
from service.web.pages import PageLanguageDep, render
from service.web.sessions import SenderDep, VisitorDep

log = structlog.get_logger()
router = APIRouter(include_in_schema=False)

_ATTEMPT_COOKIE = "duijie_sign_in"
_ATTEMPT_LASTS = 600
_BACK = "/sign-in/back"
_STALE = Wording("登录已超时，请重新登录", "Signing in took too long; try again")


@router.get("/sign-in")
def sign_in_page(request: Request, visitor: VisitorDep, onward: str = "/my") -> Response:
    if visitor:
        return _go(_within(onward))
    return _page(request, onward)


@router.post("/sign-in")
def sign_in(
    request: Request,
    session: SessionDep,
    language: PageLanguageDep,
    key: Annotated[str, Form()] = "",
    onward: Annotated[str, Form()] = "/my",
) -> Response:
    sessions.refuse_foreign_form(request)
    try:
        principal = principal_for(session, key.strip())
    except Unauthorized as problem:
        return _page(request, onward, problem, language)
    response = _go(_within(onward))
    sessions.start(session, principal, sessions.name_of_key(session, principal), request, response)
    return response


@router.post("/sign-out")
def sign_out(request: Request, session: SessionDep, visitor: SenderDep) -> Response:
    response = _go("/")
    log.info("signed out", key=str(visitor.principal.key_id))
    sessions.end(session, visitor.principal, request, response)
    return response


@router.get("/sign-in/provider")
def leave_for_provider(request: Request, language: PageLanguageDep, onward: str = "/my") -> Response:
    if not oidc.is_set_up():
        raise NotThere
    try:
        leaving = oidc.leave(_back_here(request), _within(onward))
    except Problem as problem:
        return _page(request, onward, problem, language)
    response = _go(leaving.address)
    response.set_cookie(
        _ATTEMPT_COOKIE,
        leaving.attempt.model_dump_json(),
        max_age=_ATTEMPT_LASTS,
        httponly=True,
        samesite="lax",
        secure=is_secure(request),
        path="/sign-in",
    )
    return response


@router.get(_BACK)
def come_back_from_provider(request: Request, session: SessionDep, language: PageLanguageDep) -> Response:
    try:
        attempt = oidc.Attempt.model_validate_json(request.cookies.get(_ATTEMPT_COOKIE, ""))
    except ValidationError:
        return _page(request, "/my", Unauthorized(_STALE), language)
    try:
        principal, name = oidc.come_back(session, address_of(request), _back_here(request), attempt)
    except Problem as problem:
        return _page(request, attempt.onward, problem, language)
    response = _go(attempt.onward)
    response.delete_cookie(_ATTEMPT_COOKIE, path="/sign-in")
    sessions.start(session, principal, name, request, response)
    return response


def _page(
    request: Request, onward: str, problem: Problem | None = None, language: str = "zh"
) -> HTMLResponse:
    detail = problem.detail or problem.title if problem else None
    return render(
        request,
        "sign_in.html",
        status=problem.status if problem else 200,
        onward=_within(onward),
        problem=said(detail, language) if detail else "",
        provider=oidc.is_set_up(),
    )


def _back_here(request: Request) -> str:
    """Where the provider sends people back to, as it was told when the portal was registered there."""
    return f"{base_of(request)}{_BACK}"


def _within(onward: str) -> str:
    """Only to a page of ours: neither another host nor ``//host``, which browsers take for one."""
    return onward if onward.startswith("/") and not onward.startswith(("//", "/\\")) else "/my"


def _go(address: str) -> RedirectResponse:
    return RedirectResponse(address, 303)
