"""``Idempotency-Key``: a POST that is sent twice is carried out once."""

import hashlib
import json
from collections.abc import Callable
from typing import Any, NamedTuple

from pydantic import BaseModel
from sqlalchemy import or_
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, select

from schemas.base import now
from schemas.operation import AnsweredRequest
from schemas.wording import Wording
from service.access.principal import GRANTS, Principal
from service.platform.problems import Conflict

_OTHER_REQUEST = Wording(
    "该 Idempotency-Key 已用于另一个请求", "This Idempotency-Key was used for another request"
)
_OTHER_ROLE = Wording(
    "该 Idempotency-Key 已由本单位另一角色的密钥用过，其结果不对本密钥开放",
    "A key of your organisation with another role used this Idempotency-Key; its answer is not for this key",
)


class Answer(NamedTuple):
    """What a request is answered with: JSON content and the HTTP status."""

    content: Any
    status: int


def personal(caller: Principal, body: BaseModel) -> dict[str, Any]:
    """The body of a request for what belongs to the caller's API key: from another key it is another request."""
    return {"api_key": str(caller.key_id), "body": body.model_dump(mode="json")}


def once(
    session: Session,
    caller: Principal,
    key: str | None,
    place: str,
    body: Any,
    make: Callable[[], BaseModel],
    *,
    status: int = 201,
    secret: str | None = None,
) -> Answer:
    """Answer with what ``make`` returns; with a key that the organisation sent before, with what it returned then.

    place: method and path of the request; the same key at another place is another request.
    secret: names a field that is not stored: sent again, the answer comes with null there.

    The answer is stored in the transaction that made it. Two at once: the second waits for the first
    at the primary key, and then finds its answer.
    """
    # Of a form that carries no mark it is empty.
    if not key:
        return Answer(make().model_dump(mode="json"), status)
    fingerprint = _fingerprint(place, body)
    taken = session.execute(
        insert(AnsweredRequest)
        .values(
            api_key_id=caller.key_id,
            organization_id=caller.organization_id,
            role=caller.role,
            key=key,
            fingerprint=fingerprint,
            answer=None,
            created_at=now(),
        )
        .on_conflict_do_nothing()
        .returning(col(AnsweredRequest.key))
    ).first()
    stored = _stored(session, caller, key)
    if taken is None:
        if stored.fingerprint != fingerprint:
            raise Conflict(_OTHER_REQUEST)
        if not _may_read(caller, stored):
            raise Conflict(_OTHER_ROLE)
        return Answer(stored.answer, stored.status or status)
    answer = make().model_dump(mode="json")
    stored.status, stored.answer = status, {**answer, secret: None} if secret else answer
    return Answer(answer, status)


def _stored(session: Session, caller: Principal, key: str) -> AnsweredRequest:
    """What the organisation sent with this key; or its API key, before answers were kept for the organisation."""
    whose = or_(
        col(AnsweredRequest.organization_id) == caller.organization_id,
        col(AnsweredRequest.api_key_id) == caller.key_id,
    )
    query = select(AnsweredRequest).where(AnsweredRequest.key == key, whose)
    return session.exec(query.order_by(col(AnsweredRequest.organization_id).nulls_last()).limit(1)).one()


def _may_read(caller: Principal, stored: AnsweredRequest) -> bool:
    """Whether the answer shows nothing that the caller might not have been shown itself."""
    if stored.api_key_id == caller.key_id:
        return True
    return stored.role is not None and all(caller.may(one) for one in GRANTS[stored.role])


def _fingerprint(place: str, body: Any) -> str:
    written = body.model_dump(mode="json") if isinstance(body, BaseModel) else body
    return hashlib.sha256(json.dumps([place, written], sort_keys=True, default=str).encode()).hexdigest()
