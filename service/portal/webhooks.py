"""Webhooks of one's own organisation, and for operators what anybody's were not given."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import ValidationError
from sqlmodel import Session

from schemas.base import Label
from schemas.notice import NoticeKind
from schemas.webhook import Redeliver, WebhookCreate
from service.http.dependencies import SessionDep
from service.notices import webhooks
from service.platform.problems import Problem, field_problems, why
from service.portal.pages import PageLanguageDep, render
from service.portal.sessions import SenderDep, SentFormDep, SignedIn, SignedInDep

router = APIRouter(include_in_schema=False, prefix="/webhooks")

_MOST = 50


@router.get("")
def webhooks_page(request: Request, session: SessionDep, visitor: SignedInDep) -> HTMLResponse:
    return _page(request, session, visitor)


@router.post("")
def make_webhook(
    request: Request, session: SessionDep, visitor: SenderDep, language: PageLanguageDep, form: SentFormDep
) -> Response:
    """The secret stands on the page that answers, this once."""
    typed = {"url": str(form.get("url") or "").strip(), "kinds": [str(one) for one in form.getlist("kinds")]}
    try:
        made = webhooks.make_webhook(session, visitor.principal, WebhookCreate.model_validate(typed))
    except ValidationError as error:
        [told, *_] = field_problems(error.errors(), language)
        return _page(request, session, visitor, status=422, wrong=told.message, typed=typed)
    except Problem as problem:
        wrong = why(problem, language)
        return _page(request, session, visitor, status=422, wrong=wrong, typed=typed)
    return _page(request, session, visitor, secret=made.secret or "")


@router.post("/{webhook_id}/{verb}")
def change_webhook(
    request: Request, session: SessionDep, visitor: SenderDep, webhook_id: UUID, verb: Label
) -> Response:
    caller = visitor.principal
    if verb == "rotate":
        return _page(
            request, session, visitor, secret=webhooks.rotate_secret(session, caller, webhook_id).secret or ""
        )
    if verb == "remove":
        webhooks.remove_webhook(session, caller, webhook_id)
    elif verb in ("enable", "disable"):
        webhooks.switch(session, caller, webhook_id, on=verb == "enable")
    elif verb == "redeliver":
        webhooks.redeliver(session, caller, webhook_id, Redeliver())
    return RedirectResponse("/webhooks", 303)


@router.post("/{webhook_id}/deliveries/{delivery_id}")
def redeliver(session: SessionDep, visitor: SenderDep, webhook_id: UUID, delivery_id: UUID) -> Response:
    webhooks.redeliver(session, visitor.principal, webhook_id, Redeliver(delivery_ids=[delivery_id]))
    return RedirectResponse("/webhooks", 303)


def _page(
    request: Request,
    session: Session,
    visitor: SignedIn,
    *,
    status: int = 200,
    secret: str = "",
    wrong: str = "",
    typed: Mapping[str, Any] | None = None,
) -> HTMLResponse:
    found = webhooks.list_webhooks(session, visitor.principal)
    page = render(
        request,
        "webhooks.html",
        status=status,
        visitor=visitor,
        found=found,
        deliveries=webhooks.newest_deliveries(session, visitor.principal, _MOST),
        kinds=NoticeKind,
        secret=secret,
        wrong=wrong,
        typed=typed or {"url": "", "kinds": []},
    )
    page.headers["Cache-Control"] = "no-store"
    return page
