"""Signed in at the portal: a cookie that means nothing elsewhere, and a row that can be taken away."""

import hashlib
import secrets
from datetime import timedelta
from typing import Annotated, NamedTuple
from urllib.parse import urlsplit
from uuid import UUID

from fastapi import Depends, Request, Response
from pydantic import TypeAdapter, ValidationError
from sqlmodel import Session
from starlette.datastructures import FormData

from schemas.base import Name, now
from schemas.web_session import WebSession
from schemas.wording import Wording
from service.access import audit
from service.access.portal_sessions import find_session, forget_session, forget_sessions_over, note_use
from service.access.principal import KeyLimited, Principal, principal_of
from service.http import rate_limits
from service.http.addresses import base_of
from service.http.callers import caller_address, for_this_caller
from service.http.dependencies import SessionDep
from service.notices.feed import count_unread
from service.platform.problems import Forbidden, Unauthorized
from service.platform.settings import settings
from service.portal.cookies import delete_cookie, read_cookie, set_cookie
from service.portal.devices import device_of
from service.portal.form_tokens import masked, unmasked

COOKIE = "duijie_session"


def lasts() -> timedelta:
    return timedelta(hours=settings().session_hours)


_FOREIGN_FORM = Wording(
    "表单已失效，请返回上一页刷新后重新提交",
    "The form is no longer valid; go back, reload the page and send it again",
)


_ONCE = TypeAdapter[str | None](Name | None)


class SignedIn(NamedTuple):
    """Who is signed in, and what each of their forms must carry."""

    principal: Principal
    name: str
    # Masked, for this page alone.
    form_token: str
    session_id: UUID
    unread: int = 0


def start(
    session: Session,
    principal: Principal,
    name: str,
    request: Request,
    response: Response,
    *,
    person: str | None = None,
) -> None:
    """Sign in. The cookie is told to the browser alone: no script and no other site's form gets it."""
    forget_sessions_over(session)
    token = secrets.token_urlsafe(32)
    session.add(
        WebSession(
            token_hash=_hash(token),
            api_key_id=principal.key_id,
            name=name,
            form_token=secrets.token_urlsafe(32),
            expires_at=now() + lasts(),
            device=device_of(request.headers.get("user-agent", "")),
            person=person and _hash(person),
        )
    )
    audit.note(session, principal, "session.start", None)
    set_cookie(request, response, COOKIE, token, int(lasts().total_seconds()))


def end(session: Session, principal: Principal, request: Request, response: Response) -> None:
    audit.note(session, principal, "session.end", None)
    forget_session(session, _hash(read_cookie(request, COOKIE)))
    delete_cookie(request, response, COOKIE)


def signed_in(session: SessionDep, request: Request) -> SignedIn | None:
    """Nobody where the cookie is unknown or over, or its key was revoked: then the page is as for anyone."""
    found = _signed_in(session, request)
    rate_limits.count(request, found.principal.key_id if found else None)
    return found


def _signed_in(session: Session, request: Request) -> SignedIn | None:
    token = read_cookie(request, COOKIE)
    if not token:
        return None
    for_this_caller(request)
    found = find_session(session, _hash(token))
    if found is None:
        return None
    try:
        principal = principal_of(session, found.api_key_id)
        principal.require_address(caller_address(request))
    except (Unauthorized, KeyLimited):
        return None
    note_use(session, found)
    form_token = masked(found.form_token)
    return SignedIn(principal, found.name, form_token, found.id, count_unread(session, principal))


def refuse_foreign_form(request: Request) -> None:
    """A form must come from a page of this site. Browsers name the page's origin with every POST."""
    origin = request.headers.get("origin") or request.headers.get("referer")
    ours = {request.headers.get("host"), urlsplit(base_of(request)).netloc}
    if origin is None or urlsplit(origin).netloc not in ours:
        raise Forbidden(_FOREIGN_FORM)


def _member(
    signed: Annotated[SignedIn | None, Depends(signed_in)],
) -> SignedIn:
    if signed is None:
        raise Unauthorized(Wording("请先登录", "Sign in first"))
    return signed


async def _sent_form(request: Request) -> FormData:
    return await request.form()


def _sender(
    request: Request,
    signed: Annotated[SignedIn, Depends(_member)],
    form: Annotated[FormData, Depends(_sent_form)],
) -> SignedIn:
    refuse_foreign_form(request)
    sent = unmasked(str(form.get("form_token") or ""))
    if not secrets.compare_digest(sent, unmasked(signed.form_token)):
        raise Forbidden(_FOREIGN_FORM)
    return signed


def once_of(form: FormData) -> str | None:
    """What makes a form that is sent twice count once: of our own making, unless somebody changed it."""
    try:
        return _ONCE.validate_python(form.get("once") or None)
    except ValidationError:
        raise Forbidden(_FOREIGN_FORM) from None


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()


#: Whoever is signed in, or None.
VisitorDep = Annotated[SignedIn | None, Depends(signed_in)]
#: Somebody is signed in; else 401, of which pages make the way to the sign-in page.
SignedInDep = Annotated[SignedIn, Depends(_member)]
#: All that a form sent. Parsing is the one thing here that waits for the network.
SentFormDep = Annotated[FormData, Depends(_sent_form)]
#: The same, and what was sent comes from a form of theirs.
SenderDep = Annotated[SignedIn, Depends(_sender)]
