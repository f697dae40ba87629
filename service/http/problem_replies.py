"""Problems as HTTP replies (RFC 9457), in the language of the request."""

from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from schemas.wording import Wording
from service.http.language import language_of
from service.platform.messages import said
from service.platform.problems import (
    FieldProblem,
    NotThere,
    Problem,
    ProblemShown,
    Unfit,
    field_problems,
)

log = structlog.get_logger()


def _reply(shown: ProblemShown, headers: dict[str, str] | None = None, **more: Any) -> JSONResponse:
    return JSONResponse(
        {**shown.model_dump(), **more},
        status_code=shown.status,
        media_type="application/problem+json",
        headers=headers,
    )


def problem_reply(problem: Problem, language: str) -> JSONResponse:
    shown = ProblemShown(
        type=problem.type,
        title=said(problem.title, language),
        status=problem.status,
        detail=said(problem.detail, language) if problem.detail else "",
    )
    if isinstance(problem, Unfit):
        shown.errors = [
            FieldProblem(pointer=problem.pointer, code=problem.code, message=said(problem.message, language))
        ]
    return _reply(shown, problem.headers, **problem.more)


def _on_problem(request: Request, exc: Exception) -> JSONResponse:
    assert isinstance(exc, Problem)
    return problem_reply(exc, language_of(request))


def _on_unfit_request(request: Request, exc: Exception) -> JSONResponse:
    assert isinstance(exc, RequestValidationError)
    language = language_of(request)
    shown = ProblemShown(
        type=Unfit.type,
        title=said(Unfit.title, language),
        status=Unfit.status,
        errors=field_problems(exc.errors(), language),
    )
    return _reply(shown)


_HTTP_TITLES = {
    HTTPStatus.NOT_FOUND: NotThere.title,
    HTTPStatus.METHOD_NOT_ALLOWED: Wording("此地址不支持该方法", "This address does not take that method"),
}


def _on_http_exception(request: Request, exc: Exception) -> JSONResponse:
    assert isinstance(exc, HTTPException)
    title = _HTTP_TITLES.get(HTTPStatus(exc.status_code), Problem.title)
    shown = ProblemShown(
        type=HTTPStatus(exc.status_code).phrase.lower().replace(" ", "-"),
        title=said(title, language_of(request)),
        status=exc.status_code,
    )
    return _reply(shown, dict(exc.headers or {}))


def _on_bug(request: Request, exc: Exception) -> JSONResponse:
    # By its route: an address may hold a signed link.
    route = getattr(request.scope.get("route"), "path", "unknown")
    log.error("request failed", route=route, exc_info=exc)
    title = Wording("服务器内部错误", "Internal error")
    return _reply(ProblemShown(type="internal-error", title=said(title, language_of(request)), status=500))


def add_error_handlers(app: FastAPI) -> None:
    app.add_exception_handler(Problem, _on_problem)
    app.add_exception_handler(RequestValidationError, _on_unfit_request)
    app.add_exception_handler(HTTPException, _on_http_exception)
    app.add_exception_handler(Exception, _on_bug)
