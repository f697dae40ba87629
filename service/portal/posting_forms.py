"""Posting a need, registering a capability, and one's own postings."""

import secrets
from collections.abc import Mapping
from functools import partial
from typing import Any, Literal, NamedTuple
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from sqlmodel import Session
from starlette.datastructures import FormData

from schemas.capability import Capability, CapabilityShown
from schemas.integrity import DeclarationMake, DeclarationText
from schemas.leak import LeakCheck
from schemas.need import Need, NeedShown
from schemas.vocabulary import PostingStatus, Side
from service.access.integrity import TEXT, NotDeclared, Vetoed, declare, valid_declaration
from service.access.principal import Permission, Principal
from service.http.dependencies import LiveIndexDep, SessionDep
from service.matches.live_index import LiveIndex
from service.matches.suggestions import suggest_and_find
from service.platform.locales import messages_of
from service.platform.messages import said
from service.platform.problems import Conflict, Problem
from service.platform.settings import settings
from service.portal.findings import findings_of
from service.portal.form_fields import Filled, fields_of, filled
from service.portal.once import once
from service.portal.pages import PageLanguageDep, render
from service.portal.sessions import SenderDep, SentFormDep, SignedIn, SignedInDep
from service.postings import access as posting_access
from service.postings import actions as postings
from service.postings import publishing
from service.postings.lists import CapabilityQuery, NeedQuery, list_capabilities, list_needs
from service.trust.vetoes import integrity_status

router = APIRouter(include_in_schema=False)

_TABLES: dict[Side, Any] = {Side.needs: Need, Side.capabilities: Capability}
_SHAPES: dict[Side, Any] = {Side.needs: NeedShown, Side.capabilities: CapabilityShown}
_SHORTEST = 4


class _Declaration(NamedTuple):
    """The declaration of integrity as the form asks for it."""

    text: DeclarationText
    ticked: bool
    missing: bool


_EMPTY = Filled({"visibility": "public"}, None, {})


@router.get("/needs/new")
def new_need(
    request: Request, session: SessionDep, visitor: SignedInDep, language: PageLanguageDep
) -> HTMLResponse:
    declaration = _declaration(session, visitor.principal, {}, publish=False)
    return _form(request, visitor, language, Side.needs, _EMPTY, declaration=declaration)


@router.get("/capabilities/new")
def new_capability(
    request: Request, session: SessionDep, visitor: SignedInDep, language: PageLanguageDep
) -> HTMLResponse:
    declaration = _declaration(session, visitor.principal, {}, publish=False)
    return _form(request, visitor, language, Side.capabilities, _EMPTY, declaration=declaration)


@router.post("/{side}/new")
def post_posting(
    request: Request,
    session: SessionDep,
    index: LiveIndexDep,
    visitor: SenderDep,
    language: PageLanguageDep,
    form: SentFormDep,
    side: Side,
) -> Response:
    """Keep it; or, with ``do=preview``, show what it is about and what it would find.

    What might leak is shown first; ``do=review`` hands it in all the same.
    """
    wanted, caller = form.get("do"), visitor.principal
    publish = wanted in ("publish", "review")
    sent = filled(side, form, language, publish=publish)
    declaration = _declaration(session, caller, form, publish=publish)
    shown = partial(_form, request, visitor, language, side, sent)
    if wanted == "preview":
        return shown(
            declaration=declaration,
            hints=_hints(session, index, visitor, language, side, form),
            check=_check(session, caller, side, sent)[0],
        )
    if sent.errors or (declaration and declaration.missing):
        return shown(status=422, declaration=declaration)
    if publish:
        if declaration and declaration.ticked:
            declare(session, caller, DeclarationMake(version=declaration.text.version))
            declaration = None
        found, refused = _check(session, caller, side, sent)
        if refused is not None:
            told = said(refused.title, language)
            return shown(status=refused.status, declaration=declaration, refused=told)
        if found is not None and found.reason and wanted == "publish":
            return shown(status=422, declaration=declaration, check=found)

    def post() -> Any:
        posted, _ = postings.post(
            session, visitor.principal, _TABLES[side], sent.body, publish=sent.body.publish
        )
        return posting_access.shown(session, posted, visitor.principal, _SHAPES[side])

    try:
        made = once(session, visitor.principal, form, request, sent.body, post)
    except Conflict:
        # Sent once already, and changed since: that is another posting, if it is meant to be one.
        return shown(status=409, declaration=declaration, sent_before=True)
    return RedirectResponse(f"/{side}/{made['id']}", 303)


@router.post("/{side}/new/hints")
def hints_while_typing(
    request: Request,
    session: SessionDep,
    index: LiveIndexDep,
    visitor: SenderDep,
    language: PageLanguageDep,
    form: SentFormDep,
    side: Side,
) -> HTMLResponse:
    hints = _hints(session, index, visitor, language, side, form)
    return render(request, "hints.html", visitor=visitor, side=side, hints=hints)


@router.get("/my")
def my_postings(request: Request, session: SessionDep, visitor: SignedInDep) -> HTMLResponse:
    caller = visitor.principal
    return render(
        request,
        "my.html",
        visitor=visitor,
        lists={
            Side.needs: list_needs(session, caller, NeedQuery(mine=True, limit=200)),
            Side.capabilities: list_capabilities(session, caller, CapabilityQuery(mine=True, limit=200)),
        },
        stands=integrity_status(session, caller) if caller.may(Permission.posting_write) else None,
    )


@router.post("/{side}/{posting_id}/{verb}")
def change_state(
    session: SessionDep, visitor: SenderDep, side: Side, posting_id: UUID, verb: Literal["publish", "close"]
) -> Response:
    """Publish or close one of one's own. What a second click finds done already stays as it is."""
    posting = posting_access.access_own_posting(session, visitor.principal, _TABLES[side], posting_id)
    if verb == "publish" and posting.status not in (PostingStatus.published, PostingStatus.submitted):
        postings.publish(session, visitor.principal, posting)
    elif verb == "close" and posting.status is not PostingStatus.closed:
        postings.close(session, visitor.principal, posting)
    return RedirectResponse("/my", 303)


def _form(
    request: Request,
    visitor: SignedIn,
    language: str,
    side: Side,
    sent: Filled,
    *,
    status: int = 200,
    check: LeakCheck | None = None,
    **more: Any,
) -> HTMLResponse:
    """more: what stands beside the fields: hints, the declaration, why it was refused, whether it was sent before."""
    translate = messages_of(language).gettext
    return render(
        request,
        "posting_form.html",
        status=status,
        visitor=visitor,
        side=side,
        fields=fields_of(side, language, translate, sent.values, sent.errors if status != 200 else {}),
        findings=findings_of(check.leaks, sent.body, sent.values) if check else {},
        waits=bool(check and check.reason),
        once=secrets.token_urlsafe(16),
        **{"hints": None, "declaration": None, "refused": "", "sent_before": False, **more},
    )


def _check(
    session: Session, caller: Principal, side: Side, sent: Filled
) -> tuple[LeakCheck | None, Problem | None]:
    """What is found before publishing; or why the organisation may not publish at all."""
    if sent.body is None:
        return None, None
    try:
        return publishing.check(session, caller, _TABLES[side], sent.body), None
    except (Vetoed, NotDeclared) as problem:
        return None, problem


def _declaration(
    session: Session, caller: Principal, form: Mapping[str, Any], *, publish: bool
) -> _Declaration | None:
    """What is asked beside the form, once a year; None where it was declared."""
    if valid_declaration(session, caller.organization_id) is not None:
        return None
    ticked = form.get("declare") == TEXT.version
    return _Declaration(TEXT, ticked, publish and settings().require_declaration and not ticked)


def _hints(
    session: Session, index: LiveIndex, visitor: SignedIn, language: str, side: Side, form: FormData
) -> dict[str, Any]:
    """What the text is about, and what it would find if it were posted now. Nothing of it is kept."""
    typed = "\n".join(str(form.get(name) or "") for name in ("title", "wanted_result", "description")).strip()
    # Control characters are told beside their field when it is sent; what is hinted at meanwhile goes without them.
    typed = "".join(one for one in typed if one.isprintable() or one == "\n")
    about = None
    if len(typed) >= _SHORTEST:
        about = suggest_and_find(session, visitor.principal, index, side, typed, language)
    return {"about": about[0], "found": about[1]} if about else {"about": None, "found": None}
