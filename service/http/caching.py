"""Conditional GET of what anybody may read: a client that has the newest state gets 304 and no body (RFC 9110, 13)."""

import hashlib
import re
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime

from fastapi import Request, Response, status
from sqlmodel import Session, col, select

from schemas.audit import AuditEntry
from schemas.base import now

_TAGS = re.compile(r'(?:W/)?("[^"]*")')
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def revalidated(
    request: Request, session: Session, response: Response, told: bytes | None = None
) -> Response:
    """The response with its ``ETag`` and ``Last-Modified``, or a 304 with these.

    told: what the tag is made from, where the body also holds the moment of the answer.
    """
    tag = f'"{hashlib.sha256(told or response.body).hexdigest()[:32]}"'
    changed = _last_change(session)
    response.headers["ETag"] = f"W/{tag}"
    response.headers["Last-Modified"] = format_datetime(changed, usegmt=True)
    # Kept, but asked about each time: what is withdrawn disappears at once.
    response.headers["Cache-Control"] = "no-cache"
    if not _is_known(request, tag, changed):
        return response
    kept = {name: response.headers[name] for name in ("ETag", "Last-Modified", "Cache-Control")}
    return Response(status_code=status.HTTP_304_NOT_MODIFIED, headers=kept)


def _is_known(request: Request, tag: str, changed: datetime) -> bool:
    """``If-None-Match`` decides alone where it is sent."""
    tags = request.headers.getlist("if-none-match")
    if tags:
        return "*" in tags or tag in _TAGS.findall(",".join(tags))
    try:
        since = parsedate_to_datetime(request.headers.get("if-modified-since", ""))
    except ValueError:
        return False
    return changed <= (since if since.tzinfo else since.replace(tzinfo=UTC))


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
