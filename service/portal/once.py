"""A form that is sent twice, by a second click or a reload, does its work once."""

from collections.abc import Callable
from typing import Any

from fastapi import Request
from pydantic import BaseModel
from sqlmodel import Session
from starlette.datastructures import FormData

from service.access import idempotency
from service.access.principal import Principal
from service.http.once import place_of
from service.portal.sessions import once_of


def once(
    session: Session,
    caller: Principal,
    form: FormData,
    request: Request,
    body: Any,
    make: Callable[[], BaseModel],
) -> dict[str, Any]:
    """What ``make`` returns, as JSON; for a form that came before, what it returned then."""
    answer = idempotency.once(session, caller, once_of(form), place_of(request), body, make)
    made: dict[str, Any] = answer.content
    return made
