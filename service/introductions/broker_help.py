"""A broker takes up a dialogue that stalled, once both sides have agreed to that."""

from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_
from sqlmodel import Session, col, select

from schemas.base import now
from schemas.broker import Broker, BrokerStanding
from schemas.capability import Capability
from schemas.introduction import Introduction, IntroductionStatus, IntroductionVerb
from schemas.introduction_shown import StalledShown
from schemas.need import Need
from schemas.notice import NoticeKind
from schemas.wording import Wording
from service.access.integrity import require_integrity
from service.access.principal import Permission, Principal
from service.access.workflow import Part
from service.brokers.brokers import require_standing
from service.introductions.introductions import (
    access_introduction,
    note_step,
    parts_of,
    readable_introductions,
    sides_of,
    tell_others,
)
from service.introductions.stalls import not_private, shown_barely, stalled
from service.introductions.views import offer_is_open, oldest_offer
from service.introductions.workflow import INTRODUCTION
from service.notices.feed import notify
from service.platform.problems import NotThere, WrongState


def take_up(session: Session, caller: Principal, introduction_id: UUID) -> StalledShown:
    """Offer both sides one's help. Until both have agreed, the broker reads nothing more than before."""
    introduction = _access_to_take_up(session, caller, introduction_id)
    require_integrity(session, caller.organization_id)
    if introduction.broker_id is not None:
        raise WrongState(
            Wording("该对接已有技术经纪人", "It has a broker already"),
            status_now=introduction.status.value,
            offer_now="taken_up",
        )
    if offer_is_open(introduction):
        raise WrongState(
            Wording("已有技术经纪人申请协助", "A broker has offered help already"),
            status_now=introduction.status.value,
            offer_now="open",
        )
    introduction.offered_by, introduction.offered_at = caller.organization_id, now()
    introduction.offer_agreed_by = None
    note_step(session, caller, introduction, IntroductionVerb.take_up)
    tell_others(session, caller, introduction, NoticeKind.introduction_offered)
    return shown_barely(session, caller, [introduction])[introduction.id]


def agree_to_broker(session: Session, caller: Principal, introduction_id: UUID) -> Introduction:
    """Agree for one's side. With the second side's consent it is the broker's, who then reads and writes messages."""
    introduction, _ = access_introduction(session, caller, introduction_id, "agree to broker")
    broker = _offer(session, introduction)
    if introduction.offer_agreed_by == caller.organization_id:
        raise WrongState(
            Wording("本单位已同意，等待对方答复", "You have agreed; the other side has not yet"),
            status_now=introduction.status.value,
            offer_now="open",
        )
    if introduction.offer_agreed_by is None:
        introduction.offer_agreed_by = caller.organization_id
        note_step(session, caller, introduction, IntroductionVerb.agree_to_broker)
        _tell_of_answer(session, caller, introduction, broker, agreed=True)
        return introduction
    introduction.broker_id = broker
    _close(introduction)
    note_step(session, caller, introduction, IntroductionVerb.agree_to_broker)
    tell_others(session, caller, introduction, NoticeKind.introduction_taken_up)
    return introduction


def refuse_broker(session: Session, caller: Principal, introduction_id: UUID) -> Introduction:
    """Say no for one's side, also after having agreed. The two go on without."""
    introduction, _ = access_introduction(session, caller, introduction_id, "refuse broker")
    broker = _offer(session, introduction)
    _close(introduction)
    note_step(session, caller, introduction, IntroductionVerb.refuse_broker)
    _tell_of_answer(session, caller, introduction, broker, agreed=False)
    return introduction


def _access_to_take_up(session: Session, caller: Principal, introduction_id: UUID) -> Introduction:
    """Brokers see what stalled, and what another one was faster with; to everybody else it is as it always is."""
    caller.require(Permission.broker_work)
    require_standing(session, caller)
    seen = or_(readable_introductions(caller), _can_be_taken_up())
    query = select(Introduction).where(col(Introduction.id) == introduction_id, seen)
    found = session.exec(query.with_for_update()).first()
    if found is None:
        raise NotThere
    INTRODUCTION.require("take up", found.status_now, parts_of(found, caller) or {Part.helper})
    return found


def _can_be_taken_up() -> ColumnElement[bool]:
    offered = and_(
        col(Introduction.status) == IntroductionStatus.accepted,
        col(Introduction.offered_at) > oldest_offer(),
    )
    return and_(or_(stalled(), offered), not_private(Need), not_private(Capability))


def _offer(session: Session, introduction: Introduction) -> UUID:
    """Whose offer is open. Raises ``WrongState`` where none is, or its broker's standing has ended since."""
    broker = introduction.offered_by
    standing = session.exec(
        select(Broker.standing).where(col(Broker.organization_id) == broker).with_for_update(read=True)
    ).first()
    if broker is None or not offer_is_open(introduction) or standing is BrokerStanding.ended:
        raise WrongState(
            Wording("没有待答复的经纪人协助申请", "No broker's offer waits for an answer"),
            status_now=introduction.status.value,
            offer_now="none",
        )
    return broker


def _close(introduction: Introduction) -> None:
    introduction.offered_by = introduction.offered_at = introduction.offer_agreed_by = None


def _tell_of_answer(
    session: Session, caller: Principal, introduction: Introduction, broker: UUID, *, agreed: bool
) -> None:
    told = {*sides_of(introduction), broker} - {caller.organization_id}
    notify(
        session,
        NoticeKind.introduction_offer_answered,
        introduction.id,
        sorted(told),
        status=introduction.status.value,
        agreed=agreed,
    )
