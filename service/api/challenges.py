"""/v1/challenges: publishing, reading, and the way to bids."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from schemas.base import Page
from schemas.challenge import ChallengeChange, ChallengeCreate, ChallengeShown, Invite, WithReason
from schemas.challenge_advice import FailureAnalysis, Invited, SuggestedBidders
from service.challenges import advice as challenge_advice
from service.challenges import challenges
from service.challenges import requests as challenge_requests
from service.http.dependencies import LiveIndexDep, PrincipalDep, SessionDep
from service.http.etags import IfMatch, tag
from service.http.language import LanguageDep
from service.http.once import IdempotencyKey, once

router = APIRouter(prefix="/v1/challenges", tags=["challenges"])


@router.post("", status_code=201, response_model=ChallengeShown)
def create_challenge(
    request: Request,
    session: SessionDep,
    caller: PrincipalDep,
    body: ChallengeCreate,
    key: IdempotencyKey = None,
) -> Response:
    """Draft a challenge, from a need, a supply gap or from nothing. With a need, what is not said is taken from it."""

    def create() -> ChallengeShown:
        return challenges.shown(session, caller, challenge_requests.create(session, caller, body))

    return once(session, caller, key, request, body, create)


@router.get("")
def get_challenges(
    session: SessionDep, caller: PrincipalDep, asked: Annotated[challenges.ChallengeQuery, Query()]
) -> Page[ChallengeShown]:
    """Challenges that were opened, newest first; one's own, and to operators all, before that, too."""
    return challenges.list_challenges(session, caller, asked)


@router.get("/{challenge_id}")
def get_challenge(
    session: SessionDep, caller: PrincipalDep, challenge_id: UUID, response: Response
) -> ChallengeShown:
    """Read one challenge, with all that happened to it."""
    found = challenges.access_challenge(session, caller, challenge_id).challenge
    tag(response, found.version)
    return challenges.shown(session, caller, found)


@router.patch("/{challenge_id}")
def change_challenge(
    session: SessionDep,
    caller: PrincipalDep,
    challenge_id: UUID,
    body: ChallengeChange,
    response: Response,
    seen: IfMatch,
) -> ChallengeShown:
    """Replace the fields that are sent, before it is opened; afterwards propose an amendment."""
    changed = challenges.change(session, caller, challenge_id, body, seen)
    tag(response, changed.version)
    return challenges.shown(session, caller, changed)


@router.post("/{challenge_id}/submit")
def submit_challenge(session: SessionDep, caller: PrincipalDep, challenge_id: UUID) -> ChallengeShown:
    """Hand it in for review."""
    return challenges.shown(session, caller, challenges.submit(session, caller, challenge_id))


@router.post("/{challenge_id}/recall")
def recall_challenge(session: SessionDep, caller: PrincipalDep, challenge_id: UUID) -> ChallengeShown:
    """Take it back from review."""
    return challenges.shown(session, caller, challenges.recall(session, caller, challenge_id))


@router.post("/{challenge_id}/return")
def return_challenge(
    session: SessionDep, caller: PrincipalDep, challenge_id: UUID, body: WithReason
) -> ChallengeShown:
    """Operators: send it back, with a reason that its publisher reads."""
    return challenges.shown(session, caller, challenges.send_back(session, caller, challenge_id, body))


@router.post("/{challenge_id}/open")
def open_challenge(session: SessionDep, caller: PrincipalDep, challenge_id: UUID) -> ChallengeShown:
    """Operators: publish it, and take bids until its deadline."""
    return challenges.shown(session, caller, challenges.open_to_bids(session, caller, challenge_id))


@router.post("/{challenge_id}/withdraw")
def withdraw_challenge(
    session: SessionDep, caller: PrincipalDep, challenge_id: UUID, body: WithReason
) -> ChallengeShown:
    """Pull it before its deadline. The reason is published; bids stay sealed for good."""
    return challenges.shown(session, caller, challenges.withdraw(session, caller, challenge_id, body))


@router.get("/{challenge_id}/suggestions")
def get_suggested_bidders(
    session: SessionDep,
    caller: PrincipalDep,
    index: LiveIndexDep,
    language: LanguageDep,
    challenge_id: UUID,
) -> SuggestedBidders:
    """Who may be able to solve it, by what they offer, with reasons."""
    return challenge_advice.suggest_bidders(session, caller, index, challenge_id, language)


@router.post("/{challenge_id}/invite")
def invite_bidders(session: SessionDep, caller: PrincipalDep, challenge_id: UUID, body: Invite) -> Invited:
    """Tell organisations of it, each once."""
    return challenge_advice.invite(session, caller, challenge_id, body)


@router.get("/{challenge_id}/analysis")
def get_failure_analysis(
    session: SessionDep,
    caller: PrincipalDep,
    index: LiveIndexDep,
    language: LanguageDep,
    challenge_id: UUID,
) -> FailureAnalysis:
    """流榜分析: why it found nobody, as far as the data tell."""
    return challenge_advice.analyse_failure(session, caller, index, challenge_id, language)
