"""技术经纪人: their profile, and the standing under which they may propose."""

from typing import Any
from uuid import UUID

from pydantic import Field
from sqlalchemy import ColumnElement, and_
from sqlalchemy import select as sql_select
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from schemas.account import Organization
from schemas.base import Page, now
from schemas.broker import (
    Broker,
    BrokerChange,
    BrokerCreate,
    BrokerEnd,
    BrokerEndGround,
    BrokerEvaluation,
    BrokerRating,
    BrokerReadmit,
    BrokerShown,
    BrokerStanding,
    EvaluationStatus,
)
from schemas.notice import NoticeKind
from schemas.vocabulary import Role
from schemas.wording import Wording
from service.access import audit
from service.access.briefs import brief
from service.access.principal import Permission, Principal
from service.access.workflow import Part
from service.brokers.workflow import BROKER
from service.notices.feed import notify
from service.platform.changes import assign
from service.platform.paging import ListQuery, page
from service.platform.problems import Conflict, Forbidden, NotThere, Unfit
from service.platform.versions import Seen, require_version

_ENDED = Wording(
    "贵单位的技术经纪人资格已终止，不能再提出撮合；既往记录保留",
    "Your standing as a broker has ended: you may propose no more; the record is kept",
)


class BrokerQuery(ListQuery):
    standing: list[BrokerStanding] = Field(default_factory=list)


def readable_brokers(caller: Principal) -> ColumnElement[bool]:
    """One's own; operators read all."""
    if caller.may(Permission.broker_manage):
        return col(Broker.id).is_not(None)
    return col(Broker.organization_id) == caller.organization_id


def parts_at(broker: Broker, caller: Principal) -> set[Part]:
    """What the caller is to a broker."""
    parts = set()
    if caller.role is Role.broker and caller.organization_id == broker.organization_id:
        parts.add(Part.broker)
    if caller.may(Permission.broker_manage):
        parts.add(Part.operator)
    return parts


def access_broker(
    session: Session, caller: Principal, broker_id: UUID, verb: str = "read", seen: Seen = None
) -> Broker:
    """Load a broker to do ``verb``, locked unless it is only read.

    Raises ``NotThere``, ``Forbidden``, ``WrongState`` or ``VersionChanged``, in this order.
    """
    caller.require(Permission.broker_work)
    query = select(Broker).where(col(Broker.id) == broker_id, readable_brokers(caller))
    found = session.exec(query if _reads(verb) else query.with_for_update()).first()
    if found is None:
        raise NotThere
    BROKER.require(verb, found.standing, parts_at(found, caller))
    require_version(seen, found.version)
    return found


def list_brokers(session: Session, caller: Principal, asked: BrokerQuery) -> Page[BrokerShown]:
    caller.require(Permission.broker_work)
    query: Any = (
        sql_select(Broker, Organization)
        .join(Organization, col(Organization.id) == col(Broker.organization_id))
        .where(readable_brokers(caller))
    )
    if asked.standing:
        query = query.where(col(Broker.standing).in_(asked.standing))
    rows, cursor = page(session, query, col(Broker.id), asked)
    return Page(items=[_shown(broker, owner, caller) for broker, owner in rows], next_cursor=cursor)


def broker_of(session: Session, caller: Principal) -> Broker | None:
    """The caller's own row, if its organisation is registered."""
    return session.exec(select(Broker).where(col(Broker.organization_id) == caller.organization_id)).first()


def register(session: Session, caller: Principal, body: BrokerCreate) -> Broker:
    """Register one's own organisation as a broker; operators may register any."""
    caller.require(Permission.broker_work)
    organization_id = body.organization_id or caller.organization_id
    if organization_id != caller.organization_id:
        caller.require(Permission.broker_manage)
    if session.get(Organization, organization_id) is None:
        raise Unfit("/organization_id", "unknown", Wording("没有这个单位", "There is no such organisation"))
    made = Broker(organization_id=organization_id, **body.model_dump(exclude={"organization_id"}))
    try:
        with session.begin_nested():
            session.add(made)
    except IntegrityError as error:
        raise Conflict(Wording("该单位已登记为技术经纪人", "It is registered as a broker already")) from error
    note_broker(session, caller, made, "register")
    return made


def change(session: Session, caller: Principal, broker: Broker, body: BrokerChange) -> Broker:
    if not assign(broker, body):
        return broker
    _changed(session, caller, broker, "change")
    if caller.organization_id != broker.organization_id:
        tell(session, broker, NoticeKind.broker_changed)
    return broker


def end(session: Session, caller: Principal, broker_id: UUID, body: BrokerEnd) -> Broker:
    """End a broker's standing (退出). Its proposals stop, its record stays."""
    broker = access_broker(session, caller, broker_id, "end")
    if body.ground is BrokerEndGround.evaluation and not _failed_in(session, broker, body.year):
        raise Unfit(
            "/year",
            "no_failed_evaluation",
            Wording(
                "该年度没有已确认的不合格评价", "There is no confirmed evaluation of that year that failed"
            ),
        )
    broker.standing, broker.ended_at, broker.ended_for = BrokerStanding.ended, now(), body.ground
    broker.ended_year = body.year if body.ground is BrokerEndGround.evaluation else None
    broker.standing_reason = body.reason
    _changed(session, caller, broker, "end", ground=body.ground.value)
    tell(session, broker, NoticeKind.broker_ended, ground=body.ground.value)
    return broker


def readmit(session: Session, caller: Principal, broker_id: UUID, body: BrokerReadmit) -> Broker:
    """Let a broker in again. Why it had ended stays in the audit."""
    broker = access_broker(session, caller, broker_id, "readmit")
    broker.standing, broker.ended_at, broker.ended_for = BrokerStanding.active, None, None
    broker.ended_year, broker.standing_reason = None, body.reason
    _changed(session, caller, broker, "readmit")
    tell(session, broker, NoticeKind.broker_readmitted)
    return broker


def require_standing(session: Session, caller: Principal) -> None:
    """Raises ``Forbidden`` where the caller's standing as a broker has ended. Whoever ends it waits for this one."""
    if caller.role is not Role.broker:
        return
    standing = session.exec(
        select(Broker.standing)
        .where(col(Broker.organization_id) == caller.organization_id)
        .with_for_update(read=True)
    ).first()
    if standing is BrokerStanding.ended:
        raise Forbidden(_ENDED, standing=standing.value)


def shown(session: Session, caller: Principal, broker: Broker) -> BrokerShown:
    session.flush()
    return _shown(broker, session.get_one(Organization, broker.organization_id), caller)


def tell(session: Session, broker: Broker, kind: NoticeKind, **detail: Any) -> None:
    notify(session, kind, broker.id, [broker.organization_id], **detail)


def note_broker(session: Session, caller: Principal, broker: Broker, verb: str, **detail: Any) -> None:
    audit.note(session, caller, f"broker.{verb}", broker.id, [broker.organization_id], **detail)


def _shown(broker: Broker, organization: Organization, caller: Principal) -> BrokerShown:
    verbs = BROKER.verbs(broker.standing, parts_at(broker, caller))
    return BrokerShown(
        **broker.model_dump(exclude={"organization_id"}),
        organization=brief(organization),
        may=[verb for verb in verbs if not _reads(verb)],
    )


def _changed(session: Session, caller: Principal, broker: Broker, verb: str, **detail: Any) -> None:
    broker.version += 1
    broker.updated_at = now()
    note_broker(session, caller, broker, verb, standing=broker.standing.value, **detail)


def _reads(verb: str) -> bool:
    """To readmit is not to read."""
    return verb.split(maxsplit=1)[0] == "read"


def _failed_in(session: Session, broker: Broker, year: int | None) -> bool:
    found = session.exec(
        select(BrokerEvaluation.id).where(
            and_(
                col(BrokerEvaluation.broker_id) == broker.id,
                col(BrokerEvaluation.year) == year,
                col(BrokerEvaluation.status) != EvaluationStatus.drafted,
                col(BrokerEvaluation.rating) == BrokerRating.failed,
            )
        )
    )
    return found.first() is not None
