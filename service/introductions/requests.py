"""Asking for an introduction: which two, on whose side, and what the match showed."""

from datetime import timedelta
from typing import TypeVar
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from schemas.base import now
from schemas.capability import Capability
from schemas.introduction import OPEN, Introduction, IntroductionAsk, IntroductionStatus, IntroductionVerb
from schemas.need import Need
from schemas.notice import NoticeKind
from schemas.reading import mask_contacts
from schemas.vocabulary import PostingStatus, Role, Visibility
from schemas.wording import Wording
from service.access.integrity import Vetoed, require_integrity, veto_in_force
from service.access.principal import Permission, Principal
from service.brokers.brokers import require_standing
from service.introductions.introductions import expire_overdue, note_step, parts_of, tell_others
from service.introductions.nda_versions import keep_nda
from service.matches.live_index import LiveIndex
from service.matches.matches import explain_pair
from service.platform.problems import Conflict, Forbidden, NotThere, Unfit, WrongState
from service.platform.settings import settings

P = TypeVar("P", Need, Capability)


def ask(
    session: Session, caller: Principal, index: LiveIndex, body: IntroductionAsk, language: str
) -> Introduction:
    """Ask the other side; or, where the caller is neither side, propose the two to each other.

    Raises ``Conflict`` with ``status_now`` where the two have an open introduction already.
    """
    caller.require(Permission.introduce)
    require_integrity(session, caller.organization_id)
    need = dockable(session, caller, Need, body.need_id)
    capability = dockable(session, caller, Capability, body.capability_id)
    if need.organization_id == capability.organization_id:
        raise Unfit(
            "/capability_id",
            "same_organization",
            Wording("需求与供给属于同一单位", "Need and capability are of one organisation"),
        )
    status = _first_status(caller, need, capability)
    if status is IntroductionStatus.proposed:
        require_standing(session, caller)
    if body.human_score is not None and not caller.may(Permission.introduction_propose):
        raise Unfit(
            "/human_score",
            "brokers_only",
            Wording(
                "只有经纪人和平台可以给出人工评分", "Only brokers and operators give a score of their own"
            ),
        )
    if body.nda is not None and status is IntroductionStatus.proposed:
        raise Unfit(
            "/nda", "sides_only", Wording("保密协议由需方或供方提出", "One of the two sides asks for an NDA")
        )
    made = Introduction(
        need_id=need.id,
        capability_id=capability.id,
        seeker_id=need.organization_id,
        provider_id=capability.organization_id,
        asked_by=caller.organization_id,
        asked_with=caller.key_id,
        broker_id=caller.organization_id
        if status is IntroductionStatus.proposed and caller.role is Role.broker
        else None,
        status=status,
        # Nothing that reaches a person goes over before the other side has agreed.
        message=mask_contacts(body.message)[0],
        seeker_contacts=body.contacts if status is IntroductionStatus.awaiting_provider else [],
        provider_contacts=body.contacts if status is IntroductionStatus.awaiting_seeker else [],
        human_score=body.human_score,
        shown={},
        expires_at=now() + timedelta(days=settings().introduction_days),
        moved_at=now(),
    )
    _explain(session, caller, index, made, need, capability, language)
    # One that ran out must not stand in the way of the next, though nobody has written that down yet.
    expire_overdue(
        session,
        col(Introduction.need_id) == need.id,
        col(Introduction.capability_id) == capability.id,
    )
    try:
        with session.begin_nested():
            session.add(made)
    except IntegrityError as error:
        raise _open_already(session, caller, need, capability) from error
    note_step(session, caller, made, IntroductionVerb.ask)
    if body.nda is not None:
        keep_nda(session, caller, made, body.nda)
        note_step(session, caller, made, IntroductionVerb.ask_nda)
    tell_others(session, caller, made, NoticeKind.introduction_requested)
    return made


def dockable(session: Session, caller: Principal, table: type[P], posting_id: UUID) -> P:
    """A posting that may be asked about: published, and not private; one's own must be published, too."""
    found = session.exec(
        select(table).where(col(table.id) == posting_id, col(table.deleted_at).is_(None))
    ).first()
    if found is None:
        raise NotThere
    published = found.status is PostingStatus.published
    if found.organization_id == caller.organization_id and not published:
        raise WrongState(Wording("请先发布", "Publish it first"), status_now=found.status.value)
    if found.organization_id != caller.organization_id and (
        not published or found.visibility is Visibility.private
    ):
        raise NotThere
    if veto_in_force(session, found.organization_id) is not None:
        # Who is barred is for operators and the barred themselves to know: for others it is in no list.
        raise Vetoed if caller.may(Permission.introduction_read_all) else NotThere
    return found


def _first_status(caller: Principal, need: Need, capability: Capability) -> IntroductionStatus:
    if caller.organization_id == need.organization_id:
        return IntroductionStatus.awaiting_provider
    if caller.organization_id == capability.organization_id:
        return IntroductionStatus.awaiting_seeker
    if caller.may(Permission.introduction_propose):
        return IntroductionStatus.proposed
    raise Forbidden(
        Wording(
            "只能为本单位的需求或供给申请对接",
            "Ask for a need or a capability of your own organisation",
        )
    )


def _explain(
    session: Session,
    caller: Principal,
    index: LiveIndex,
    introduction: Introduction,
    need: Need,
    capability: Capability,
    language: str,
) -> None:
    """Keep what the match showed. Where the index is not ready yet, there was nothing to show."""
    try:
        pair = explain_pair(session, caller, index, need, capability, language)
    except WrongState:
        return
    introduction.score = pair.score
    introduction.shown = pair.model_dump(
        mode="json", include={"score", "signals", "reasons", "summary", "known"}
    )


def _open_already(session: Session, caller: Principal, need: Need, capability: Capability) -> Conflict:
    there = session.exec(
        select(Introduction).where(
            col(Introduction.need_id) == need.id,
            col(Introduction.capability_id) == capability.id,
            col(Introduction.status).in_(OPEN),
        )
    ).first()
    told = Wording("双方已有进行中的对接", "The two have an open introduction already")
    if there is None or not parts_of(there, caller):
        return Conflict(told)
    return Conflict(told, status_now=there.status.value, introduction_id=str(there.id))
