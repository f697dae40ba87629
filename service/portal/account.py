"""Where one is signed in, and the keys of one's organisation: each can be ended here."""

from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from schemas.base import now
from service.access import keys, portal_sessions
from service.access.principal import Permission
from service.http.dependencies import SessionDep
from service.portal.pages import render
from service.portal.sessions import SenderDep, SentFormDep, SignedInDep

router = APIRouter(include_in_schema=False, prefix="/account")


@router.get("")
def account_page(request: Request, session: SessionDep, visitor: SignedInDep) -> HTMLResponse:
    caller = visitor.principal
    manages = caller.may(Permission.key_manage)
    # Names of makers are told though they are revoked; only what is live can be revoked.
    known = keys.list_keys(session, caller, caller.organization_id) if manages else []
    live = [one for one in known if not one.revoked_at and (one.expires_at is None or one.expires_at > now())]
    return render(
        request,
        "account.html",
        visitor=visitor,
        sessions=portal_sessions.list_sessions(session, visitor.session_id),
        manages=manages,
        keys=live,
        names={one.id: one.name or one.prefix for one in known},
        made={key_id: len(those) for key_id, those in keys.issued_by(session, [k.id for k in live]).items()},
    )


@router.post("/sessions/end-others")
def end_others(session: SessionDep, visitor: SenderDep) -> RedirectResponse:
    portal_sessions.end_others(session, visitor.principal, visitor.session_id)
    return _back()


@router.post("/sessions/{session_id}/end")
def end_session(session: SessionDep, visitor: SenderDep, session_id: UUID) -> RedirectResponse:
    portal_sessions.end_session(session, visitor.principal, visitor.session_id, session_id)
    return _back()


@router.post("/keys/{key_id}/revoke")
def revoke_key(session: SessionDep, visitor: SenderDep, key_id: UUID, form: SentFormDep) -> RedirectResponse:
    caller = visitor.principal
    keys.revoke_key(session, caller, caller.organization_id, key_id, with_made=bool(form.get("with_made")))
    return _back()


def _back() -> RedirectResponse:
    """Whoever has ended their own session goes on from there to the sign-in page."""
    return RedirectResponse("/account", 303)
