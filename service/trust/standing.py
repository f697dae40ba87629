"""What operators may do about an organisation as a whole: suspend it, reinstate it, merge it into another."""

from collections import Counter
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Table, delete, exists, func, or_, update
from sqlalchemy import select as sql_select
from sqlmodel import Session, SQLModel, col, select

from schemas.account import Organization, OrganizationMerge, OrganizationSuspend
from schemas.base import now
from schemas.bid import Bid, BidMember
from schemas.bid_review import BidReviewer
from schemas.broker import Broker
from schemas.challenge import Challenge, ChallengeInvitation
from schemas.contract import Contract, ContractSignature
from schemas.introduction import Introduction
from schemas.introduction_follow_up import IntroductionFollowUp
from schemas.notice import Notice
from schemas.operation import AnsweredRequest
from schemas.reading.organization_names import look
from schemas.wording import Wording
from service.access import audit
from service.access.organizations import access_own_organization
from service.access.principal import Permission, Principal
from service.platform.problems import Conflict, Unfit, WrongState
from service.postings.access import TABLES

_OWN = Wording("不能对自己所在的单位进行此操作", "Not possible with the organisation that you belong to")
_MERGED = Wording("该单位已并入其他单位", "The organisation was merged into another")
_BETWEEN = Wording(
    "两个单位互为对接、合同或揭榜的双方，不能合并",
    "The two are on both sides of an introduction, a contract or a challenge, and cannot be merged",
)
_BOTH = Wording(
    "两个单位都已登记为技术经纪人，请先终止其中一个",
    "Both are registered as brokers, whose records are kept apart",
)

# Of these there is one an organisation: whoever has two of them is two parties to somebody else.
_PARTS: tuple[tuple[Any, Any], ...] = (
    (BidMember, BidMember.challenge_id),
    (BidReviewer, BidReviewer.challenge_id),
    (ContractSignature, ContractSignature.contract_id),
    (IntroductionFollowUp, IntroductionFollowUp.introduction_id),
)


def suspend(
    session: Session, caller: Principal, organization_id: UUID, body: OrganizationSuspend
) -> Organization:
    """None of its keys works from now on, nor any session; what it published stays. Suspending twice is once."""
    organization = _access(session, caller, organization_id)
    _require_other(caller, organization)
    if organization.suspended_at is None:
        organization.suspended_at, organization.suspended_for = now(), body.reason
        organization.version += 1
        audit.note(session, caller, "organization.suspend", organization.id, [organization.id])
    return organization


def reinstate(session: Session, caller: Principal, organization_id: UUID) -> Organization:
    """Its keys work again, those that were not revoked and have not expired."""
    organization = _access(session, caller, organization_id)
    if organization.merged_into is not None:
        raise WrongState(_MERGED, status_now="merged")
    if organization.suspended_at is not None:
        organization.suspended_at, organization.suspended_for = None, ""
        organization.version += 1
        audit.note(session, caller, "organization.reinstate", organization.id, [organization.id])
    return organization


def merge(
    session: Session, caller: Principal, organization_id: UUID, body: OrganizationMerge
) -> Organization:
    """Give all that an organisation has to another, which it then stands for. The surviving one.

    Its row stays, suspended, for the audit and for what was written down as history. Raises ``Conflict`` where
    the two deal with each other, or each has what only one can have.
    """
    if organization_id == body.into_id:
        raise Unfit("/into_id", "same_organization", Wording("请填写另一个单位", "Give another organisation"))
    # In one order, so that two merges cannot wait for each other.
    locked = {one: _access(session, caller, one) for one in sorted((organization_id, body.into_id))}
    old, new = locked[organization_id], locked[body.into_id]
    _require_other(caller, old)
    for one in (old, new):
        if one.merged_into is not None:
            raise WrongState(_MERGED, status_now="merged")
    _require_apart(session, old.id, new.id)
    _make_room(session, old.id, new.id)
    moved = _move(session, old.id, new.id)
    code, old.credit_code = old.credit_code, None
    old.merged_into, old.verified_at = new.id, None
    old.suspended_at = old.suspended_at or now()
    old.version += 1
    session.flush()
    new.credit_code = new.credit_code or code
    new.version += 1
    audit.note(session, caller, "organization.merge", old.id, [old.id, new.id], into=str(new.id), moved=moved)
    session.flush()
    # What was moved was moved behind the session's back.
    session.expire_all()
    session.refresh(new)
    return new


def look_alikes(
    session: Session, caller: Principal, organization_ids: Iterable[UUID]
) -> dict[UUID, list[Organization]]:
    """By organisation: others whose names a reader could take for its own, the oldest first."""
    caller.require(Permission.organization_manage)
    names = session.execute(
        sql_select(col(Organization.id), col(Organization.name))
        .where(col(Organization.merged_into).is_(None))
        .order_by(col(Organization.id))
    ).all()
    looks = {row.id: look(row.name) for row in names}
    wanted = {one for one in organization_ids if one in looks}
    of_look: dict[str, list[UUID]] = {}
    for key, name in looks.items():
        of_look.setdefault(name, []).append(key)
    ids = {one: [other for other in of_look[looks[one]] if other != one] for one in wanted}
    found = session.exec(
        select(Organization).where(
            col(Organization.id).in_({other for some in ids.values() for other in some})
        )
    )
    known = {one.id: one for one in found}
    return {one: [known[other] for other in some] for one, some in ids.items()}


def list_suspended(session: Session, caller: Principal, most: int) -> list[Organization]:
    """The latest first, without those that were merged into another."""
    caller.require(Permission.organization_manage)
    query = select(Organization).where(
        col(Organization.suspended_at).is_not(None), col(Organization.merged_into).is_(None)
    )
    return list(session.exec(query.order_by(col(Organization.suspended_at).desc()).limit(most)))


def _access(session: Session, caller: Principal, organization_id: UUID) -> Organization:
    caller.require(Permission.organization_manage)
    return access_own_organization(session, caller, organization_id)


def _require_other(caller: Principal, organization: Organization) -> None:
    """Nobody locks the door that they stand in."""
    if organization.id == caller.organization_id:
        raise WrongState(_OWN, status_now="own")


def _require_apart(session: Session, old: UUID, new: UUID) -> None:
    both = (old, new)
    conditions: list[Any] = [
        exists().where(col(one.seeker_id).in_(both), col(one.provider_id).in_(both))
        for one in (Introduction, Contract)
    ]
    conditions.append(
        exists().where(
            col(Bid.organization_id).in_(both),
            col(Challenge.id) == col(Bid.challenge_id),
            col(Challenge.organization_id).in_(both),
            col(Bid.organization_id) != col(Challenge.organization_id),
        )
    )
    for table, key in _PARTS:
        theirs = sql_select(key).where(table.organization_id == new)
        conditions.append(exists().where(table.organization_id == old, key.in_(theirs)))
    if session.execute(sql_select(or_(*conditions))).scalar():
        raise Conflict(_BETWEEN)
    brokers = sql_select(func.count()).select_from(Broker).where(col(Broker.organization_id).in_(both))
    if session.execute(brokers).scalar_one() > 1:
        raise Conflict(_BOTH)


def _make_room(session: Session, old: UUID, new: UUID) -> None:
    """Of what there is one an organisation, the surviving one's stays."""
    session.execute(delete(AnsweredRequest).where(col(AnsweredRequest.organization_id) == old))
    invited = sql_select(col(ChallengeInvitation.challenge_id)).where(
        col(ChallengeInvitation.organization_id) == new
    )
    session.execute(
        delete(ChallengeInvitation).where(
            col(ChallengeInvitation.organization_id) == old,
            col(ChallengeInvitation.challenge_id).in_(invited),
        )
    )
    # Both were told; none of the notices is lost.
    told = sql_select(col(Notice.once)).where(
        col(Notice.organization_id) == new, col(Notice.once).is_not(None)
    )
    session.execute(
        update(Notice).where(col(Notice.organization_id) == old, col(Notice.once).in_(told)).values(once=None)
    )
    for posting in TABLES.values():
        taken = sql_select(col(posting.external_id)).where(
            col(posting.organization_id) == new, col(posting.external_id).is_not(None)
        )
        session.execute(
            update(posting)
            .where(col(posting.organization_id) == old, col(posting.external_id).in_(taken))
            .values(external_id=None)
        )


def _move(session: Session, old: UUID, new: UUID) -> dict[str, int]:
    """How many rows of which tables went over. Who did what step of something is history, and stays."""
    moved: Counter[str] = Counter()
    for table, column in _owned():
        result: Any = session.execute(update(table).where(column == old).values({column: new}))
        moved[table.name] += result.rowcount
    return {name: count for name, count in sorted(moved.items()) if count}


def _owned() -> Iterable[tuple[Table, Column[Any]]]:
    """Every column that says whose something is."""
    for table in SQLModel.metadata.sorted_tables:
        for column in table.columns:
            if table.name != Organization.__tablename__ and any(
                key.column.table.name == Organization.__tablename__ for key in column.foreign_keys
            ):
                yield table, column
