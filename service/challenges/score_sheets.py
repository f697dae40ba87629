"""评榜: who reviews, what is reviewed, and the sheets that came in."""

from sqlmodel import Session, col, select

from schemas.bid import NEVER_OPENED, Bid, BidStatus
from schemas.bid_review import BidReviewer, BidSheet
from schemas.challenge import Challenge

_EXCLUDED = {*NEVER_OPENED, BidStatus.sealed, BidStatus.excluded}


def reviewers_of(session: Session, challenge: Challenge) -> list[BidReviewer]:
    query = select(BidReviewer).where(col(BidReviewer.challenge_id) == challenge.id)
    return list(session.exec(query.order_by(col(BidReviewer.id))))


def reviewed_bids(session: Session, challenge: Challenge) -> list[Bid]:
    """Those that are opened and eligible; none while they are sealed."""
    query = select(Bid).where(col(Bid.challenge_id) == challenge.id, col(Bid.status).not_in(_EXCLUDED))
    return list(session.exec(query.order_by(col(Bid.id))))


def sheets_of(session: Session, challenge: Challenge) -> list[BidSheet]:
    query = (
        select(BidSheet)
        .join(BidReviewer, col(BidReviewer.id) == col(BidSheet.reviewer_id))
        .join(Bid, col(Bid.id) == col(BidSheet.bid_id))
        .where(col(BidReviewer.challenge_id) == challenge.id, col(Bid.status).not_in(_EXCLUDED))
        .order_by(col(BidSheet.id))
    )
    return list(session.exec(query))


def counted(session: Session, challenge: Challenge) -> list[BidSheet]:
    """The sheets of those who were not recused."""
    active = {one.id for one in reviewers_of(session, challenge) if one.recused_at is None}
    return [sheet for sheet in sheets_of(session, challenge) if sheet.reviewer_id in active]


def is_complete(session: Session, challenge: Challenge) -> bool:
    """Whether enough reviewers have handed in a sheet for each bid."""
    active = [one for one in reviewers_of(session, challenge) if one.recused_at is None]
    bids = reviewed_bids(session, challenge)
    wanted = len(active) * len(bids)
    return (
        bool(bids) and len(active) >= challenge.least_reviewers and len(counted(session, challenge)) == wanted
    )
