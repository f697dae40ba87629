"""Bids as somebody sees them who may."""

from collections.abc import Sequence

from sqlalchemy import or_
from sqlalchemy import select as sql_select
from sqlmodel import Session, col, select

from schemas.bid import Bid, BidDelivery, BidDeliveryShown, BidMember, BidShown, BidStatus, MemberShown
from schemas.bid_review import BidReviewer
from schemas.challenge import Challenge
from service.access.briefs import briefs_of
from service.access.principal import Principal
from service.access.workflow import Part
from service.challenges.amendments import last_amended
from service.challenges.bid_eligibility import exceeds_reward
from service.challenges.bid_workflow import BID
from service.challenges.bids import FoundBid
from service.challenges.deadline import bid_status_now


def shown_bids(session: Session, caller: Principal, found: Sequence[FoundBid]) -> list[BidShown]:
    ids = [one.bid.id for one in found]
    members = session.exec(
        select(BidMember).where(col(BidMember.bid_id).in_(ids)).order_by(col(BidMember.id))
    ).all()
    deliveries = session.exec(
        select(BidDelivery).where(col(BidDelivery.bid_id).in_(ids)).order_by(col(BidDelivery.id))
    ).all()
    briefs = briefs_of(session, [member.organization_id for member in members])
    undeclared = any(Part.reviewer in one.parts for one in found) and not _declared(
        session, caller, found[0].challenge
    )
    amended = last_amended(session, found[0].challenge) if found else None
    shown = []
    for one in found:
        hidden = undeclared and one.parts == {Part.reviewer}
        shown.append(
            BidShown(
                **one.bid.model_dump(
                    exclude={"organization_id", "content", "nonce", "status", "created_at", "updated_at"}
                ),
                organization=briefs[one.bid.organization_id],
                status=one.status,
                content=None if hidden else one.bid.content,
                above_reward=None if hidden else exceeds_reward(one.challenge, one.bid.content.price_yuan),
                amended_since=amended is not None and one.bid.handed_in_at < amended,
                nonce=None if hidden else one.bid.nonce,
                members=[
                    MemberShown(
                        organization=briefs[member.organization_id],
                        role=member.role,
                        task=None if hidden else member.task,
                        agreed_at=member.agreed_at,
                        refused_at=member.refused_at,
                    )
                    for member in members
                    if member.bid_id == one.bid.id
                ],
                deliveries=[
                    BidDeliveryShown.model_validate(delivery.model_dump())
                    for delivery in deliveries
                    if delivery.bid_id == one.bid.id
                ],
                may=[verb for verb in BID.verbs(one.status, one.parts) if verb != "read"],
            )
        )
    return shown


def shown_bid(session: Session, caller: Principal, found: FoundBid) -> BidShown:
    """As it stands after what was just done to it."""
    session.flush()
    return shown_bids(session, caller, [found._replace(status=_status(session, found.bid))])[0]


def _status(session: Session, bid: Bid) -> BidStatus:
    query = sql_select(bid_status_now()).join(Challenge, col(Challenge.id) == col(Bid.challenge_id))
    status: BidStatus = session.execute(query.where(col(Bid.id) == bid.id)).scalar_one()
    return status


def _declared(session: Session, caller: Principal, challenge: Challenge) -> bool:
    """Whether the reviewer has said that nothing binds them to a bidder."""
    query = select(BidReviewer.id).where(
        col(BidReviewer.challenge_id) == challenge.id,
        col(BidReviewer.organization_id) == caller.organization_id,
        or_(col(BidReviewer.api_key_id).is_(None), col(BidReviewer.api_key_id) == caller.key_id),
        col(BidReviewer.declared_at).is_not(None),
        col(BidReviewer.recused_at).is_(None),
    )
    return session.exec(query).first() is not None
