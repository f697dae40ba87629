"""Bids open when ``now() >= deadline`` in PostgreSQL, whether or not a job has recorded it.

Until then they are sealed. ``readable_bids`` is the one rule by which anybody reads any of them.
"""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, exists, func, literal, or_, true, type_coerce
from sqlmodel import Session, col, select

from schemas.base import choice, now
from schemas.bid import NEVER_OPENED, STANDING, Bid, BidMember, BidStatus, BidStep
from schemas.bid_review import BidReviewer, RecusalReason
from schemas.challenge import Challenge, ChallengeStatus
from schemas.notice import NoticeKind
from service.access import audit
from service.access.principal import Permission, Principal
from service.challenges.steps import note_step, tell_parties
from service.notices.feed import notify


def is_due() -> ColumnElement[bool]:
    """Whether bids are to be opened now."""
    return and_(col(Challenge.status) == ChallengeStatus.open, col(Challenge.deadline) <= func.now())


def status_now() -> ColumnElement[Any]:
    """A challenge's status, also where nobody has written down yet that its deadline is over."""
    bid_counts = exists().where(
        col(Bid.challenge_id) == col(Challenge.id), col(Bid.status) == BidStatus.sealed
    )
    told = case(
        (and_(is_due(), bid_counts), literal(ChallengeStatus.evaluating.value)),
        (is_due(), literal(ChallengeStatus.failed.value)),
        else_=col(Challenge.status),
    )
    return type_coerce(told, choice(ChallengeStatus))


def bid_status_now() -> ColumnElement[Any]:
    """A bid's status, likewise. Its challenge must be in the query."""
    told = case(
        (
            and_(is_due(), col(Bid.status) == BidStatus.sealed),
            literal(BidStatus.opened.value),
        ),
        (
            and_(is_due(), col(Bid.status) == BidStatus.agreeing),
            literal(BidStatus.lapsed.value),
        ),
        else_=col(Bid.status),
    )
    return type_coerce(told, choice(BidStatus))


def readable_bids(caller: Principal) -> ColumnElement[bool]:
    """Which bids the caller may read; bid and challenge must be in the query.

    Its own at any time. Those of others once the deadline is over by ``now()`` of the database and they were opened, or
    are to be; and then as publisher, operator or reviewer of the challenge. There is no other way to a bid.
    """
    opened = and_(
        col(Challenge.deadline) <= func.now(),
        col(Challenge.status).not_in([ChallengeStatus.draft, ChallengeStatus.review]),
        col(Bid.status).not_in(NEVER_OPENED),
    )
    audience = or_(
        col(Challenge.organization_id) == caller.organization_id,
        true() if caller.may(Permission.challenge_manage) else reviews(caller),
    )
    return or_(takes_part(caller.organization_id), and_(opened, audience))


def takes_part(organization_id: UUID) -> ColumnElement[bool]:
    """Whether an organisation is in the bid, as its lead or as a member."""
    return exists().where(
        col(BidMember.bid_id) == col(Bid.id), col(BidMember.organization_id) == organization_id
    )


def reviews(caller: Principal) -> ColumnElement[bool]:
    """Whether the caller reviews the challenge, and nothing known speaks against it.

    Where its organisation is among the bidders it does not, even before anybody has written that down.
    """
    among_bidders = exists().where(
        col(BidMember.challenge_id) == col(Challenge.id),
        col(BidMember.organization_id) == caller.organization_id,
        col(BidMember.holds),
        col(Challenge.deadline) <= func.now(),
    )
    return and_(
        exists().where(
            col(BidReviewer.challenge_id) == col(Challenge.id),
            col(BidReviewer.organization_id) == caller.organization_id,
            or_(col(BidReviewer.api_key_id).is_(None), col(BidReviewer.api_key_id) == caller.key_id),
            col(BidReviewer.recused_at).is_(None),
        ),
        ~among_bidders,
    )


def settle(session: Session, challenge: Challenge) -> None:
    """Write down that the deadline is over, if it is: open what counts, recuse who is bound. The row is locked."""
    due = session.execute(select(is_due()).where(col(Challenge.id) == challenge.id)).scalar_one()
    if not due:
        return
    standing = standing_bids(session, challenge)
    counted = [bid for bid in standing if bid.status is BidStatus.sealed]
    challenge.status = ChallengeStatus.evaluating if counted else ChallengeStatus.failed
    for bid in standing:
        if bid.status is BidStatus.sealed:
            _open(session, challenge, bid)
        else:
            lapse(session, bid)
    _recuse_conflicted_reviewers(session, challenge)
    note_step(session, None, challenge, "close", bids=len(counted))
    tell_parties(session, None, challenge)


def close_overdue(session: Session) -> None:
    """Open the bids of every challenge whose deadline is over."""
    for challenge in session.exec(select(Challenge).where(is_due()).with_for_update(skip_locked=True)):
        settle(session, challenge)


def standing_bids(session: Session, challenge: Challenge) -> list[Bid]:
    query = select(Bid).where(col(Bid.challenge_id) == challenge.id, col(Bid.status).in_(STANDING))
    return list(session.exec(query.order_by(col(Bid.id)).with_for_update()))


def lapse(session: Session, bid: Bid) -> None:
    """It will never be opened. That it was there stays between its bidders: the audit is not told of it."""
    bid.status, bid.updated_at = BidStatus.lapsed, now()
    members = members_of(session, bid)
    for member in members:
        member.holds = False
    told = sorted(member.organization_id for member in members)
    notify(session, NoticeKind.bid_moved, bid.id, told, status=bid.status.value)


def members_of(session: Session, bid: Bid) -> list[BidMember]:
    query = select(BidMember).where(col(BidMember.bid_id) == bid.id)
    return list(session.exec(query.order_by(col(BidMember.id))))


def _open(session: Session, challenge: Challenge, bid: Bid) -> None:
    """Now the audit learns what was done to it, and when; before, each entry would have been a sign of it."""
    bid.status, bid.opened_at, bid.updated_at = BidStatus.opened, now(), now()
    told = sorted(member.organization_id for member in members_of(session, bid))
    steps = session.exec(select(BidStep).where(col(BidStep.bid_id) == bid.id).order_by(col(BidStep.id)))
    audit.note(
        session,
        None,
        "bid.open",
        bid.id,
        [challenge.organization_id, *told],
        status=bid.status.value,
        challenge=str(challenge.id),
        receipt=bid.receipt,
        steps=[
            {
                "verb": step.verb,
                "at": step.created_at.isoformat(),
                "organization": str(step.organization_id),
                "key": str(step.api_key_id),
            }
            for step in steps
        ],
    )
    notify(session, NoticeKind.bid_moved, bid.id, told, status=bid.status.value)


def _recuse_conflicted_reviewers(session: Session, challenge: Challenge) -> None:
    bound = select(BidMember.organization_id).where(
        col(BidMember.challenge_id) == challenge.id, col(BidMember.holds)
    )
    conflicted = select(BidReviewer).where(
        col(BidReviewer.challenge_id) == challenge.id,
        col(BidReviewer.recused_at).is_(None),
        col(BidReviewer.organization_id).in_(bound),
    )
    session.flush()
    for reviewer in session.exec(conflicted.with_for_update()):
        reviewer.recused_at, reviewer.recused_for = now(), RecusalReason.bidder
        audit.note(
            session,
            None,
            "review.recuse",
            challenge.id,
            [reviewer.organization_id],
            reviewer=str(reviewer.id),
            reason=RecusalReason.bidder.value,
        )
        notify(
            session,
            NoticeKind.review_recused,
            challenge.id,
            sorted({challenge.organization_id, reviewer.organization_id}),
            reviewer=str(reviewer.id),
            reason=RecusalReason.bidder.value,
        )
