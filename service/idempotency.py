"""``Idempotency-Key``: a POST that is sent twice is carried out once."""

import hashlib
import json
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Header, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col

from schemas.base import Wording, now
from schemas.operation import AnsweredRequest
from service.auth import Principal
from service.errors import Conflict

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=200,
        description="Sent again with the same body, the first answer comes back.",
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
    """Answer with what ``make`` returns; with a key seen before, with what it returned then.

    ``secret`` names a field that is not stored: sent again, the answer comes with null there.

    The answer is stored in the transaction that made it. Two at once: the second waits for the first
    at the primary key, and then finds its answer.
    """
    if key is None:
        return _answer(make().model_dump(mode="json"), status)
    fingerprint = _fingerprint(request, body)
    taken = session.execute(
        insert(AnsweredRequest)
        .values(
            api_key_id=caller.key_id,
            key=key,
            fingerprint=fingerprint,
            answer=None,
            created_at=now(),
        )
        .on_conflict_do_nothing()
        .returning(col(AnsweredRequest.key))
    ).first()
    stored = session.get_one(AnsweredRequest, (caller.key_id, key))
    if taken is None:
        if stored.fingerprint != fingerprint:
            raise Conflict(
                Wording(
                    "该 Idempotency-Key 已用于另一个请求", "This Idempotency-Key was used for another request"
                )
            )
        return _answer(stored.answer, stored.status or status)
    answer = make().model_dump(mode="json")
    stored.status, stored.answer = status, {**answer, secret: None} if secret else answer
    return _answer(answer, status)


def _answer(content: Any, status: int) -> Response:
    return JSONResponse(content, status_code=status)


def _fingerprint(request: Request, body: Any) -> str:
    written = body.model_dump(mode="json") if isinstance(body, BaseModel) else body
    place = f"{request.method} {request.url.path}"
    return hashlib.sha256(json.dumps([place, written], sort_keys=True, default=str).encode()).hexdigest()
