"""/v1/capabilities: what is offered."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from schemas.base import Page
from schemas.capability import Capability, CapabilityChange, CapabilityCreate, CapabilityShown
from schemas.leak import LeakCheck
from schemas.match import MatchFilters, NeedMatches
from schemas.posting import Rejection
from service.http.dependencies import LiveIndexDep, PrincipalDep, SessionDep
from service.http.etags import IfMatch, tag
from service.http.language import LanguageDep
from service.http.once import IdempotencyKey, once
from service.matches import matches
from service.matches.suggestions import PostingSuggestions, suggest_for
from service.postings import access as posting_access
from service.postings import actions as postings
from service.postings import publishing
from service.postings.lists import CapabilityQuery, list_capabilities

router = APIRouter(prefix="/v1/capabilities", tags=["capabilities"])


@router.post("", status_code=201, response_model=CapabilityShown)
def post_capability(
    request: Request,
    session: SessionDep,
    caller: PrincipalDep,
    body: CapabilityCreate,
    key: IdempotencyKey = None,
) -> Response:
    """Post a capability. With an `external_id` that the organisation used before, that one is updated."""

    def post() -> CapabilityShown:
        posted, _ = postings.post(session, caller, Capability, body, publish=body.publish)
        return posting_access.shown(session, posted, caller, CapabilityShown)

    return once(session, caller, key, request, body, post)


@router.post("/check")
def check_capability(session: SessionDep, caller: PrincipalDep, body: CapabilityCreate) -> LeakCheck:
    """What would be found before publishing, place by place, and whether it would be held. Nothing is kept."""
    return publishing.check(session, caller, Capability, body)


@router.get("")
def get_capabilities(
    session: SessionDep, caller: PrincipalDep, asked: Annotated[CapabilityQuery, Query()]
) -> Page[CapabilityShown]:
    """List the capabilities that the caller may read, newest first."""
    return list_capabilities(session, caller, asked)


@router.get("/{capability_id}")
def get_capability(
    session: SessionDep, caller: PrincipalDep, capability_id: UUID, response: Response
) -> CapabilityShown:
    """Read one capability."""
    capability = posting_access.access_posting(session, caller, Capability, capability_id)
    tag(response, capability.version)
    return posting_access.shown(session, capability, caller, CapabilityShown)


@router.patch("/{capability_id}")
def change_capability(
    session: SessionDep,
    caller: PrincipalDep,
    capability_id: UUID,
    body: CapabilityChange,
    response: Response,
    seen: IfMatch,
) -> CapabilityShown:
    """Replace the fields that are sent. Unreviewed words of an unverified organisation go back to review."""
    capability = posting_access.access_own_posting(session, caller, Capability, capability_id, seen)
    postings.change(session, caller, capability, body)
    tag(response, capability.version)
    return posting_access.shown(session, capability, caller, CapabilityShown)


@router.delete("/{capability_id}", status_code=204)
def delete_capability(session: SessionDep, caller: PrincipalDep, capability_id: UUID, seen: IfMatch) -> None:
    """Delete a capability for good."""
    postings.delete(
        session,
        caller,
        posting_access.access_own_posting(session, caller, Capability, capability_id, seen),
    )


@router.post("/{capability_id}/submit")
def submit_capability(
    session: SessionDep, caller: PrincipalDep, capability_id: UUID, seen: IfMatch
) -> CapabilityShown:
    """Hand a draft in for review."""
    capability = posting_access.access_own_posting(session, caller, Capability, capability_id, seen)
    return posting_access.shown(
        session, postings.submit(session, caller, capability), caller, CapabilityShown
    )


@router.post("/{capability_id}/publish")
def publish_capability(
    session: SessionDep, caller: PrincipalDep, capability_id: UUID, seen: IfMatch
) -> CapabilityShown:
    """Publish; for an organisation that is not verified, hand in for review."""
    capability = posting_access.access_own_posting(session, caller, Capability, capability_id, seen)
    return posting_access.shown(
        session, postings.publish(session, caller, capability), caller, CapabilityShown
    )


@router.post("/{capability_id}/reject")
def reject_capability(
    session: SessionDep, caller: PrincipalDep, capability_id: UUID, body: Rejection, seen: IfMatch
) -> CapabilityShown:
    """Operators: turn a capability down, with a reason that its poster reads."""
    capability = posting_access.access_own_posting(session, caller, Capability, capability_id, seen)
    return posting_access.shown(
        session, postings.reject(session, caller, capability, body.reason), caller, CapabilityShown
    )


@router.post("/{capability_id}/close")
def close_capability(
    session: SessionDep, caller: PrincipalDep, capability_id: UUID, seen: IfMatch
) -> CapabilityShown:
    """Close a capability. From this moment on it is in no match."""
    capability = posting_access.access_own_posting(session, caller, Capability, capability_id, seen)
    return posting_access.shown(session, postings.close(session, caller, capability), caller, CapabilityShown)


@router.get("/{capability_id}/suggestions")
def get_suggestions_for_capability(
    session: SessionDep,
    caller: PrincipalDep,
    index: LiveIndexDep,
    language: LanguageDep,
    capability_id: UUID,
) -> PostingSuggestions:
    """What would make this capability fuller: fields that are missing, domains and keywords to be taken or left."""
    capability = posting_access.access_posting(session, caller, Capability, capability_id)
    return suggest_for(session, caller, index, capability, language)


@router.get("/{capability_id}/matches")
def get_matches_of_capability(
    session: SessionDep,
    caller: PrincipalDep,
    index: LiveIndexDep,
    language: LanguageDep,
    capability_id: UUID,
    asked: Annotated[MatchFilters, Query()],
) -> NeedMatches:
    """The needs that fit this capability, best first, with reasons."""
    capability = posting_access.access_posting(session, caller, Capability, capability_id)
    return matches.match_capability(session, caller, index, capability, asked, language)
