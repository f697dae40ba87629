"""What became of it: asked of both sides 6, 12 and 24 months after an introduction ended."""

from calendar import monthrange
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from schemas.base import now
from schemas.introduction import Introduction, IntroductionOutcome, IntroductionStatus
from schemas.introduction_follow_up import (
    FollowUpAnswer,
    FollowUpAnswered,
    FollowUpMonths,
    FollowUpShown,
    IntroductionFollowUp,
)
from schemas.notice import NoticeKind
from schemas.wording import Wording
from service.access import audit
from service.access.briefs import briefs_of
from service.access.principal import Principal
from service.introductions.introductions import access_introduction, sides_of
from service.notices.feed import notify
from service.platform.problems import WrongState

# Where nothing came of it, nobody is asked what became of it; but may tell.
_FOLLOWED = {IntroductionOutcome.contract, IntroductionOutcome.test}


def answer_follow_up(
    session: Session,
    caller: Principal,
    introduction_id: UUID,
    months: FollowUpMonths,
    body: FollowUpAnswer,
) -> FollowUpShown:
    """Tell it for one's side; told again, it replaces what was told. Raises ``WrongState`` before it is due."""
    introduction, _ = access_introduction(session, caller, introduction_id, "follow up")
    if not _due(introduction, months):
        raise WrongState(
            Wording("尚未到填报时间", "It is not due yet"),
            status_now=introduction.status.value,
            due_at=_due_at(introduction, months).isoformat(),
        )
    answered = session.exec(
        select(IntroductionFollowUp).where(
            IntroductionFollowUp.introduction_id == introduction.id,
            IntroductionFollowUp.months == months,
            IntroductionFollowUp.organization_id == caller.organization_id,
        )
    ).first() or IntroductionFollowUp(
        introduction_id=introduction.id,
        months=months,
        organization_id=caller.organization_id,
        answered_at=now(),
    )
    for name, value in body.model_dump().items():
        setattr(answered, name, value)
    answered.answered_at = answered.updated_at = now()
    session.add(answered)
    session.flush()
    audit.note(
        session,
        caller,
        "introduction.follow_up",
        introduction.id,
        sides_of(introduction),
        months=int(months),
        **body.model_dump(exclude={"remark"}),
    )
    return _shown(session, introduction)[list(FollowUpMonths).index(months)]


def list_follow_ups(session: Session, caller: Principal, introduction_id: UUID) -> list[FollowUpShown]:
    """All three, those that are not due yet too."""
    introduction, _ = access_introduction(session, caller, introduction_id, "read follow-ups")
    return _shown(session, introduction)


def tell_of_follow_ups(session: Session) -> None:
    """Ask both sides once, when it falls due."""
    for months in FollowUpMonths:
        due = select(Introduction).where(
            col(Introduction.status) == IntroductionStatus.ended,
            col(Introduction.outcome).in_(_FOLLOWED),
            col(Introduction.follow_up_told) < months,
            col(Introduction.ended_at) <= months_after(now(), -months),
        )
        for introduction in session.exec(due.with_for_update(skip_locked=True)):
            introduction.follow_up_told = months
            notify(
                session,
                NoticeKind.introduction_follow_up_due,
                introduction.id,
                [introduction.seeker_id, introduction.provider_id],
                once=f"follow-up:{introduction.id}:{months}",
                months=int(months),
            )


def months_after(moment: datetime, months: int) -> datetime:
    """The same day of another month, or the last one that it has."""
    years, month = divmod(moment.month - 1 + months, 12)
    year, month = moment.year + years, month + 1
    return moment.replace(year=year, month=month, day=min(moment.day, monthrange(year, month)[1]))


def _due_at(introduction: Introduction, months: int) -> datetime:
    assert introduction.ended_at is not None
    return months_after(introduction.ended_at, months)


def _due(introduction: Introduction, months: int) -> bool:
    return _due_at(introduction, months) <= now()


def _shown(session: Session, introduction: Introduction) -> list[FollowUpShown]:
    answers = list(
        session.exec(
            select(IntroductionFollowUp)
            .where(IntroductionFollowUp.introduction_id == introduction.id)
            .order_by(col(IntroductionFollowUp.id))
        )
    )
    briefs = briefs_of(session, (one.organization_id for one in answers))
    return [
        FollowUpShown(
            months=months,
            due_at=_due_at(introduction, months),
            due=_due(introduction, months),
            answers=[
                FollowUpAnswered(**one.model_dump(), organization=briefs[one.organization_id])
                for one in answers
                if one.months == months
            ],
        )
        for months in FollowUpMonths
    ]
