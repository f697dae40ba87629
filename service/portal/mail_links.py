"""What the links in mails lead to: a page that asks, and a button that does it. No signing in, and no scripts.

Mail programs and filters open links by themselves, so opening one changes nothing.
"""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from schemas.base import Plain
from service.http.dependencies import SessionDep
from service.notices import mail_addresses
from service.portal.pages import render

router = APIRouter(include_in_schema=False, prefix="/mail")


@router.get("/confirm/{token}")
def ask_to_confirm(request: Request, session: SessionDep, token: Plain) -> HTMLResponse:
    mail_addresses.address_of_link(session, "confirm", token)
    return render(request, "mail_link.html", action="confirm", done=False)


@router.post("/confirm/{token}")
def confirm(request: Request, session: SessionDep, token: Plain) -> HTMLResponse:
    mail_addresses.confirm(session, mail_addresses.address_of_link(session, "confirm", token))
    return render(request, "mail_link.html", action="confirm", done=True)


@router.get("/unsubscribe/{token}")
def ask_to_unsubscribe(request: Request, session: SessionDep, token: Plain) -> HTMLResponse:
    mail_addresses.address_of_link(session, "unsubscribe", token)
    return render(request, "mail_link.html", action="unsubscribe", done=False)


@router.post("/unsubscribe/{token}")
def unsubscribe(request: Request, session: SessionDep, token: Plain) -> HTMLResponse:
    """Also what mail programs send by themselves, at one click: RFC 8058."""
    mail_addresses.unsubscribe(session, mail_addresses.address_of_link(session, "unsubscribe", token))
    return render(request, "mail_link.html", action="unsubscribe", done=True)
