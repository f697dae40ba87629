"""Introductions as somebody sees them."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlmodel import Session, col, select

from schemas.account import Organization, OrganizationBrief
from schemas.base import Wording
from schemas.capability import Capability
from schemas.introduction import (
    DeclineReason,
    Introduction,
    IntroductionShown,
    IntroductionStep,
    PostingTitle,
    StepShown,
)
from schemas.need import Need
from service.postings import brief
from service.workflows.introduction import INTRODUCTION
from service.workflows.workflow import Part

_NOT_NOW = Wording("对方近期没有这方面的合作安排", "The other side has no plans for this at present")
_LATER = Wording(
    "对方希望在技术更成熟后再联系", "The other side would rather talk when the technology is more mature"
)
_MORE = Wording("对方希望看到更详细的说明", "The other side would like a fuller description")
_NOT_THIS = Wording("对方暂不考虑此项合作", "The other side does not consider this cooperation for now")
# What the other side reads in place of the reason.
_TOLD = {
    DeclineReason.too_early: _LATER,
    DeclineReason.benefit_unclear: _MORE,
    DeclineReason.description_unclear: _MORE,
    DeclineReason.budget: _NOT_NOW,
    DeclineReason.timing: _NOT_NOW,
    DeclineReason.no_capacity: _NOT_NOW,
}


def shown_all(
    session: Session, introductions: Sequence[tuple[Introduction, set[Part]]], language: str
) -> list[IntroductionShown]:
    """Each as whoever has these parts sees it. A handful of queries, however many they are."""
    found = [introduction for introduction, _ in introductions]
    steps = list(
        session.exec(
            select(IntroductionStep)
            .where(col(IntroductionStep.introduction_id).in_([one.id for one in found]))
            .order_by(col(IntroductionStep.id))
        )
    )
    parties = {
        organization_id
        for one in found
        for organization_id in (one.seeker_id, one.provider_id, one.asked_by, one.broker_id)
        if organization_id
    } | {step.organization_id for step in steps if step.organization_id}
    briefs = {
        organization.id: brief(organization)
        for organization in session.exec(select(Organization).where(col(Organization.id).in_(parties)))
    }
    needs = _titles(session, Need, {one.need_id for one in found})
    capabilities = _titles(session, Capability, {one.capability_id for one in found})
    return [
        IntroductionShown(
            **one.model_dump(
                exclude={"seeker_id", "provider_id", "asked_by", "broker_id", "need_id", "capability_id"}
            ),
            need=PostingTitle(id=one.need_id, title=needs[one.need_id]),
            capability=PostingTitle(id=one.capability_id, title=capabilities[one.capability_id]),
            seeker=briefs[one.seeker_id],
            provider=briefs[one.provider_id],
            asked_by=briefs[one.asked_by],
            broker=briefs[one.broker_id] if one.broker_id else None,
            declined=declined_told(one, parts, language),
            may=[verb for verb in INTRODUCTION.verbs(one.status, parts) if verb != "read"],
            steps=[_shown_step(step, briefs) for step in steps if step.introduction_id == one.id],
        )
        for one, parts in introductions
    ]


def declined_told(introduction: Introduction, parts: Collection[Part], language: str) -> str | None:
    """Operators read the reason itself, everybody else neutral words."""
    reason = introduction.decline_reason
    if reason is None:
        return None
    if Part.operator in parts:
        return Wording(reason.zh, reason.en).said(language)
    return _TOLD.get(reason, _NOT_THIS).said(language)


def _titles(session: Session, table: type[Need | Capability], ids: Collection[UUID]) -> dict[UUID, str]:
    rows = session.exec(select(table.id, table.title).where(col(table.id).in_(ids)))
    return dict(rows.all())


def _shown_step(step: IntroductionStep, briefs: dict[UUID, OrganizationBrief]) -> StepShown:
    return StepShown(
        at=step.created_at,
        verb=step.verb,
        organization=briefs[step.organization_id] if step.organization_id else None,
        status=step.status,
        stage=step.stage,
    )
