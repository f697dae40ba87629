"""What one is told, what one waits for, and where it is sent: pages for whoever is signed in."""

import secrets
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import ValidationError
from sqlmodel import Session
from starlette.datastructures import FormData

from schemas.domains import DOMAINS
from schemas.mail import Frequency, MailLanguage
from schemas.notice import NoticeKind, NoticesRead
from schemas.subscription import Channel, SubscriptionCreate, SubscriptionShown
from schemas.vocabulary import Affiliation, Side
from service.access.idempotency import personal
from service.http.dependencies import SessionDep
from service.matches import saved_searches as subscriptions
from service.matches.scoring import scoring
from service.notices import feed as notices
from service.notices import mail_addresses
from service.notices.mail_text import titles_of
from service.platform.paging import ListQuery
from service.platform.problems import Problem, Unfit, field_problems, why
from service.platform.settings import settings
from service.portal.field_errors import id_in
from service.portal.once import once
from service.portal.pages import PageLanguageDep, render
from service.portal.sessions import SenderDep, SentFormDep, SignedIn, SignedInDep

router = APIRouter(include_in_schema=False)

_MOST = 100
_EMPTY: dict[str, Any] = {
    **dict.fromkeys(("name", "text", "looking_for", "posting_id", "min_score", "email"), ""),
    "domain": [],
    "affiliation": [],
    "whole_organization": False,
}
_BOXES = [key for key, one in DOMAINS.items() if one.parent is None]


@router.get("/notifications")
def notices_page(request: Request, session: SessionDep, visitor: SignedInDep) -> HTMLResponse:
    """Unread ones first, then the latest of the others."""
    caller = visitor.principal
    unread = notices.latest(session, caller, unread=True, most=_MOST)
    read = notices.latest(session, caller, unread=False, most=_MOST - len(unread))
    return render(
        request,
        "notifications.html",
        visitor=visitor,
        unread=unread,
        read=read,
        titles=titles_of(session, caller, [*unread, *read]),
        found=NoticeKind.match_found,
    )


@router.post("/notifications/read")
def mark_read(session: SessionDep, visitor: SenderDep, form: SentFormDep) -> Response:
    """One, or all."""
    ids = [id_in(one) for one in form.getlist("id")] or None
    notices.mark_read(session, visitor.principal, NoticesRead(ids=ids))
    return RedirectResponse("/notifications", 303)


@router.get("/subscriptions")
def subscriptions_page(request: Request, session: SessionDep, visitor: SignedInDep) -> HTMLResponse:
    return render(
        request,
        "subscriptions.html",
        visitor=visitor,
        found=subscriptions.list_subscriptions(session, visitor.principal, ListQuery(limit=200)).items,
        addresses=mail_addresses.list_addresses(session, visitor.principal),
    )


@router.get("/subscriptions/new")
def new_subscription(
    request: Request,
    visitor: SignedInDep,
    language: PageLanguageDep,
    q: str = "",
    side: Side = Side.needs,
    posting_id: UUID | None = None,
) -> HTMLResponse:
    """For a search that was just made, or for an own posting."""
    typed = {"language": language, "frequency": Frequency.daily}
    if posting_id is not None:
        return _form(request, visitor, {**typed, "posting_id": str(posting_id)})
    typed |= {"text": q[:2_000], "looking_for": side}
    return _form(request, visitor, typed)


@router.post("/subscriptions/new")
def subscribe(
    request: Request,
    session: SessionDep,
    visitor: SenderDep,
    language: PageLanguageDep,
    form: SentFormDep,
) -> Response:
    typed = _typed(form)
    try:
        body = SubscriptionCreate.model_validate(_body(typed))
        # What is refused leaves no trace, the mark of this form included.
        with session.begin_nested():
            once(
                session,
                visitor.principal,
                form,
                request,
                personal(visitor.principal, body),
                lambda: _made(session, visitor, body),
            )
    except ValidationError as error:
        told = field_problems([{**one, "loc": ("body", *one["loc"])} for one in error.errors()], language)
        # What is wrong with the whole is told at the first field.
        return _form(request, visitor, typed, {_place(one.pointer): one.message for one in told})
    except Unfit as problem:
        return _form(request, visitor, typed, {_place(problem.pointer): why(problem, language)})
    except Problem as problem:
        return _form(request, visitor, typed, {"text": why(problem, language)})
    return RedirectResponse("/subscriptions", 303)


@router.post("/subscriptions/{subscription_id}/end")
def end_subscription(session: SessionDep, visitor: SenderDep, subscription_id: UUID) -> Response:
    subscriptions.unsubscribe(session, visitor.principal, subscription_id)
    return RedirectResponse("/subscriptions", 303)


@router.post("/subscriptions/addresses/{address_id}/remove")
def remove_address(session: SessionDep, visitor: SenderDep, address_id: UUID) -> Response:
    mail_addresses.remove_address(session, visitor.principal, address_id)
    return RedirectResponse("/subscriptions", 303)


def _made(session: Session, visitor: SignedIn, body: SubscriptionCreate) -> SubscriptionShown:
    made = subscriptions.subscribe(session, visitor.principal, body)
    return subscriptions.shown_all(session, [made])[0]


def _typed(form: FormData) -> dict[str, Any]:
    names = ("name", "text", "looking_for", "posting_id", "min_score", "frequency", "email", "language")
    typed: dict[str, Any] = {name: str(form.get(name) or "").strip() for name in names}
    typed |= {name: [str(one) for one in form.getlist(name)] for name in ("domain", "affiliation")}
    typed["whole_organization"] = bool(form.get("whole_organization"))
    return typed


def _body(typed: Mapping[str, Any]) -> dict[str, Any]:
    """As the API takes it. Empty fields are left out, as if nobody had named them."""
    body = {name: value for name, value in typed.items() if value not in ("", [])}
    if "posting_id" in body:
        body.pop("looking_for", None)
    channels = [Channel.feed, Channel.webhook, *([Channel.email] if body.get("email") else [])]
    if "min_score" in body:
        # People write per cent.
        body["min_score"] = _share(str(body["min_score"]))
    return {**body, "channels": channels}


def _place(pointer: str) -> str:
    return pointer.strip("/").split("/")[0] or "text"


def _share(written: str) -> Any:
    try:
        return float(written.rstrip("%％")) / 100
    except ValueError:
        return written


def _form(
    request: Request,
    visitor: SignedIn,
    typed: Mapping[str, Any],
    errors: Mapping[str, str] | None = None,
) -> HTMLResponse:
    return render(
        request,
        "subscription_form.html",
        status=422 if errors else 200,
        visitor=visitor,
        typed={**_EMPTY, **typed},
        errors=errors or {},
        once=secrets.token_urlsafe(16),
        boxes=_BOXES,
        affiliations=Affiliation,
        frequencies=Frequency,
        mail_languages=MailLanguage,
        mails=settings().smtp_host is not None,
        usual=round(scoring().good_from * 100),
    )
