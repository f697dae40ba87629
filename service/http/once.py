"""``Idempotency-Key`` over HTTP: a POST that is sent twice is carried out once."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Header, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel
from sqlmodel import Session

from schemas.base import Name
from service.access import idempotency
from service.access.principal import Principal

IdempotencyKey = Annotated[
    Name | None,
    Header(
        alias="Idempotency-Key",
        description="Sent again with the same body by any key of the organisation, the first answer comes back.",
    ),
]


def once(
    session: Session,
    caller: Principal,
    key: str | None,
    request: Request,
    body: Any,
    make: Callable[[], BaseModel],
    *,
    status: int = 201,
    secret: str | None = None,
) -> Response:
    """The reply to a request that may be sent again with the same key: see ``idempotency.once``."""
    answer = idempotency.once(
        session, caller, key, place_of(request), body, make, status=status, secret=secret
    )
    return JSONResponse(answer.content, status_code=answer.status)


def place_of(request: Request) -> str:
    return f"{request.method} {request.url.path}"
