"""Signed in at the portal: a cookie that means nothing elsewhere, and a row that can be taken away."""

import hashlib
import secrets
from datetime import timedelta
from typing import Annotated, NamedTuple
from urllib.parse import urlsplit

from fastapi import Depends, Request, Response
from sqlalchemy import delete
from sqlmodel import Session, col, select
from starlette.datastructures import FormData

from schemas.account import ApiKey, Organization
from schemas.base import Wording, now
from schemas.web_session import WebSession
from service import audit
from service.addresses import base_of, is_secure
from service.auth import Principal, principal_of
from service.db import SessionDep
from service.errors import Forbidden, Unauthorized
from service.notices import count_unread
from service.settings import settings

COOKIE = "duijie_session"


def lasts() -> timedelta:
    return timedelta(hours=settings().session_hours)


_FOREIGN_FORM = Wording(
    "表单已失效，请返回上一页刷新后重新提交",
    "The form is no longer valid; go back, reload the page and send it again",
)


class SignedIn(NamedTuple):
    """Who is signed in, and what each of their forms must carry."""

    principal: Principal
    name: str
    form_token: str
    unread: int = 0


def start(session: Session, principal: Principal, name: str, request: Request, response: Response) -> None:
    """Sign in. The cookie is told to the browser alone: no script and no other site's form gets it."""
    session.execute(delete(WebSession).where(col(WebSession.expires_at) < now()))
    token = secrets.token_urlsafe(32)
    session.add(
        WebSession(
            token_hash=_hash(token),
            api_key_id=principal.key_id,
            name=name,
            form_token=secrets.token_urlsafe(32),
            expires_at=now() + lasts(),
        )
    )
    audit.note(session, principal, "session.start", None)
    response.set_cookie(
        COOKIE,
        token,
        max_age=int(lasts().total_seconds()),
        httponly=True,
        samesite="lax",
        secure=is_secure(request),
    )


def end(session: Session, principal: Principal, request: Request, response: Response) -> None:
    audit.note(session, principal, "session.end", None)
    session.execute(
        delete(WebSession).where(col(WebSession.token_hash) == _hash(request.cookies.get(COOKIE, "")))
    )
    response.delete_cookie(COOKIE, httponly=True, samesite="lax", secure=is_secure(request))


def signed_in(session: SessionDep, request: Request) -> SignedIn | None:
    """Nobody where the cookie is unknown or over, or its key was revoked: then the page is as for anyone."""
    token = request.cookies.get(COOKIE)
    if not token:
        return None
    found = session.exec(
        select(WebSession).where(WebSession.token_hash == _hash(token), col(WebSession.expires_at) > now())
    ).first()
    if found is None:
        return None
    try:
        principal = principal_of(session, found.api_key_id)
    except Unauthorized:
        return None
    return SignedIn(principal, found.name, found.form_token, count_unread(session, principal))


def name_of_key(session: Session, principal: Principal) -> str:
    """What the page's head calls somebody who signed in with a key: the organisation, or the key's own name."""
    row = session.exec(
        select(Organization.name, ApiKey.name)
        .join(ApiKey, col(ApiKey.organization_id) == col(Organization.id))
        .where(ApiKey.id == principal.key_id)
    ).one()
    return row[1] or row[0]


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
    if not secrets.compare_digest(str(form.get("form_token") or "").encode(), signed.form_token.encode()):
        raise Forbidden(_FOREIGN_FORM)
    return signed


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
