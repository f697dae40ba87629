"""/v1/audit: who did what to which object, and who saw whose contacts."""

from typing import Annotated

from fastapi import APIRouter, Query

from schemas.audit import AuditHead, AuditShown
from schemas.base import Page
from service.access import audit
from service.http.dependencies import PrincipalDep, SessionDep

router = APIRouter(prefix="/v1/audit", tags=["operations"])


@router.get("")
def get_audit(
    session: SessionDep, caller: PrincipalDep, asked: Annotated[audit.AuditQuery, Query()]
) -> Page[AuditShown]:
    """Entries of the audit, newest first: for operators all, for others those that concern their organisation."""
    return audit.list_audit(session, caller, asked)


@router.get("/head")
def get_audit_head(session: SessionDep, caller: PrincipalDep) -> AuditHead:
    """Operators: the end of the chain, to be noted elsewhere."""
    return audit.head(session, caller)
