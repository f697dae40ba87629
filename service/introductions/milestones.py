"""Milestones of an introduction: set, changed, done."""

from uuid import UUID

from sqlmodel import Session, col, select

from schemas.base import now
from schemas.introduction import Introduction
from schemas.introduction_milestone import IntroductionMilestone, MilestoneAdd, MilestoneShown
from schemas.notice import NoticeKind
from schemas.wording import Wording
from service.access import audit
from service.access.briefs import briefs_of
from service.access.principal import Principal
from service.introductions.introductions import access_introduction, sides_of, tell_others, touch
from service.platform.problems import NotThere, WrongState


def add_milestone(
    session: Session, caller: Principal, introduction_id: UUID, body: MilestoneAdd
) -> MilestoneShown:
    introduction, _ = access_introduction(session, caller, introduction_id, "add milestone")
    made = IntroductionMilestone(introduction_id=introduction.id, title=body.title, due=body.due)
    session.add(made)
    return _noted(session, caller, introduction, "add_milestone", made)


def change_milestone(
    session: Session, caller: Principal, introduction_id: UUID, milestone_id: UUID, body: MilestoneAdd
) -> MilestoneShown:
    """Say anew what it is, and by when. What is done stays as it is."""
    introduction, milestone = _access(session, caller, introduction_id, milestone_id, "change milestone")
    milestone.title, milestone.due = body.title, body.due
    return _noted(session, caller, introduction, "change_milestone", milestone)


def finish_milestone(
    session: Session, caller: Principal, introduction_id: UUID, milestone_id: UUID
) -> MilestoneShown:
    introduction, milestone = _access(session, caller, introduction_id, milestone_id, "finish milestone")
    milestone.done_at, milestone.done_by, milestone.done_with = now(), caller.organization_id, caller.key_id
    return _noted(session, caller, introduction, "finish_milestone", milestone)


def remove_milestone(session: Session, caller: Principal, introduction_id: UUID, milestone_id: UUID) -> None:
    introduction, milestone = _access(session, caller, introduction_id, milestone_id, "remove milestone")
    _noted(session, caller, introduction, "remove_milestone", milestone)
    session.delete(milestone)


def list_milestones(session: Session, caller: Principal, introduction_id: UUID) -> list[MilestoneShown]:
    """The next one due comes first, and those without a day last."""
    introduction, _ = access_introduction(session, caller, introduction_id, "read milestones")
    query = (
        select(IntroductionMilestone)
        .where(IntroductionMilestone.introduction_id == introduction.id)
        .order_by(col(IntroductionMilestone.due).nulls_last(), col(IntroductionMilestone.id))
    )
    return _shown(session, list(session.exec(query)))


def _access(
    session: Session, caller: Principal, introduction_id: UUID, milestone_id: UUID, verb: str
) -> tuple[Introduction, IntroductionMilestone]:
    """One that is not done yet. The introduction is locked, and with it all that belongs to it."""
    introduction, _ = access_introduction(session, caller, introduction_id, verb)
    found = session.exec(
        select(IntroductionMilestone).where(
            IntroductionMilestone.id == milestone_id,
            IntroductionMilestone.introduction_id == introduction.id,
        )
    ).first()
    if found is None:
        raise NotThere
    if found.done_at is not None:
        raise WrongState(
            Wording("该里程碑已完成", "The milestone is done already"),
            status_now=introduction.status.value,
            milestone_now="done",
        )
    return introduction, found


def _noted(
    session: Session,
    caller: Principal,
    introduction: Introduction,
    verb: str,
    milestone: IntroductionMilestone,
) -> MilestoneShown:
    touch(introduction)
    done = verb == "finish_milestone"
    tell_others(
        session,
        caller,
        introduction,
        NoticeKind.introduction_milestone_done if done else NoticeKind.introduction_milestone_set,
        milestone=str(milestone.id),
    )
    audit.note(
        session,
        caller,
        f"introduction.{verb}",
        introduction.id,
        sides_of(introduction),
        milestone=str(milestone.id),
    )
    return _shown(session, [milestone])[0]


def _shown(session: Session, milestones: list[IntroductionMilestone]) -> list[MilestoneShown]:
    finishers = briefs_of(session, (one.done_by for one in milestones))
    return [
        MilestoneShown(
            **one.model_dump(include={"id", "title", "due", "done_at"}),
            done_by=finishers[one.done_by] if one.done_by else None,
        )
        for one in milestones
    ]
