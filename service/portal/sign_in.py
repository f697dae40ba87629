"""Signing in and out: with an API key, or through the region's own provider."""

from typing import Annotated

import structlog
from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import ValidationError

from schemas.base import Plain
from schemas.wording import Wording
from service.access.portal_sessions import name_of_key
from service.access.principal import KeyLimited, Principal, principal_for
from service.http import rate_limits
from service.http.addresses import address_of, base_of
from service.http.callers import caller_address
from service.http.dependencies import SessionDep
from service.platform.messages import said
from service.platform.problems import NotThere, Problem, Unauthorized
from service.portal import oidc, sessions
from service.portal.cookies import delete_cookie, read_cookie, set_cookie
from service.portal.pages import PageLanguageDep, render
from service.portal.sessions import SenderDep, VisitorDep

log = structlog.get_logger()
router = APIRouter(include_in_schema=False)

_ATTEMPT_COOKIE = "duijie_sign_in"
_ATTEMPT_LASTS = 600
_BACK = "/sign-in/back"
_FOR_PROGRAMS = Wording(
    "此密钥限定了用途，只供程序使用；请用不限用途的密钥登录",
    "This key is limited to some uses and meant for programs; sign in with one that is not",
)
_STALE = Wording("登录已超时，请重新登录", "Signing in took too long; try again")


@router.get("/sign-in")
def sign_in_page(request: Request, visitor: VisitorDep, onward: Plain = "/my") -> Response:
    if visitor:
        return _go(_within(onward))
    return _page(request, onward)


@router.post("/sign-in")
def sign_in(
    request: Request,
    session: SessionDep,
    language: PageLanguageDep,
    key: Annotated[Plain, Form()] = "",
    onward: Annotated[Plain, Form()] = "/my",
) -> Response:
    sessions.refuse_foreign_form(request)
    try:
        principal = _whole(principal_for(session, key.strip()))
        principal.require_address(caller_address(request))
    except (Unauthorized, KeyLimited) as problem:
        # Whoever has a key gets in, whatever strangers at the same address tried.
        rate_limits.by_address(request)
        return _page(request, onward, problem, language)
    response = _go(_within(onward))
    sessions.start(session, principal, name_of_key(session, principal), request, response)
    return response


def _whole(principal: Principal) -> Principal:
    if principal.limited:
        raise KeyLimited(_FOR_PROGRAMS)
    return principal


@router.post("/sign-out")
def sign_out(request: Request, session: SessionDep, visitor: SenderDep) -> Response:
    response = _go("/")
    log.info("signed out", key=str(visitor.principal.key_id))
    sessions.end(session, visitor.principal, request, response)
    return response


@router.get("/sign-in/provider", dependencies=[Depends(rate_limits.by_address)])
def leave_for_provider(request: Request, language: PageLanguageDep, onward: Plain = "/my") -> Response:
    if not oidc.is_set_up():
        raise NotThere
    try:
        leaving = oidc.leave(_back_here(request), _within(onward))
    except Problem as problem:
        return _page(request, onward, problem, language)
    response = _go(leaving.address)
    set_cookie(request, response, _ATTEMPT_COOKIE, leaving.attempt.model_dump_json(), _ATTEMPT_LASTS)
    return response


@router.get(_BACK, dependencies=[Depends(rate_limits.by_address)])
def come_back_from_provider(request: Request, session: SessionDep, language: PageLanguageDep) -> Response:
    try:
        attempt = oidc.Attempt.model_validate_json(read_cookie(request, _ATTEMPT_COOKIE))
    except ValidationError:
        return _page(request, "/my", Unauthorized(_STALE), language)
    try:
        there = oidc.come_back(session, address_of(request), _back_here(request), attempt)
    except Problem as problem:
        return _page(request, attempt.onward, problem, language)
    response = _go(attempt.onward)
    delete_cookie(request, response, _ATTEMPT_COOKIE)
    sessions.start(session, there.principal, there.name, request, response, person=there.person)
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
