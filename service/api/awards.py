"""/v1/challenges/{id}: reviewers, sheets and ranking; award, contract, start, end."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Body

from schemas.bid_review import (
    Award,
    Declaration,
    ReviewerAsk,
    ReviewsShown,
    SheetWrite,
    Signing,
)
from schemas.challenge import ChallengeShown, WithReason
from service.challenges import awards
from service.challenges import reviewing as reviews
from service.challenges.challenges import shown
from service.http.dependencies import PrincipalDep, SessionDep
from service.http.language import LanguageDep

router = APIRouter(prefix="/v1/challenges/{challenge_id}", tags=["challenges"])


@router.get("/reviews")
def get_reviews(
    session: SessionDep, caller: PrincipalDep, language: LanguageDep, challenge_id: UUID
) -> ReviewsShown:
    """Reviewers and one's own sheets; once all sheets are in, all of them and the ranking."""
    return reviews.read_reviews(session, caller, challenge_id, language)


@router.post("/reviewers", status_code=201)
def assign_reviewer(
    session: SessionDep, caller: PrincipalDep, language: LanguageDep, challenge_id: UUID, body: ReviewerAsk
) -> ReviewsShown:
    """Operators: ask an organisation, or one person by their key, to review. Whoever is bound is refused."""
    reviews.assign(session, caller, challenge_id, body)
    return reviews.read_reviews(session, caller, challenge_id, language)


@router.post("/reviewers/{reviewer_id}/recuse", status_code=204)
def recuse_reviewer(session: SessionDep, caller: PrincipalDep, challenge_id: UUID, reviewer_id: UUID) -> None:
    """Step back; or, for operators, take a reviewer off. Their sheets count no more."""
    reviews.recuse(session, caller, challenge_id, reviewer_id)


@router.post("/declaration", status_code=204)
def declare_conflicts(
    session: SessionDep, caller: PrincipalDep, challenge_id: UUID, body: Declaration
) -> None:
    """Reviewers: say whether anything binds one to a bidder. Only who says no reads the bids."""
    reviews.declare(session, caller, challenge_id, body)


@router.put("/bids/{bid_id}/sheet", status_code=204)
def score_bid(
    session: SessionDep, caller: PrincipalDep, challenge_id: UUID, bid_id: UUID, body: SheetWrite
) -> None:
    """Reviewers: hand in a score sheet, or another in its place while any is missing."""
    reviews.score(session, caller, challenge_id, bid_id, body)


@router.post("/award")
def award_challenge(
    session: SessionDep,
    caller: PrincipalDep,
    challenge_id: UUID,
    body: Annotated[Award, Body(default_factory=Award)],
) -> ChallengeShown:
    """Award it to the best by the ranking, or to others with a published reason."""
    return shown(session, caller, awards.award(session, caller, challenge_id, body))


@router.post("/reopen")
def reopen_challenge(
    session: SessionDep, caller: PrincipalDep, challenge_id: UUID, body: WithReason
) -> ChallengeShown:
    """Operators: take an award back while it is public, such as after an objection."""
    return shown(session, caller, awards.reopen(session, caller, challenge_id, body))


@router.post("/fail")
def fail_challenge(
    session: SessionDep, caller: PrincipalDep, challenge_id: UUID, body: WithReason
) -> ChallengeShown:
    """Operators: say that nobody who bid can be chosen (流榜)."""
    return shown(session, caller, awards.fail(session, caller, challenge_id, body))


@router.post("/sign")
def sign_challenge(
    session: SessionDep,
    caller: PrincipalDep,
    challenge_id: UUID,
    body: Annotated[Signing, Body(default_factory=Signing)],
) -> ChallengeShown:
    """Say that the contract is signed, after the award was public for its days."""
    return shown(session, caller, awards.sign(session, caller, challenge_id, body))


@router.post("/start")
def start_challenge(session: SessionDep, caller: PrincipalDep, challenge_id: UUID) -> ChallengeShown:
    """Work begins."""
    return shown(session, caller, awards.start(session, caller, challenge_id))


@router.post("/terminate")
def terminate_challenge(
    session: SessionDep, caller: PrincipalDep, challenge_id: UUID, body: WithReason
) -> ChallengeShown:
    """End it after its deadline without a solution. The reason is published."""
    return shown(session, caller, awards.terminate(session, caller, challenge_id, body))
