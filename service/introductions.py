"""对接: asking, proposing, answering; and the contacts that an acceptance reveals."""

from collections.abc import Iterable
from typing import TypeVar
from uuid import UUID

from pydantic import Field
from sqlalchemy import ColumnElement, or_
from sqlalchemy import select as sql_select
from sqlmodel import Session, col, select

from schemas.account import Organization
from schemas.base import Page, Wording, now
from schemas.capability import Capability
from schemas.forms import Contact
from schemas.introduction import (
    OPEN,
    Introduction,
    IntroductionAccept,
    IntroductionDecline,
    IntroductionEnd,
    IntroductionShown,
    IntroductionStage,
    IntroductionStatus,
    IntroductionStep,
    RevealedContacts,
)
from schemas.need import Need
from schemas.notice import NoticeKind
from schemas.vocabulary import Role
from service import audit
from service.auth import Permission, Principal
from service.errors import NotThere, WrongState
from service.integrity import require_integrity, veto_in_force
from service.introduction_views import shown_all
from service.notices import notify
from service.paging import ListQuery, page
from service.postings import brief
from service.workflows.introduction import INTRODUCTION
from service.workflows.workflow import Part

P = TypeVar("P", Need, Capability)

_NOT_AVAILABLE = Wording("对方目前不能进行对接", "The other side cannot take up an introduction at present")
_UNANSWERED = OPEN - {IntroductionStatus.accepted}


class IntroductionQuery(ListQuery):
    status: list[IntroductionStatus] = Field(default_factory=list)
    stage: list[IntroductionStage] = Field(default_factory=list)
    need_id: UUID | None = None
    capability_id: UUID | None = None


def readable_introductions(caller: Principal) -> ColumnElement[bool]:
    """Those the caller's organisation has a part in; operators read all."""
    if caller.may(Permission.introduction_read_all):
        return col(Introduction.id).is_not(None)
    mine = caller.organization_id
    conditions = [col(Introduction.seeker_id) == mine, col(Introduction.provider_id) == mine]
    if caller.role is Role.broker:
        conditions.append(col(Introduction.broker_id) == mine)
    return or_(*conditions)


def parts_of(introduction: Introduction, caller: Principal) -> set[Part]:
    """What the caller is to it."""
    parts = set()
    if caller.organization_id == introduction.seeker_id:
        parts.add(Part.seeker)
    if caller.organization_id == introduction.provider_id:
        parts.add(Part.provider)
    if caller.role is Role.broker and caller.organization_id == introduction.broker_id:
        parts.add(Part.broker)
    if caller.may(Permission.introduction_read_all):
        parts.add(Part.operator)
    return parts


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
    # Overdue is expired, though nobody has come by yet to write it down.
    status = IntroductionStatus.expired if _overdue(found) else found.status
    INTRODUCTION.require(verb, status, parts)
    return found, parts


def list_introductions(
    session: Session, caller: Principal, asked: IntroductionQuery, language: str
) -> Page[IntroductionShown]:
    caller.require(Permission.introduce)
    query = sql_select(Introduction).where(readable_introductions(caller))
    if asked.status:
        query = query.where(col(Introduction.status).in_(asked.status))
    if asked.stage:
        query = query.where(col(Introduction.stage).in_(asked.stage))
    if asked.need_id is not None:
        query = query.where(col(Introduction.need_id) == asked.need_id)
    if asked.capability_id is not None:
        query = query.where(col(Introduction.capability_id) == asked.capability_id)
    rows, cursor = page(session, query, Introduction.id, asked)
    found = [row[0] for row in rows]
    return Page(items=shown(session, caller, found, language), next_cursor=cursor)


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
    note_step(session, caller, introduction, "accept")
    tell_others(session, caller, introduction, NoticeKind.introduction_accepted)
    return introduction


def decline(
    session: Session, caller: Principal, introduction_id: UUID, body: IntroductionDecline
) -> Introduction:
    introduction, _ = access_introduction(session, caller, introduction_id, "decline")
    introduction.status, introduction.decline_reason = IntroductionStatus.declined, body.reason
    introduction.decline_remark, introduction.declined_by = body.remark, caller.organization_id
    introduction.ended_at = now()
    note_step(session, caller, introduction, "decline")
    tell_others(session, caller, introduction, NoticeKind.introduction_declined)
    return introduction


def withdraw(session: Session, caller: Principal, introduction_id: UUID) -> Introduction:
    """Take back what one has asked for or proposed, before it is answered."""
    introduction, _ = access_introduction(session, caller, introduction_id, "withdraw")
    introduction.status, introduction.ended_at = IntroductionStatus.withdrawn, now()
    note_step(session, caller, introduction, "withdraw")
    tell_others(session, caller, introduction, NoticeKind.introduction_withdrawn)
    return introduction


def end(session: Session, caller: Principal, introduction_id: UUID, body: IntroductionEnd) -> Introduction:
    """End the dialogue, and say what came of it."""
    introduction, _ = access_introduction(session, caller, introduction_id, "end")
    introduction.status, introduction.ended_at = IntroductionStatus.ended, now()
    introduction.outcome, introduction.outcome_reason = body.outcome, body.reason
    introduction.outcome_remark = body.remark
    note_step(session, caller, introduction, "end")
    tell_others(session, caller, introduction, NoticeKind.introduction_ended)
    return introduction


def reveal_contacts(session: Session, caller: Principal, introduction_id: UUID) -> RevealedContacts:
    """The other side's contacts. That they were seen, and by whom, goes into the audit."""
    introduction, parts = access_introduction(session, caller, introduction_id, "read contacts")
    posting: Need | Capability
    if Part.seeker in parts:
        posting, given = (
            session.get_one(Capability, introduction.capability_id),
            introduction.provider_contacts,
        )
    else:
        posting, given = session.get_one(Need, introduction.need_id), introduction.seeker_contacts
    audit.note(
        session,
        caller,
        "contact.reveal",
        introduction.id,
        sides_of(introduction),
        of=str(posting.organization_id),
    )
    return RevealedContacts(
        organization=brief(session.get_one(Organization, posting.organization_id)),
        contacts=_each_once([*given, *posting.contacts]),
    )


def expire_overdue(session: Session) -> None:
    """End what nobody answered in time."""
    overdue = select(Introduction).where(
        col(Introduction.status).in_(_UNANSWERED), col(Introduction.expires_at) <= now()
    )
    for introduction in session.exec(overdue.with_for_update(skip_locked=True)):
        introduction.status, introduction.ended_at = IntroductionStatus.expired, now()
        note_step(session, None, introduction, "expire")
        tell_others(session, None, introduction, NoticeKind.introduction_expired)


def shown(
    session: Session, caller: Principal, introductions: Iterable[Introduction], language: str
) -> list[IntroductionShown]:
    """As the caller sees them."""
    found = list(introductions)
    session.flush()
    return shown_all(session, [(one, parts_of(one, caller)) for one in found], language)


def _overdue(introduction: Introduction) -> bool:
    return introduction.status in _UNANSWERED and introduction.expires_at <= now()


def sides_of(introduction: Introduction) -> list[UUID]:
    third = [introduction.broker_id] if introduction.broker_id else []
    return [introduction.seeker_id, introduction.provider_id, *third]


def note_step(session: Session, caller: Principal | None, introduction: Introduction, verb: str) -> None:
    introduction.moved_at = introduction.updated_at = now()
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
        f"introduction.{verb}",
        introduction.id,
        sides_of(introduction),
        status=introduction.status.value,
    )


def tell_others(
    session: Session, caller: Principal | None, introduction: Introduction, kind: NoticeKind
) -> None:
    others = {*sides_of(introduction)} - ({caller.organization_id} if caller else set())
    notify(session, kind, introduction.id, sorted(others), status=introduction.status.value)


def _each_once(contacts: Iterable[Contact]) -> list[Contact]:
    kept: list[Contact] = []
    for contact in contacts:
        if contact not in kept:
            kept.append(contact)
    return kept
