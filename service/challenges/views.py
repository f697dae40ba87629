"""Challenges as somebody sees them."""

from collections.abc import Collection, Sequence
from typing import Protocol
from uuid import UUID

from sqlalchemy import func
from sqlmodel import Session, col, select

from schemas.account import OrganizationBrief
from schemas.bid import CHOSEN, NEVER_OPENED, Bid, BidMember, BidStatus
from schemas.challenge import (
    UNPUBLISHED,
    Challenge,
    ChallengeFields,
    ChallengeShown,
    ChallengeStatus,
    ChallengeStepShown,
    Winner,
)
from service.access.briefs import briefs_of
from service.access.workflow import Part
from service.challenges.steps import public_steps
from service.challenges.workflow import CHALLENGE


class Seen(Protocol):
    """A challenge with its status by the clock, and what the reader is to it."""

    @property
    def challenge(self) -> Challenge: ...
    @property
    def status(self) -> ChallengeStatus: ...
    @property
    def parts(self) -> set[Part]: ...


def shown_all(session: Session, found: Sequence[Seen]) -> list[ChallengeShown]:
    """Each as whoever has these parts sees it. A handful of queries, however many they are."""
    challenges = [one.challenge for one in found]
    ids = [challenge.id for challenge in challenges]
    steps = public_steps(session, challenges)
    chosen = list(
        session.exec(
            select(Bid)
            .where(col(Bid.challenge_id).in_(ids), col(Bid.status).in_(CHOSEN))
            .order_by(col(Bid.place))
        )
    )
    members = session.exec(
        select(BidMember).where(col(BidMember.bid_id).in_([bid.id for bid in chosen]))
    ).all()
    briefs = briefs_of(
        session,
        [
            *(challenge.organization_id for challenge in challenges),
            *(step.organization_id for step in steps),
            *(member.organization_id for member in members),
        ],
    )
    counts = _counts(session, ids)
    return [
        ChallengeShown(
            **{name: getattr(one.challenge, name) for name in ChallengeFields.model_fields},
            **one.challenge.model_dump(
                include={
                    "id",
                    "need_id",
                    "kind",
                    "created_at",
                    "updated_at",
                    "opened_at",
                    "publicity_until",
                    "version",
                }
            ),
            organization=briefs[one.challenge.organization_id],
            status=one.status,
            reward_yuan=one.challenge.reward_yuan,
            returned=one.challenge.returned if one.parts & {Part.publisher, Part.operator} else None,
            bids=_count_told(one, counts),
            winners_now=[
                _winner(bid, [member for member in members if member.bid_id == bid.id], briefs)
                for bid in chosen
                if bid.challenge_id == one.challenge.id
            ],
            steps=[
                ChallengeStepShown(
                    at=step.created_at,
                    verb=step.verb,
                    organization=briefs[step.organization_id] if step.organization_id else None,
                    status=step.status,
                    reason=step.reason,
                    figures=step.figures,
                )
                for step in steps
                if step.challenge_id == one.challenge.id
            ],
            may=[verb for verb in CHALLENGE.verbs(one.status, one.parts) if verb != "read"],
        )
        for one in found
    ]


def _counts(session: Session, ids: Collection[UUID]) -> dict[UUID, int]:
    rows = session.exec(
        select(Bid.challenge_id, func.count())
        .where(col(Bid.challenge_id).in_(ids), col(Bid.status).not_in(NEVER_OPENED))
        .group_by(col(Bid.challenge_id))
    )
    return dict(rows.all())


def _count_told(one: Seen, counts: dict[UUID, int]) -> int | None:
    """While they are sealed, to the publisher alone."""
    if one.status in UNPUBLISHED:
        return None
    if one.status is ChallengeStatus.open and Part.publisher not in one.parts:
        return None
    # Of what was withdrawn before its deadline nothing was ever opened, and nothing is told.
    nothing = None if one.status is ChallengeStatus.terminated else 0
    return counts.get(one.challenge.id, nothing)


def _winner(bid: Bid, members: list[BidMember], briefs: dict[UUID, OrganizationBrief]) -> Winner:
    return Winner(
        bid_id=bid.id,
        place=bid.place or 0,
        score=bid.score or 0,
        status=BidStatus(bid.status),
        organization=briefs[bid.organization_id],
        members=[
            briefs[member.organization_id]
            for member in members
            if member.organization_id != bid.organization_id
        ],
    )
