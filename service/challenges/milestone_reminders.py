"""Milestones that fall due, of introductions and of challenges: told once to those whose they are."""

from datetime import timedelta

from sqlmodel import Session, col, select

from schemas.bid import Bid, BidDelivery, BidStatus
from schemas.challenge import Challenge, ChallengeStatus
from schemas.introduction import Introduction, IntroductionStatus
from schemas.introduction_milestone import IntroductionMilestone
from schemas.notice import NoticeKind
from service.challenges.deadline import members_of
from service.introductions.introductions import sides_of
from service.notices.feed import notify
from service.platform.china_time import today

# A worker that stood still for a while makes up for it; what is older everybody knows.
_MADE_UP_FOR = timedelta(days=30)


def tell_of_milestones(session: Session) -> None:
    _of_introductions(session)
    _of_challenges(session)


def _of_introductions(session: Session) -> None:
    rows = session.exec(
        select(IntroductionMilestone, Introduction)
        .join(Introduction, col(Introduction.id) == col(IntroductionMilestone.introduction_id))
        .where(
            col(Introduction.status) == IntroductionStatus.accepted,
            col(IntroductionMilestone.done_at).is_(None),
            col(IntroductionMilestone.due).between(today() - _MADE_UP_FOR + timedelta(days=1), today()),
        )
    )
    for milestone, introduction in rows:
        notify(
            session,
            NoticeKind.introduction_milestone_due,
            introduction.id,
            sides_of(introduction),
            once=f"milestone:{milestone.id}:{milestone.due}",
            milestone=str(milestone.id),
            due=str(milestone.due),
        )


def _of_challenges(session: Session) -> None:
    """Of each winner that has not reported at one: to it, and to the publisher."""
    rows = session.exec(
        select(Challenge, Bid)
        .join(Bid, col(Bid.challenge_id) == col(Challenge.id))
        .where(
            col(Challenge.status).in_(
                [ChallengeStatus.signed, ChallengeStatus.working, ChallengeStatus.acceptance]
            ),
            col(Bid.status) == BidStatus.won,
        )
    )
    for challenge, bid in rows:
        reported = set(
            session.exec(
                select(BidDelivery.milestone).where(
                    col(BidDelivery.bid_id) == bid.id, col(BidDelivery.delivered_at).is_not(None)
                )
            )
        )
        for place, milestone in enumerate(challenge.milestones):
            if milestone.due is None or place in reported:
                continue
            if not today() - _MADE_UP_FOR < milestone.due <= today():
                continue
            told = {challenge.organization_id, *(one.organization_id for one in members_of(session, bid))}
            notify(
                session,
                NoticeKind.challenge_milestone_due,
                challenge.id,
                sorted(told),
                once=f"milestone:{bid.id}:{place}:{milestone.due}",
                milestone=place + 1,
                due=str(milestone.due),
            )
