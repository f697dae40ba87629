"""/v1/challenges/{id}/amendments: changes to a challenge that takes bids already."""

from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlmodel import Session

from schemas.base import Page
from schemas.challenge import WithReason
from schemas.challenge_amendment import AmendmentCreate, AmendmentShown, ChallengeAmendment
from service.challenges import amendments as challenge_amendments
from service.http.dependencies import PrincipalDep, SessionDep
from service.http.once import IdempotencyKey, once

router = APIRouter(prefix="/v1/challenges/{challenge_id}/amendments", tags=["challenges"])


@router.post("", status_code=201, response_model=AmendmentShown)
def propose_amendment(
    request: Request,
    session: SessionDep,
    caller: PrincipalDep,
    challenge_id: UUID,
    body: AmendmentCreate,
    key: IdempotencyKey = None,
) -> Response:
    """Propose to correct an open challenge or to put its deadline off. It takes effect with an operator's consent."""

    def propose() -> AmendmentShown:
        return _shown(session, challenge_amendments.propose(session, caller, challenge_id, body))

    return once(session, caller, key, request, body, propose)


@router.get("")
def get_amendments(session: SessionDep, caller: PrincipalDep, challenge_id: UUID) -> Page[AmendmentShown]:
    """What was changed since the opening, in order; to publisher and operators what was not published, too."""
    return Page(items=challenge_amendments.list_amendments(session, caller, challenge_id))


@router.post("/{amendment_id}/publish")
def publish_amendment(
    session: SessionDep, caller: PrincipalDep, challenge_id: UUID, amendment_id: UUID
) -> AmendmentShown:
    """Operators: consent to it. Whoever was invited, asked or bid is told; bids stay, and may be replaced."""
    return _shown(session, challenge_amendments.publish(session, caller, challenge_id, amendment_id))


@router.post("/{amendment_id}/refuse")
def refuse_amendment(
    session: SessionDep, caller: PrincipalDep, challenge_id: UUID, amendment_id: UUID, body: WithReason
) -> AmendmentShown:
    """Operators: refuse it, with a reason that its publisher reads."""
    return _shown(
        session, challenge_amendments.refuse(session, caller, challenge_id, amendment_id, body.reason)
    )


@router.post("/{amendment_id}/recall")
def recall_amendment(
    session: SessionDep, caller: PrincipalDep, challenge_id: UUID, amendment_id: UUID
) -> AmendmentShown:
    """Take back what one has proposed, before an operator has decided."""
    return _shown(session, challenge_amendments.recall(session, caller, challenge_id, amendment_id))


def _shown(session: Session, amendment: ChallengeAmendment) -> AmendmentShown:
    [shown] = challenge_amendments.shown_amendments(session, [amendment])
    return shown
