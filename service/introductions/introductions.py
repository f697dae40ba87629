"""对接: who sees which, answering, moving on, ending."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from pydantic import Field
from sqlalchemy import ColumnElement, Select, and_, not_, or_
from sqlalchemy import select as sql_select
from sqlmodel import Session, col, select

from schemas.base import Page, now
from schemas.introduction import (
    UNANSWERED,
    Introduction,
    IntroductionAccept,
    IntroductionDecline,
    IntroductionEnd,
    IntroductionMove,
    IntroductionStage,
    IntroductionStatus,
    IntroductionStep,
    IntroductionVerb,
)
from schemas.introduction_shown import IntroductionShown
from schemas.notice import NoticeKind
from schemas.wording import Wording
from service.access import audit
from service.access.integrity import require_integrity, veto_in_force
from service.access.parties import parts_in, readable
from service.access.principal import Permission, Principal
from service.access.workflow import Part
from service.introductions.nda_versions import keep_nda
from service.introductions.views import shown_all
from service.introductions.workflow import INTRODUCTION
from service.notices.feed import notify
from service.platform.paging import ListQuery, page
from service.platform.problems import NotThere, WrongState

_NOT_AVAILABLE = Wording("对方目前不能进行对接", "The other side cannot take up an introduction at present")


class IntroductionQuery(ListQuery):
    status: list[IntroductionStatus] = Field(default_factory=list)
    stage: list[IntroductionStage] = Field(default_factory=list)
    need_id: UUID | None = None
    capability_id: UUID | None = None
    stalled: bool = Field(
        default=False,
        description="Those in which nobody does anything; brokers also get others', with what can be shown of them.",
    )


def readable_introductions(caller: Principal) -> ColumnElement[bool]:
    return readable(Introduction, caller, Permission.introduction_read_all)


def parts_of(introduction: Introduction, caller: Principal) -> set[Part]:
    return parts_in(introduction, caller, Permission.introduction_read_all)


def access_introduction(
    session: Session, caller: Principal, introduction_id: UUID, verb: str = "read"
) -> tuple[Introduction, set[Part]]:
    """Load an introduction to do ``verb`` with it, locked unless it is only read; and what the caller is to it.

    Raises ``NotThere``, ``Forbidden`` or ``WrongState``, in this order.
    """
    caller.require(Permission.introduce)
    query = select(Introduction).where(
        col(Introduction.id) == introduction_id, readable_introductions(caller)
    )
    found = session.exec(query if verb.startswith("read") else query.with_for_update()).first()
    if found is None:
        raise NotThere
    parts = parts_of(found, caller)
    INTRODUCTION.require(verb, found.status_now, parts)
    return found, parts


def list_introductions(
    session: Session, caller: Principal, asked: IntroductionQuery, language: str
) -> Page[IntroductionShown]:
    caller.require(Permission.introduce)
    query = filtered(sql_select(Introduction).where(readable_introductions(caller)), asked)
    rows, cursor = page(session, query, Introduction.id, asked)
    found = [row[0] for row in rows]
    return Page(items=shown(session, caller, found, language), next_cursor=cursor)


def filtered(query: Select[Any], asked: IntroductionQuery) -> Select[Any]:
    if asked.status:
        written = and_(col(Introduction.status).in_(asked.status), not_(overdue()))
        expired = IntroductionStatus.expired in asked.status
        query = query.where(or_(written, overdue()) if expired else written)
    if asked.stage:
        query = query.where(col(Introduction.stage).in_(asked.stage))
    if asked.need_id is not None:
        query = query.where(col(Introduction.need_id) == asked.need_id)
    if asked.capability_id is not None:
        query = query.where(col(Introduction.capability_id) == asked.capability_id)
    return query


def accept(
    session: Session, caller: Principal, introduction_id: UUID, body: IntroductionAccept
) -> Introduction:
    """Agree for one's side. With the second side's agreement contacts are revealed to both."""
    introduction, parts = access_introduction(session, caller, introduction_id, "accept")
    require_integrity(session, caller.organization_id)
    for side in (introduction.seeker_id, introduction.provider_id):
        if veto_in_force(session, side) is not None:
            raise WrongState(_NOT_AVAILABLE, status_now=introduction.status.value)
    if Part.seeker in parts:
        introduction.seeker_contacts = [*introduction.seeker_contacts, *body.contacts]
    else:
        introduction.provider_contacts = [*introduction.provider_contacts, *body.contacts]
    if introduction.status is not IntroductionStatus.proposed:
        introduction.status, introduction.stage = IntroductionStatus.accepted, IntroductionStage.contact
        introduction.accepted_at = now()
    elif Part.seeker in parts:
        introduction.status = IntroductionStatus.awaiting_provider
    else:
        introduction.status = IntroductionStatus.awaiting_seeker
    note_step(session, caller, introduction, IntroductionVerb.accept)
    tell_others(session, caller, introduction, NoticeKind.introduction_accepted)
    if body.nda is not None:
        nda = keep_nda(session, caller, introduction, body.nda)
        note_step(session, caller, introduction, IntroductionVerb.ask_nda)
        tell_others(session, caller, introduction, NoticeKind.introduction_nda_asked, version=nda.version)
    return introduction


def decline(
    session: Session, caller: Principal, introduction_id: UUID, body: IntroductionDecline
) -> Introduction:
    introduction, _ = access_introduction(session, caller, introduction_id, "decline")
    introduction.status, introduction.decline_reason = IntroductionStatus.declined, body.reason
    introduction.decline_remark, introduction.declined_by = body.remark, caller.organization_id
    introduction.ended_at = now()
    note_step(session, caller, introduction, IntroductionVerb.decline)
    tell_others(session, caller, introduction, NoticeKind.introduction_declined)
    return introduction


def withdraw(session: Session, caller: Principal, introduction_id: UUID) -> Introduction:
    """Take back what one has asked for or proposed, before it is answered."""
    introduction, _ = access_introduction(session, caller, introduction_id, "withdraw")
    introduction.status, introduction.ended_at = IntroductionStatus.withdrawn, now()
    note_step(session, caller, introduction, IntroductionVerb.withdraw)
    tell_others(session, caller, introduction, NoticeKind.introduction_withdrawn)
    return introduction


def move(session: Session, caller: Principal, introduction_id: UUID, body: IntroductionMove) -> Introduction:
    """Bring it to another stage, onward or back. Raises ``WrongState`` with ``stage_now`` where it is there already."""
    introduction, _ = access_introduction(session, caller, introduction_id, "move")
    if introduction.stage is body.stage:
        raise WrongState(
            Wording("当前已处于“{stage}”阶段", "It is at the stage “{stage}” already", {"stage": body.stage}),
            status_now=introduction.status.value,
            stage_now=body.stage.value,
        )
    introduction.stage = body.stage
    note_step(session, caller, introduction, IntroductionVerb.move)
    tell_others(session, caller, introduction, NoticeKind.introduction_moved, stage=body.stage.value)
    return introduction


def end(session: Session, caller: Principal, introduction_id: UUID, body: IntroductionEnd) -> Introduction:
    """End the dialogue, and say what came of it."""
    introduction, _ = access_introduction(session, caller, introduction_id, "end")
    introduction.status, introduction.ended_at = IntroductionStatus.ended, now()
    introduction.outcome, introduction.outcome_reason = body.outcome, body.reason
    introduction.outcome_remark = body.remark
    note_step(session, caller, introduction, IntroductionVerb.end)
    tell_others(session, caller, introduction, NoticeKind.introduction_ended)
    return introduction


def expire_overdue(session: Session, *which: ColumnElement[bool]) -> None:
    """End what nobody answered in time: all, or these."""
    found = select(Introduction).where(overdue(), *which)
    for introduction in session.exec(found.with_for_update(skip_locked=True)):
        introduction.status, introduction.ended_at = IntroductionStatus.expired, now()
        note_step(session, None, introduction, IntroductionVerb.expire)
        tell_others(session, None, introduction, NoticeKind.introduction_expired)


def shown(
    session: Session, caller: Principal, introductions: Iterable[Introduction], language: str
) -> list[IntroductionShown]:
    """As the caller sees them."""
    found = list(introductions)
    session.flush()
    return shown_all(session, caller, [(one, parts_of(one, caller)) for one in found], language)


def overdue() -> ColumnElement[bool]:
    return and_(col(Introduction.status).in_(UNANSWERED), col(Introduction.expires_at) <= now())


def sides_of(introduction: Introduction) -> list[UUID]:
    third = [introduction.broker_id] if introduction.broker_id else []
    return [introduction.seeker_id, introduction.provider_id, *third]


def touch(introduction: Introduction) -> None:
    """Somebody did something about it."""
    introduction.moved_at = introduction.updated_at = now()


def note_step(
    session: Session, caller: Principal | None, introduction: Introduction, verb: IntroductionVerb
) -> None:
    touch(introduction)
    session.add(
        IntroductionStep(
            introduction_id=introduction.id,
            verb=verb,
            organization_id=caller.organization_id if caller else None,
            status=introduction.status,
            stage=introduction.stage,
        )
    )
    audit.note(
        session,
        caller,
        f"introduction.{verb.name}",
        introduction.id,
        sides_of(introduction),
        status=introduction.status.value,
        stage=introduction.stage.value if introduction.stage else None,
    )


def tell_others(
    session: Session, caller: Principal | None, introduction: Introduction, kind: NoticeKind, **detail: Any
) -> None:
    """The sides; and its broker, whose members' keys do not read what it brokers."""
    others = {*sides_of(introduction)} - ({caller.organization_id} if caller else set())
    brokers = others & {introduction.broker_id}
    for told, needs in ((others - brokers, None), (brokers, Permission.broker_work)):
        notify(
            session,
            kind,
            introduction.id,
            sorted(told),
            needs=needs,
            status=introduction.status.value,
            **detail,
        )
