"""/v1/needs: what is looked for."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from schemas.base import Page
from schemas.capability import Capability
from schemas.leak import LeakCheck
from schemas.match import CapabilityMatches, MatchFilters, PairMatch
from schemas.need import Need, NeedChange, NeedCreate, NeedShown
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
from service.postings.lists import NeedQuery, list_needs

router = APIRouter(prefix="/v1/needs", tags=["needs"])


@router.post("", status_code=201, response_model=NeedShown)
def post_need(
    request: Request, session: SessionDep, caller: PrincipalDep, body: NeedCreate, key: IdempotencyKey = None
) -> Response:
    """Post a need. With an `external_id` that the organisation used before, that one is updated."""

    def post() -> NeedShown:
        posted, _ = postings.post(session, caller, Need, body, publish=body.publish)
        return posting_access.shown(session, posted, caller, NeedShown)

    return once(session, caller, key, request, body, post)


@router.post("/check")
def check_need(session: SessionDep, caller: PrincipalDep, body: NeedCreate) -> LeakCheck:
    """What would be found before publishing, place by place, and whether it would be held. Nothing is kept."""
    return publishing.check(session, caller, Need, body)


@router.get("")
def get_needs(
    session: SessionDep, caller: PrincipalDep, asked: Annotated[NeedQuery, Query()]
) -> Page[NeedShown]:
    """List the needs that the caller may read, newest first."""
    return list_needs(session, caller, asked)


@router.get("/{need_id}")
def get_need(session: SessionDep, caller: PrincipalDep, need_id: UUID, response: Response) -> NeedShown:
    """Read one need."""
    need = posting_access.access_posting(session, caller, Need, need_id)
    tag(response, need.version)
    return posting_access.shown(session, need, caller, NeedShown)


@router.patch("/{need_id}")
def change_need(
    session: SessionDep,
    caller: PrincipalDep,
    need_id: UUID,
    body: NeedChange,
    response: Response,
    seen: IfMatch,
) -> NeedShown:
    """Replace the fields that are sent. Unreviewed words of an unverified organisation go back to review."""
    need = posting_access.access_own_posting(session, caller, Need, need_id, seen)
    postings.change(session, caller, need, body)
    tag(response, need.version)
    return posting_access.shown(session, need, caller, NeedShown)


@router.delete("/{need_id}", status_code=204)
def delete_need(session: SessionDep, caller: PrincipalDep, need_id: UUID, seen: IfMatch) -> None:
    """Delete a need for good."""
    postings.delete(session, caller, posting_access.access_own_posting(session, caller, Need, need_id, seen))


@router.post("/{need_id}/submit")
def submit_need(session: SessionDep, caller: PrincipalDep, need_id: UUID, seen: IfMatch) -> NeedShown:
    """Hand a draft in for review."""
    need = posting_access.access_own_posting(session, caller, Need, need_id, seen)
    return posting_access.shown(session, postings.submit(session, caller, need), caller, NeedShown)


@router.post("/{need_id}/publish")
def publish_need(session: SessionDep, caller: PrincipalDep, need_id: UUID, seen: IfMatch) -> NeedShown:
    """Publish; for an organisation that is not verified, hand in for review."""
    need = posting_access.access_own_posting(session, caller, Need, need_id, seen)
    return posting_access.shown(session, postings.publish(session, caller, need), caller, NeedShown)


@router.post("/{need_id}/reject")
def reject_need(
    session: SessionDep, caller: PrincipalDep, need_id: UUID, body: Rejection, seen: IfMatch
) -> NeedShown:
    """Operators: turn a need down, with a reason that its poster reads."""
    need = posting_access.access_own_posting(session, caller, Need, need_id, seen)
    return posting_access.shown(
        session, postings.reject(session, caller, need, body.reason), caller, NeedShown
    )


@router.post("/{need_id}/close")
def close_need(session: SessionDep, caller: PrincipalDep, need_id: UUID, seen: IfMatch) -> NeedShown:
    """Close a need. From this moment on it is in no match."""
    need = posting_access.access_own_posting(session, caller, Need, need_id, seen)
    return posting_access.shown(session, postings.close(session, caller, need), caller, NeedShown)


@router.get("/{need_id}/suggestions")
def get_suggestions_for_need(
    session: SessionDep,
    caller: PrincipalDep,
    index: LiveIndexDep,
    language: LanguageDep,
    need_id: UUID,
) -> PostingSuggestions:
    """What would make this need fuller: fields that are missing, domains and keywords to be taken or left."""
    need = posting_access.access_posting(session, caller, Need, need_id)
    return suggest_for(session, caller, index, need, language)


@router.get("/{need_id}/matches")
def get_matches_of_need(
    session: SessionDep,
    caller: PrincipalDep,
    index: LiveIndexDep,
    language: LanguageDep,
    need_id: UUID,
    asked: Annotated[MatchFilters, Query()],
) -> CapabilityMatches:
    """The capabilities that fit this need, best first, with reasons."""
    need = posting_access.access_posting(session, caller, Need, need_id)
    return matches.match_need(session, caller, index, need, asked, language)


@router.get("/{need_id}/matches/{capability_id}")
def explain_pair(
    session: SessionDep,
    caller: PrincipalDep,
    index: LiveIndexDep,
    language: LanguageDep,
    need_id: UUID,
    capability_id: UUID,
) -> PairMatch:
    """Why this capability fits this need, or why it is not in the list."""
    need = posting_access.access_posting(session, caller, Need, need_id)
    capability = posting_access.access_posting(session, caller, Capability, capability_id)
    return matches.explain_pair(session, caller, index, need, capability, language)
