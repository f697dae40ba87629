"""Pages that anybody may read: home, search, lists, postings with their matches."""

from typing import Any, Literal, TypeVar, get_origin
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, ValidationError

from schemas.capability import Capability, CapabilityShown
from schemas.challenge import ChallengeStatus
from schemas.domains import DOMAINS
from schemas.match import MatchFilters, MatchRequest
from schemas.need import Need, NeedShown
from schemas.vocabulary import Affiliation, CapabilityKind, CooperationMode, NeedType, Side, Term
from service.challenges.challenges import ChallengeQuery, list_challenges
from service.http.addresses import base_of
from service.http.dependencies import LiveIndexDep, SessionDep
from service.matches import matches
from service.portal.field_errors import by_field
from service.portal.introductions.links import way_to_introduce
from service.portal.json_ld import posting_json_ld
from service.portal.marks import pieces, quotes_of
from service.portal.pages import PageCallerDep, PageLanguageDep, render
from service.portal.sessions import VisitorDep
from service.postings import access as posting_access
from service.postings.lists import CapabilityQuery, NeedQuery, list_capabilities, list_needs

Q = TypeVar("Q", bound=BaseModel)
Listed = Literal["needs", "capabilities"]

router = APIRouter(include_in_schema=False)
_LATEST, _OPEN, _MATCHES = 5, 3, 20
_LONGEST_SEARCH = 2_000
_BOXES = [key for key, one in DOMAINS.items() if one.parent is None]
_FILTERS: dict[Side, dict[str, type[Term]]] = {
    Side.needs: {"need_type": NeedType, "affiliation": Affiliation, "cooperation_mode": CooperationMode},
    Side.capabilities: {
        "kind": CapabilityKind,
        "affiliation": Affiliation,
        "cooperation_mode": CooperationMode,
    },
}


@router.get("/")
def home(request: Request, session: SessionDep, caller: PageCallerDep, visitor: VisitorDep) -> HTMLResponse:
    needs = list_needs(session, caller, NeedQuery(limit=_LATEST, facets=True, status=["published"]))
    capabilities = list_capabilities(
        session, caller, CapabilityQuery(limit=_LATEST, facets=True, status=["published"])
    )
    open_to_bids = ChallengeQuery(limit=_OPEN, status=[ChallengeStatus.open])
    return render(
        request,
        "home.html",
        visitor=visitor,
        needs=needs,
        capabilities=capabilities,
        challenges=list_challenges(session, caller, open_to_bids).items,
        boxes=_BOXES,
    )


@router.get("/docs")
def api_documentation(request: Request) -> HTMLResponse:
    """The library's page has its script inside, which no page here may."""
    return render(request, "docs.html")


@router.get("/needs")
def needs_page(
    request: Request,
    session: SessionDep,
    caller: PageCallerDep,
    language: PageLanguageDep,
    visitor: VisitorDep,
) -> HTMLResponse:
    asked, wrong = asked_by_address(request, NeedQuery, language)
    return _list_page(request, visitor, Side.needs, asked, list_needs(session, caller, asked), wrong)


@router.get("/capabilities")
def capabilities_page(
    request: Request,
    session: SessionDep,
    caller: PageCallerDep,
    language: PageLanguageDep,
    visitor: VisitorDep,
) -> HTMLResponse:
    asked, wrong = asked_by_address(request, CapabilityQuery, language)
    return _list_page(
        request, visitor, Side.capabilities, asked, list_capabilities(session, caller, asked), wrong
    )


@router.get("/needs/{need_id}")
def need_page(
    request: Request,
    session: SessionDep,
    index: LiveIndexDep,
    caller: PageCallerDep,
    language: PageLanguageDep,
    visitor: VisitorDep,
    need_id: UUID,
) -> HTMLResponse:
    need = posting_access.access_posting(session, caller, Need, need_id)
    found = matches.match_need(session, caller, index, need, MatchFilters(limit=_MATCHES), language)
    posting = posting_access.shown(session, need, caller, NeedShown, contacts=False)
    return _posting_page(request, visitor, Side.needs, posting, found)


@router.get("/capabilities/{capability_id}")
def capability_page(
    request: Request,
    session: SessionDep,
    index: LiveIndexDep,
    caller: PageCallerDep,
    language: PageLanguageDep,
    visitor: VisitorDep,
    capability_id: UUID,
) -> HTMLResponse:
    capability = posting_access.access_posting(session, caller, Capability, capability_id)
    found = matches.match_capability(
        session, caller, index, capability, MatchFilters(limit=_MATCHES), language
    )
    posting = posting_access.shown(session, capability, caller, CapabilityShown, contacts=False)
    return _posting_page(request, visitor, Side.capabilities, posting, found)


@router.get("/needs/{need_id}/matches/{capability_id}")
def pair_page(
    request: Request,
    session: SessionDep,
    index: LiveIndexDep,
    caller: PageCallerDep,
    language: PageLanguageDep,
    visitor: VisitorDep,
    need_id: UUID,
    capability_id: UUID,
) -> HTMLResponse:
    need = posting_access.access_posting(session, caller, Need, need_id)
    capability = posting_access.access_posting(session, caller, Capability, capability_id)
    pair = matches.explain_pair(session, caller, index, need, capability, language)
    sides = [
        (
            Side.needs,
            posting_access.shown(session, need, caller, NeedShown, contacts=False),
            quotes_of(pair.reasons, of_need=True),
        ),
        (
            Side.capabilities,
            posting_access.shown(session, capability, caller, CapabilityShown, contacts=False),
            quotes_of(pair.reasons, of_need=False),
        ),
    ]
    return render(
        request,
        "pair.html",
        visitor=visitor,
        pair=pair,
        sides=sides,
        pieces=pieces,
        way=way_to_introduce(
            session, visitor, (need.id, pair.need.organization), (capability.id, pair.capability.organization)
        ),
    )


@router.get("/search")
def search_page(
    request: Request,
    session: SessionDep,
    index: LiveIndexDep,
    caller: PageCallerDep,
    language: PageLanguageDep,
    visitor: VisitorDep,
    q: str = "",
    side: Side = Side.capabilities,
) -> HTMLResponse:
    text = q.strip()[:_LONGEST_SEARCH]
    found = near = None
    wrong = ""
    if text:
        try:
            asked = MatchRequest(text=text, looking_for=side, limit=_MATCHES)
        except ValidationError as error:
            [wrong, *_] = by_field(error.errors(), language).values()
        else:
            found = matches.match_text(session, caller, index, asked, language)
        if found is not None and found.status == "nothing_good":
            # What is nearest is shown all the same, as what it is: not good enough to be a match.
            asked = MatchRequest(text=text, looking_for=side, limit=_LATEST, min_score=0)
            near = matches.match_text(session, caller, index, asked, language)
    return render(
        request,
        "search.html",
        status=422 if wrong else 200,
        visitor=visitor,
        q=text,
        side=side,
        found=found,
        near=near,
        wrong=wrong,
    )


def _posting_page(
    request: Request, visitor: VisitorDep, side: Side, posting: NeedShown | CapabilityShown, found: Any
) -> HTMLResponse:
    address = f"{base_of(request)}/{side.value}/{posting.id}"
    return render(
        request,
        "posting.html",
        visitor=visitor,
        side=side,
        posting=posting,
        found=found,
        own=visitor is not None and visitor.principal.organization_id == posting.organization.id,
        address=address,
        json_ld=posting_json_ld(side, posting, address),
    )


def _list_page(
    request: Request,
    visitor: VisitorDep,
    side: Side,
    asked: NeedQuery | CapabilityQuery,
    found: Any,
    wrong: str,
) -> HTMLResponse:
    return render(
        request,
        "list.html",
        status=422 if wrong else 200,
        visitor=visitor,
        typed=request.query_params.get("q", ""),
        wrong=wrong,
        side=side,
        asked=asked,
        found=found,
        boxes=_BOXES,
        filters=_FILTERS[side],
    )


def asked_by_address(request: Request, shape: type[Q], language: str) -> tuple[Q, str]:
    """A list's parameters from the page's address, and what is wrong with the words to look for.

    Forms send empty fields; unknown query parameters are ignored; malformed known ones are 422.
    """
    given: dict[str, Any] = {"facets": True}
    for name in shape.model_fields.keys() & request.query_params.keys() - {"facets"}:
        values = [value for value in request.query_params.getlist(name) if value.strip()]
        if values:
            given[name] = values if get_origin(shape.model_fields[name].annotation) is list else values[-1]
    try:
        return shape.model_validate(given), ""
    except ValidationError as error:
        wrong = by_field(error.errors(), language)
        if wrong.keys() == {"q"}:
            return shape.model_validate({name: value for name, value in given.items() if name != "q"}), wrong[
                "q"
            ]
        raise RequestValidationError(
            [{**one, "loc": ("query", *one["loc"])} for one in error.errors()]
        ) from error
