"""Pages of trust: what is kept of persons, for anybody; and the audit, for whom it concerns."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from schemas.base import Remark
from schemas.personal_data_register import REGISTER
from schemas.retention import PERIODS
from service.access import audit
from service.access.audit import AuditCursor, AuditQuery
from service.access.principal import Permission
from service.http.dependencies import SessionDep
from service.portal.pages import render
from service.portal.sessions import SignedInDep, VisitorDep
from service.trust import subject_requests as personal_data

router = APIRouter(include_in_schema=False)

_ENTRIES = 50
_NOUNS = (
    *("need", "capability", "introduction", "contact", "organization", "key", "session", "import"),
    *("contract", "broker", "challenge", "bid", "review", "detail"),
    *("subscription", "webhook", "mail_address", "notice"),
    *("embed", "target", "integrity", "veto", "personal_data", "work", "database", "secrets"),
)


@router.get("/privacy")
def privacy_page(request: Request, visitor: VisitorDep) -> HTMLResponse:
    days = {one.where: one.days for one in personal_data.purposes()}
    return render(request, "privacy.html", visitor=visitor, register=REGISTER, days=days, periods=PERIODS)


@router.get("/audit")
def audit_page(
    request: Request,
    session: SessionDep,
    visitor: SignedInDep,
    action: Remark = "",
    subject_id: Annotated[UUID | None, Query()] = None,
    cursor: AuditCursor | None = None,
) -> HTMLResponse:
    """The newest first; one's own organisation's, or, for operators, all."""
    asked = AuditQuery(
        limit=_ENTRIES, cursor=cursor, subject_id=subject_id, action=[action] if action in _NOUNS else []
    )
    found = audit.list_audit(session, visitor.principal, asked)
    return render(
        request,
        "audit.html",
        visitor=visitor,
        found=found,
        asked=action,
        nouns=_NOUNS,
        everything=visitor.principal.may(Permission.audit_read_all),
    )
