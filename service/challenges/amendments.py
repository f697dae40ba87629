"""更正、延期: its publisher proposes to change an open challenge, an operator consents, and bidders learn of it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func
from sqlmodel import Session, col, select

from schemas.base import now
from schemas.bid import Bid, BidMember, BidStatus
from schemas.challenge import Challenge, ChallengeChange, ChallengeInvitation, ChallengeStatus
from schemas.challenge_amendment import (
    AmendmentCreate,
    AmendmentShown,
    AmendmentStatus,
    ChallengeAmendment,
)
from schemas.introduction import Introduction
from schemas.notice import NoticeKind
from schemas.wording import Wording
from service.access import audit
from service.access.briefs import briefs_of
from service.access.principal import Permission, Principal
from service.access.workflow import Part
from service.challenges.challenges import access_challenge, derive
from service.challenges.rules import require_fit_to_open
from service.challenges.steps import note_step, owners_of
from service.notices.feed import notify
from service.platform.problems import Conflict, NotThere, Unfit, WrongState
from service.platform.settings import settings


def propose(
    session: Session, caller: Principal, challenge_id: UUID, body: AmendmentCreate
) -> ChallengeAmendment:
    """Propose an amendment; where the publisher is the operator, it is published at once.

    Raises ``Conflict`` while another waits, ``Unfit`` for what may not be changed.
    """
    found = access_challenge(session, caller, challenge_id, "propose amendment")
    challenge = found.challenge
    changed = _differing(challenge, body.changes)
    amendment = ChallengeAmendment(
        challenge_id=challenge.id,
        organization_id=caller.organization_id,
        number=_next_number(session, challenge),
        reason=body.reason,
        before=challenge.model_dump(mode="json", include=changed),
        after=body.changes.model_dump(mode="json", include=changed),
    )
    _require_amendable(session, challenge, amendment)
    if any(one.status is AmendmentStatus.proposed for one in _amendments(session, challenge)):
        raise Conflict(
            Wording(
                "已有一份更正待平台同意，请等待或先撤回",
                "An amendment awaits consent already; wait, or recall it",
            ),
            status_now=challenge.status.value,
        )
    session.add(amendment)
    _note(session, caller, challenge, amendment, "propose_amendment")
    if Part.operator in found.parts:
        _publish(session, caller, challenge, amendment)
    return amendment


def publish(
    session: Session, caller: Principal, challenge_id: UUID, amendment_id: UUID
) -> ChallengeAmendment:
    """Consent to an amendment. From now on the challenge says what it says; bids stay, and may be replaced."""
    challenge, amendment = _access(session, caller, challenge_id, amendment_id, "publish amendment")
    _require_amendable(session, challenge, amendment)
    _publish(session, caller, challenge, amendment)
    return amendment


def refuse(
    session: Session, caller: Principal, challenge_id: UUID, amendment_id: UUID, reason: str
) -> ChallengeAmendment:
    """Refuse an amendment; its publisher reads why, nobody else learns of it."""
    challenge, amendment = _access(session, caller, challenge_id, amendment_id, "refuse amendment")
    amendment.status, amendment.refusal, amendment.decided_at = AmendmentStatus.refused, reason, now()
    _note(session, caller, challenge, amendment, "refuse_amendment")
    notify(
        session,
        NoticeKind.challenge_reviewed,
        challenge.id,
        [challenge.organization_id],
        status=challenge.status.value,
        amendment=amendment.number,
    )
    return amendment


def recall(session: Session, caller: Principal, challenge_id: UUID, amendment_id: UUID) -> ChallengeAmendment:
    """Take a proposed amendment back."""
    challenge, amendment = _access(session, caller, challenge_id, amendment_id, "recall amendment")
    amendment.status, amendment.decided_at = AmendmentStatus.recalled, now()
    _note(session, caller, challenge, amendment, "recall_amendment")
    return amendment


def list_amendments(session: Session, caller: Principal, challenge_id: UUID) -> list[AmendmentShown]:
    """In their order. What was not published is for publisher and operators alone."""
    found = access_challenge(session, caller, challenge_id)
    session.flush()
    concerned = bool(found.parts & {Part.publisher, Part.operator})
    amendments = [
        one
        for one in _amendments(session, found.challenge)
        if concerned or one.status is AmendmentStatus.published
    ]
    return shown_amendments(session, amendments)


def waiting(session: Session, caller: Principal, most: int) -> list[Challenge]:
    """Operators: open challenges whose amendment awaits consent, the oldest first."""
    caller.require(Permission.challenge_manage)
    query = (
        select(Challenge)
        .join(ChallengeAmendment, col(ChallengeAmendment.challenge_id) == col(Challenge.id))
        .where(
            col(ChallengeAmendment.status) == AmendmentStatus.proposed,
            col(Challenge.status) == ChallengeStatus.open,
            col(Challenge.deadline) > func.now(),
        )
        .order_by(col(ChallengeAmendment.id))
    )
    return list(session.exec(query.limit(most)))


def last_amended(session: Session, challenge: Challenge) -> datetime | None:
    """When it was last changed while bids were taken; none: never."""
    query = select(func.max(ChallengeAmendment.decided_at)).where(
        col(ChallengeAmendment.challenge_id) == challenge.id,
        col(ChallengeAmendment.status) == AmendmentStatus.published,
    )
    return session.exec(query).one()


def shown_amendments(session: Session, amendments: Sequence[ChallengeAmendment]) -> list[AmendmentShown]:
    briefs = briefs_of(session, [one.organization_id for one in amendments])
    return [
        AmendmentShown(**one.model_dump(), organization=briefs[one.organization_id]) for one in amendments
    ]


def _amendments(session: Session, challenge: Challenge) -> list[ChallengeAmendment]:
    query = select(ChallengeAmendment).where(col(ChallengeAmendment.challenge_id) == challenge.id)
    return list(session.exec(query.order_by(col(ChallengeAmendment.number))))


def _access(
    session: Session, caller: Principal, challenge_id: UUID, amendment_id: UUID, verb: str
) -> tuple[Challenge, ChallengeAmendment]:
    """The challenge, locked, and its amendment, which still waits."""
    challenge = access_challenge(session, caller, challenge_id, verb).challenge
    query = select(ChallengeAmendment).where(
        col(ChallengeAmendment.id) == amendment_id, col(ChallengeAmendment.challenge_id) == challenge.id
    )
    amendment = session.exec(query).first()
    if amendment is None:
        raise NotThere
    if amendment.status is not AmendmentStatus.proposed:
        raise WrongState(
            Wording("当前状态为“{status}”", "It is “{status}” now", {"status": amendment.status}),
            status_now=amendment.status.value,
        )
    return challenge, amendment


def _publish(
    session: Session, caller: Principal, challenge: Challenge, amendment: ChallengeAmendment
) -> None:
    _apply(challenge, amendment)
    amendment.status, amendment.decided_at = AmendmentStatus.published, now()
    note_step(session, caller, challenge, "amend", amendment.reason, amendment=amendment.number)
    concerned = _concerned(session, challenge) - {caller.organization_id}
    notify(
        session,
        NoticeKind.challenge_amended,
        challenge.id,
        sorted(concerned),
        status=challenge.status.value,
        amendment=amendment.number,
    )


def _apply(challenge: Challenge, amendment: ChallengeAmendment) -> None:
    replaced = ChallengeChange.model_validate(amendment.after)
    for name in amendment.after:
        setattr(challenge, name, getattr(replaced, name))
    derive(challenge)


def _differing(challenge: Challenge, changes: ChallengeChange) -> set[str]:
    names = {name for name in changes.model_fields_set if getattr(changes, name) != getattr(challenge, name)}
    if not names:
        raise Unfit("/changes", "nothing_changed", Wording("没有任何改动", "Nothing is changed"))
    return names


def _require_amendable(session: Session, challenge: Challenge, amendment: ChallengeAmendment) -> None:
    """The deadline only moves away, and whoever bids has time for every other change."""
    amended = Challenge.model_validate(challenge.model_dump())
    _apply(amended, amendment)
    if amended.deadline is None or challenge.deadline is None or amended.deadline < challenge.deadline:
        raise Unfit(
            "/changes/deadline", "earlier", Wording("截止时间只能延后", "The deadline can only be put off")
        )
    days = settings().challenge_amendment_days
    others = amendment.after.keys() - {"deadline"}
    if others and amended.deadline < now() + timedelta(days=days):
        raise Unfit(
            "/changes/deadline",
            "too_soon",
            Wording(
                "更正内容后须给揭榜方留出至少{days}天，请同时延后截止时间",
                "Bidders need at least {days} days after a change; put the deadline off as well",
                {"days": days},
            ),
        )
    try:
        require_fit_to_open(session, amended)
    except Unfit as unfit:
        raise Unfit(f"/changes{unfit.pointer}", unfit.code, unfit.message) from unfit


def _concerned(session: Session, challenge: Challenge) -> set[UUID]:
    """Owners, whoever was invited, has bid, sealed or not, or is in talks over the need behind the challenge."""
    invited = select(ChallengeInvitation.organization_id).where(
        col(ChallengeInvitation.challenge_id) == challenge.id
    )
    bidders = (
        select(BidMember.organization_id)
        .join(Bid, col(Bid.id) == col(BidMember.bid_id))
        .where(
            col(Bid.challenge_id) == challenge.id,
            col(Bid.status) != BidStatus.withdrawn,
            col(BidMember.refused_at).is_(None),
        )
    )
    asked = select(Introduction.seeker_id, Introduction.provider_id).where(
        col(Introduction.need_id) == challenge.need_id
    )
    return {
        *owners_of(session, challenge),
        *session.exec(invited),
        *session.exec(bidders),
        *(one for pair in session.exec(asked) for one in pair),
    }


def _next_number(session: Session, challenge: Challenge) -> int:
    query = select(func.coalesce(func.max(ChallengeAmendment.number), 0)).where(
        col(ChallengeAmendment.challenge_id) == challenge.id
    )
    return session.exec(query).one() + 1


def _note(
    session: Session, caller: Principal, challenge: Challenge, amendment: ChallengeAmendment, verb: str
) -> None:
    audit.note(
        session,
        caller,
        f"challenge.{verb}",
        challenge.id,
        owners_of(session, challenge),
        amendment=amendment.number,
    )
