"""What every step of a challenge leaves behind: a line that is published, an entry in the audit, notices."""

from collections.abc import Iterable
from uuid import UUID

from sqlmodel import Session, col, select

from schemas.base import now
from schemas.bid import NEVER_OPENED, Bid, BidMember, BidStatus
from schemas.challenge import Challenge, ChallengeStatus, ChallengeStep
from schemas.need import Need
from schemas.notice import NoticeKind
from service.access import audit
from service.access.principal import Principal
from service.notices.feed import notify


def note_step(
    session: Session,
    caller: Principal | None,
    challenge: Challenge,
    verb: str,
    reason: str = "",
    **figures: float | str,
) -> None:
    """reason: is published. figures: ids, states and figures that may be published."""
    challenge.updated_at = now()
    challenge.version += 1
    session.add(
        ChallengeStep(
            challenge_id=challenge.id,
            verb=verb,
            organization_id=caller.organization_id if caller else None,
            status=challenge.status,
            reason=reason,
            figures=figures,
        )
    )
    audit.note(
        session,
        caller,
        f"challenge.{verb.replace(' ', '_')}",
        challenge.id,
        owners_of(session, challenge),
        status=challenge.status.value,
        **figures,
    )


def owners_of(session: Session, challenge: Challenge) -> set[UUID]:
    """Its publisher, and whoever has the need that it is about. Neither may bid."""
    owners = {challenge.organization_id}
    if challenge.need_id is not None:
        owners.add(session.get_one(Need, challenge.need_id).organization_id)
    return owners


def bidders_of(session: Session, challenge: Challenge) -> set[UUID]:
    """Every organisation in a bid that was opened; nobody while bids are sealed."""
    members = (
        select(BidMember.organization_id)
        .join(Bid, col(Bid.id) == col(BidMember.bid_id))
        .where(
            col(Bid.challenge_id) == challenge.id,
            col(Bid.status).not_in({*NEVER_OPENED, BidStatus.sealed}),
        )
    )
    return set(session.exec(members))


def tell_parties(
    session: Session,
    caller: Principal | None,
    challenge: Challenge,
    kind: NoticeKind = NoticeKind.challenge_moved,
    also: Iterable[UUID] = (),
) -> None:
    parties = {*owners_of(session, challenge), *bidders_of(session, challenge), *also}
    others = parties - ({caller.organization_id} if caller else set())
    notify(session, kind, challenge.id, sorted(others), status=challenge.status.value)


def public_steps(session: Session, challenges: Iterable[Challenge]) -> list[ChallengeStep]:
    """Of each from its opening on: what was before is nobody else's affair."""
    found = {challenge.id: challenge for challenge in challenges if challenge.opened_at is not None}
    steps = session.exec(
        select(ChallengeStep)
        .where(
            col(ChallengeStep.challenge_id).in_(found),
            col(ChallengeStep.status).not_in([ChallengeStatus.draft, ChallengeStatus.review]),
        )
        .order_by(col(ChallengeStep.id))
    )
    return list(steps)
