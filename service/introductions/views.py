"""Introductions as somebody sees them."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import or_
from sqlmodel import Session, col, select

from schemas.account import OrganizationBrief
from schemas.base import now
from schemas.capability import Capability
from schemas.introduction import (
    DeclineReason,
    Introduction,
    IntroductionStatus,
    IntroductionStep,
)
from schemas.introduction_nda import NdaState
from schemas.introduction_shown import BrokerOffer, IntroductionShown, PostingTitle, StepShown
from schemas.need import Need
from schemas.wording import Wording
from service.access.briefs import briefs_of
from service.access.principal import Principal
from service.access.workflow import Part
from service.introductions.nda_versions import newest_ndas
from service.introductions.workflow import INTRODUCTION
from service.platform.messages import said
from service.platform.phrases import label_of
from service.platform.settings import settings
from service.postings.access import readable

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
    session: Session,
    caller: Principal,
    introductions: Sequence[tuple[Introduction, set[Part]]],
    language: str,
) -> list[IntroductionShown]:
    """Each as the caller, who has these parts, sees it. A handful of queries, however many they are."""
    found = [introduction for introduction, _ in introductions]
    steps = list(
        session.exec(
            select(IntroductionStep)
            .where(col(IntroductionStep.introduction_id).in_([one.id for one in found]))
            .order_by(col(IntroductionStep.id))
        )
    )
    briefs = briefs_of(
        session,
        [
            *(step.organization_id for step in steps),
            *(
                party
                for one in found
                for party in (one.seeker_id, one.provider_id, one.asked_by, one.broker_id, one.offered_by)
            ),
        ],
    )
    opened = [one for one, parts in introductions if "read details" in _verbs(one, parts)]
    needs = titles_of(
        session, caller, Need, {one.need_id for one in found}, opened={one.need_id for one in opened}
    )
    capabilities = titles_of(
        session,
        caller,
        Capability,
        {one.capability_id for one in found},
        opened={one.capability_id for one in opened},
    )
    ndas = newest_ndas(session, [one.id for one in found])
    return [
        IntroductionShown(
            **one.model_dump(
                exclude={
                    *(
                        "seeker_id",
                        "provider_id",
                        "asked_by",
                        "broker_id",
                        "need_id",
                        "capability_id",
                        "status",
                    )
                }
            ),
            status=one.status_now,
            need=PostingTitle(id=one.need_id, title=needs.get(one.need_id, "")),
            capability=PostingTitle(id=one.capability_id, title=capabilities.get(one.capability_id, "")),
            seeker=briefs[one.seeker_id],
            provider=briefs[one.provider_id],
            asked_by=briefs[one.asked_by],
            broker=briefs[one.broker_id] if one.broker_id else None,
            offer=_offer(one, briefs),
            nda=NdaState(**ndas[one.id].model_dump(), asked_at=ndas[one.id].created_at)
            if one.id in ndas
            else None,
            declined=declined_told(one, parts, language),
            may=[verb for verb in _verbs(one, parts) if verb != "read"],
            steps=[_shown_step(step, briefs) for step in steps if step.introduction_id == one.id],
        )
        for one, parts in introductions
    ]


def oldest_offer() -> datetime:
    """A broker's offer that is older has lapsed."""
    return now() - timedelta(days=settings().introduction_days)


def offer_is_open(introduction: Introduction) -> bool:
    """Nobody has refused it, both have not agreed yet, and it has not lapsed."""
    accepted = introduction.status is IntroductionStatus.accepted
    return accepted and introduction.offered_at is not None and introduction.offered_at > oldest_offer()


def _offer(introduction: Introduction, briefs: dict[UUID, OrganizationBrief]) -> BrokerOffer | None:
    if introduction.offered_by is None or introduction.offered_at is None or not offer_is_open(introduction):
        return None
    return BrokerOffer(
        broker=briefs[introduction.offered_by],
        offered_at=introduction.offered_at,
        agreed_by=introduction.offer_agreed_by,
    )


def declined_told(introduction: Introduction, parts: Collection[Part], language: str) -> str | None:
    """Operators read the reason itself, everybody else neutral words."""
    reason = introduction.decline_reason
    if reason is None:
        return None
    if Part.operator in parts:
        return label_of(language, reason)
    return said(_TOLD.get(reason, _NOT_THIS), language)


def titles_of(
    session: Session,
    caller: Principal,
    table: type[Need] | type[Capability],
    ids: Collection[UUID],
    *,
    opened: Collection[UUID] = (),
) -> dict[UUID, str]:
    """Of those that the caller may read; and of those that were ``opened`` to it, whoever may find them."""
    allowed = or_(readable(table, caller, matched=True), col(table.id).in_(opened))
    rows = session.exec(select(table.id, table.title).where(col(table.id).in_(ids), allowed))
    return dict(rows.all())


def _verbs(introduction: Introduction, parts: Collection[Part]) -> list[str]:
    return INTRODUCTION.verbs(introduction.status_now, parts)


def _shown_step(step: IntroductionStep, briefs: dict[UUID, OrganizationBrief]) -> StepShown:
    return StepShown(
        at=step.created_at,
        verb=step.verb,
        organization=briefs[step.organization_id] if step.organization_id else None,
        status=step.status,
        stage=step.stage,
    )
