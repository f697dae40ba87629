"""Failures on pages are pages; everywhere else they stay RFC 9457 problems."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse, Response
from starlette.exceptions import HTTPException

from service.platform.problems import Problem, Unauthorized, why
from service.portal.pages import language_of_page, render

Handler = Callable[[Request, Exception], Response | Awaitable[Response]]

_NO_PAGES = ("/v1/", "/healthz", "/readyz", "/metrics", "/openapi.json", "/static/")


def add_page_errors(app: FastAPI) -> None:
    """Put a page in front of each handler that the application has already."""
    for kind in (Problem, RequestValidationError, HTTPException, Exception):
        app.add_exception_handler(kind, _with_page(app.exception_handlers[kind]))


def _with_page(otherwise: Handler) -> Handler:
    def handle(request: Request, error: Exception) -> Response | Awaitable[Response]:
        told = otherwise(request, error)
        if request.url.path.startswith(_NO_PAGES) or "text/html" not in request.headers.get("accept", ""):
            return told
        if isinstance(error, Unauthorized):
            return RedirectResponse(f"/sign-in?onward={quote(_onward(request))}", HTTPStatus.SEE_OTHER)
        assert isinstance(told, Response)
        page = render(
            request,
            "error.html",
            status=told.status_code,
            status_code=told.status_code,
            detail=_detail(request, error),
        )
        for name in ("Allow", "Retry-After"):
            if name in told.headers:
                page.headers[name] = told.headers[name]
        return page

    return handle


def _onward(request: Request) -> str:
    """The page that was asked for; of a form, the page that it stands on."""
    return (
        request.url.path if request.method in ("GET", "HEAD") or request.url.path.endswith("/new") else "/my"
    )


def _detail(request: Request, error: Exception) -> str:
    if isinstance(error, Problem) and (error.detail or error.headers):
        return why(error, language_of_page(request))
    return ""
