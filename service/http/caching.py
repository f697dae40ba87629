"""By what a reader of what anybody may read knows whether it has changed: ``service.http.conditional`` then says so."""

import hashlib
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from fastapi import Response
from sqlmodel import Session, col, select

from schemas.audit import AuditEntry
from schemas.base import now

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def with_validators(session: Session, response: Response, told: bytes | None = None) -> Response:
    """The response with its ``ETag`` and ``Last-Modified``.

    told: what the tag is made from, where the body also holds the moment of the answer.
    """
    response.headers["ETag"] = f'W/"{hashlib.sha256(told or response.body).hexdigest()[:32]}"'
    response.headers["Last-Modified"] = format_datetime(_last_change(session), usegmt=True)
    # Kept, but asked about each time: what is withdrawn disappears at once.
    response.headers["Cache-Control"] = "no-cache"
    return response


def _last_change(session: Session) -> datetime:
    """Until which second nothing has changed, by the audit, which knows of every change.

    The newest moment in a list would stay the same when a posting leaves the list. Rounded up, so that a later change
    within the same second is a later moment; never in the future.
    """
    newest = session.exec(select(AuditEntry.at).order_by(col(AuditEntry.number).desc()).limit(1)).first()
    if newest is None:
        return _EPOCH
    whole = newest.replace(microsecond=0)
    return min(whole + timedelta(seconds=1) if newest > whole else whole, now().replace(microsecond=0))
