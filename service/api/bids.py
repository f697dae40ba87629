"""/v1/challenges/{id}/bids: sealed until the deadline; then reviewed, delivered, accepted."""

from uuid import UUID

from fastapi import APIRouter, Request, Response

from schemas.base import Page
from schemas.bid import Acceptance, Agreement, BidDelivered, BidShown, BidWrite, Gate
from schemas.challenge import WithReason
from service.challenges import bids, deliveries
from service.challenges.bid_views import shown_bid, shown_bids
from service.http.dependencies import PrincipalDep, SessionDep
from service.http.etags import IfMatch, tag
from service.http.once import IdempotencyKey, once

router = APIRouter(prefix="/v1/challenges/{challenge_id}/bids", tags=["challenges"])


@router.post("", status_code=201, response_model=BidShown)
def hand_in_bid(
    request: Request,
    session: SessionDep,
    caller: PrincipalDep,
    challenge_id: UUID,
    body: BidWrite,
    key: IdempotencyKey = None,
) -> Response:
    """Hand in a bid, alone or as a consortium. Until the deadline nobody else reads it; keep its `receipt`."""

    def hand_in() -> BidShown:
        made = bids.hand_in(session, caller, challenge_id, body)
        session.flush()
        return shown_bid(session, caller, bids.access_bid(session, caller, challenge_id, made.id))

    return once(session, caller, key, request, body, hand_in)


@router.get("")
def get_bids(session: SessionDep, caller: PrincipalDep, challenge_id: UUID) -> Page[BidShown]:
    """One's own bid; once bids are opened, all of them, for publisher, operators and reviewers."""
    return Page(items=shown_bids(session, caller, bids.list_bids(session, caller, challenge_id)))


@router.get("/{bid_id}")
def get_bid(
    session: SessionDep, caller: PrincipalDep, challenge_id: UUID, bid_id: UUID, response: Response
) -> BidShown:
    """Read one bid. A sealed one is there for its bidders alone."""
    found = bids.access_bid(session, caller, challenge_id, bid_id)
    tag(response, found.bid.version)
    return shown_bid(session, caller, found)


@router.put("/{bid_id}")
def replace_bid(
    session: SessionDep,
    caller: PrincipalDep,
    challenge_id: UUID,
    bid_id: UUID,
    body: BidWrite,
    response: Response,
    seen: IfMatch,
) -> BidShown:
    """Put another bid in its place, before the deadline. Members agree anew."""
    found = bids.replace(session, caller, challenge_id, bid_id, body, seen)
    tag(response, found.bid.version)
    return shown_bid(session, caller, found)


@router.post("/{bid_id}/withdraw")
def withdraw_bid(session: SessionDep, caller: PrincipalDep, challenge_id: UUID, bid_id: UUID) -> BidShown:
    """Take it back, before the deadline."""
    return shown_bid(session, caller, bids.withdraw(session, caller, challenge_id, bid_id))


@router.post("/{bid_id}/agree")
def agree_to_bid(
    session: SessionDep, caller: PrincipalDep, challenge_id: UUID, bid_id: UUID, body: Agreement
) -> BidShown:
    """Members: take one's part in the consortium. With the last consent the bid counts."""
    return shown_bid(session, caller, bids.agree(session, caller, challenge_id, bid_id, body))


@router.post("/{bid_id}/refuse")
def refuse_bid(session: SessionDep, caller: PrincipalDep, challenge_id: UUID, bid_id: UUID) -> BidShown:
    """Members: take no part, or no more."""
    return shown_bid(session, caller, bids.refuse(session, caller, challenge_id, bid_id))


@router.post("/{bid_id}/exclude")
def exclude_bid(
    session: SessionDep, caller: PrincipalDep, challenge_id: UUID, bid_id: UUID, body: WithReason
) -> BidShown:
    """Operators: rule an opened bid out that does not meet the conditions."""
    return shown_bid(session, caller, deliveries.exclude(session, caller, challenge_id, bid_id, body))


@router.post("/{bid_id}/deliver")
def deliver(
    session: SessionDep, caller: PrincipalDep, challenge_id: UUID, bid_id: UUID, body: BidDelivered
) -> BidShown:
    """Winners: report at a milestone; or, without one, deliver all of it for acceptance."""
    return shown_bid(session, caller, deliveries.deliver(session, caller, challenge_id, bid_id, body))


@router.post("/{bid_id}/decide")
def decide_at_gate(
    session: SessionDep, caller: PrincipalDep, challenge_id: UUID, bid_id: UUID, body: Gate
) -> BidShown:
    """赛马制: let a winner go on after a gate, or stop it."""
    return shown_bid(session, caller, deliveries.decide(session, caller, challenge_id, bid_id, body))


@router.post("/{bid_id}/accept-delivery")
def accept_delivery(
    session: SessionDep, caller: PrincipalDep, challenge_id: UUID, bid_id: UUID, body: Acceptance
) -> BidShown:
    """验收: say of each indicator whether it is met, with its figure. All met: the challenge is solved."""
    return shown_bid(session, caller, deliveries.accept(session, caller, challenge_id, bid_id, body))
