"""技术合同: who may do what with it; changing and signing versions of it; and how it ends."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from pydantic import Field
from sqlalchemy import ColumnElement
from sqlalchemy import select as sql_select
from sqlmodel import Session, col, select

from schemas.base import Page, now
from schemas.contract import (
    CancelGround,
    Contract,
    ContractCancel,
    ContractShown,
    ContractSign,
    ContractSignature,
    ContractStatus,
    VersionKind,
    VersionShown,
)
from schemas.contract_terms import ContractContent, ContractType
from schemas.introduction import Introduction, IntroductionStage, IntroductionStatus, IntroductionVerb
from schemas.notice import NoticeKind
from schemas.wording import Wording
from service.access import audit
from service.access.integrity import require_integrity, veto_in_force
from service.access.parties import parts_in, readable
from service.access.principal import Permission, Principal
from service.access.workflow import Part
from service.contracts.commissions import check_commission
from service.contracts.ledger import reverse
from service.contracts.registration_rules.working_days import today
from service.contracts.versions import signatures_of, take_version, version_of, write_version
from service.contracts.views import shown_all, versions_shown
from service.contracts.workflow import CONTRACT
from service.introductions.introductions import note_step
from service.notices.feed import notify
from service.platform.paging import ListQuery, page
from service.platform.problems import Conflict, NotThere, WrongState
from service.platform.versions import Seen, require_version


class ContractQuery(ListQuery):
    status: list[ContractStatus] = Field(default_factory=list)
    type: list[ContractType] = Field(default_factory=list)
    introduction_id: UUID | None = None


def readable_contracts(caller: Principal) -> ColumnElement[bool]:
    return readable(Contract, caller, Permission.contract_register)


def parts_of(contract: Contract, caller: Principal) -> set[Part]:
    return parts_in(contract, caller, Permission.contract_register)


def access_contract(
    session: Session, caller: Principal, contract_id: UUID, verb: str = "read"
) -> tuple[Contract, set[Part]]:
    """Load a contract to do ``verb`` with it, locked unless it is only read; and what the caller is to it.

    Raises ``NotThere``, ``Forbidden`` or ``WrongState``, in this order.
    """
    caller.require(Permission.contract)
    query = select(Contract).where(col(Contract.id) == contract_id, readable_contracts(caller))
    found = session.exec(query if verb.startswith("read") else query.with_for_update()).first()
    if found is None:
        raise NotThere
    parts = parts_of(found, caller)
    CONTRACT.require(verb, found.status, parts)
    return found, parts


def list_contracts(session: Session, caller: Principal, asked: ContractQuery) -> Page[ContractShown]:
    caller.require(Permission.contract)
    query = sql_select(Contract).where(readable_contracts(caller))
    if asked.status:
        query = query.where(col(Contract.status).in_(asked.status))
    if asked.type:
        query = query.where(col(Contract.type).in_(asked.type))
    if asked.introduction_id is not None:
        query = query.where(col(Contract.introduction_id) == asked.introduction_id)
    rows, cursor = page(session, query, Contract.id, asked)
    return Page(items=shown(session, caller, [row[0] for row in rows]), next_cursor=cursor)


def list_versions(session: Session, caller: Principal, contract_id: UUID) -> list[VersionShown]:
    """Every version, oldest first, with its signatures."""
    contract, _ = access_contract(session, caller, contract_id, "read versions")
    return versions_shown(session, contract)


def change(
    session: Session, caller: Principal, contract_id: UUID, content: ContractContent, seen: Seen
) -> Contract:
    """Write another version. Signatures of those before it do not count for it."""
    contract, _ = access_contract(session, caller, contract_id, "change")
    require_version(seen, contract.version)
    check_commission(content)
    write_version(session, caller, contract, content)
    note(session, caller, contract, "change")
    tell_others(session, caller, contract, NoticeKind.contract_changed)
    return contract


def amend(session: Session, caller: Principal, contract_id: UUID, content: ContractContent) -> Contract:
    """Propose other terms for what was signed. The signed version stays in force until both have signed the new one."""
    contract, _ = access_contract(session, caller, contract_id, "amend")
    check_commission(content)
    contract.status_before, contract.status = contract.status, ContractStatus.amending
    write_version(session, caller, contract, content)
    note(session, caller, contract, "amend")
    tell_others(session, caller, contract, NoticeKind.contract_changed)
    return contract


def terminate(session: Session, caller: Principal, contract_id: UUID) -> Contract:
    """Propose to end it by agreement. Both sign that as they sign any other version."""
    contract, _ = access_contract(session, caller, contract_id, "terminate")
    content = version_of(session, contract).content
    contract.status_before, contract.status = contract.status, ContractStatus.amending
    write_version(session, caller, contract, content, VersionKind.termination)
    note(session, caller, contract, "terminate")
    tell_others(session, caller, contract, NoticeKind.contract_changed)
    return contract


def restore(session: Session, caller: Principal, contract_id: UUID) -> Contract:
    """Give up what was proposed: the version that both have signed counts again."""
    contract, _ = access_contract(session, caller, contract_id, "restore")
    assert contract.status_before is not None
    take_version(contract, version_of(session, contract, contract.signed_version))
    contract.status, contract.status_before = contract.status_before, None
    note(session, caller, contract, "restore")
    tell_others(session, caller, contract, NoticeKind.contract_changed)
    return contract


def sign(session: Session, caller: Principal, contract_id: UUID, body: ContractSign) -> Contract:
    """Sign for one's side. Raises ``Conflict`` for a version that does not count, and for a second signature."""
    contract, _ = access_contract(session, caller, contract_id, "sign")
    version = version_of(session, contract)
    if version.kind is not VersionKind.termination:
        require_integrity_of_both(session, caller, contract, contract.status.value)
    if (body.version, body.hash) != (version.number, version.hash):
        raise Conflict(
            Wording("合同已有新的版本，请重新阅读后签署", "There is a newer version; read it, then sign"),
            status_now=contract.status.value,
            version_now=version.number,
        )
    signed = {
        one.organization_id for one in signatures_of(session, [contract.id]) if one.number == version.number
    }
    if caller.organization_id in signed:
        raise Conflict(
            Wording("贵方已签署这一版本", "Your side has signed this version already"),
            status_now=contract.status.value,
        )
    session.add(
        ContractSignature(
            contract_id=contract.id,
            number=version.number,
            organization_id=caller.organization_id,
            api_key_id=caller.key_id,
            signer=body.signer,
            hash=version.hash,
        )
    )
    if {*signed, caller.organization_id} == {contract.seeker_id, contract.provider_id}:
        _conclude(session, caller, contract, version.kind)
    note(session, caller, contract, "sign", version=version.number, hash=version.hash)
    tell_others(session, caller, contract, NoticeKind.contract_signed)
    return contract


def require_integrity_of_both(
    session: Session, caller: Principal, contract: Contract, status_now: str
) -> None:
    """Neither side is barred; of the other one nobody is told why. To end a contract is always possible."""
    require_integrity(session, caller.organization_id)
    for side in (contract.seeker_id, contract.provider_id):
        if veto_in_force(session, side) is not None:
            raise WrongState(
                Wording("对方目前不能签署合同", "The other side cannot sign a contract at present"),
                status_now=status_now,
            )


def _conclude(session: Session, caller: Principal, contract: Contract, kind: VersionKind) -> None:
    """Both have signed the same version."""
    contract.status_before = None
    if kind is VersionKind.termination and contract.registered_version is None:
        end(contract, CancelGround.by_agreement)
        return
    contract.status, contract.signed_version = ContractStatus.signed, contract.version
    if contract.signed_on is None:
        contract.signed_on = today()
        _move_introduction(session, caller, contract)


def _move_introduction(session: Session, caller: Principal, contract: Contract) -> None:
    """The two have come as far as a contract, if they had not come further already."""
    if contract.introduction_id is None:
        return
    introduction = session.exec(
        select(Introduction).where(col(Introduction.id) == contract.introduction_id).with_for_update()
    ).one()
    stages = list(IntroductionStage)
    so_far = -1 if introduction.stage is None else stages.index(introduction.stage)
    if introduction.status is IntroductionStatus.accepted and so_far < stages.index(
        IntroductionStage.contract
    ):
        introduction.stage = IntroductionStage.contract
        note_step(session, caller, introduction, IntroductionVerb.sign_contract)


def fulfil(session: Session, caller: Principal, contract_id: UUID) -> Contract:
    """All that was agreed is done. It stays in the totals."""
    contract, _ = access_contract(session, caller, contract_id, "fulfil")
    contract.status, contract.fulfilled_at = ContractStatus.fulfilled, now()
    note(session, caller, contract, "fulfil")
    tell_others(session, caller, contract, NoticeKind.contract_fulfilled)
    return contract


def cancel(session: Session, caller: Principal, contract_id: UUID, body: ContractCancel) -> Contract:
    """Give up a draft; or, for operators, note that it ended otherwise than by agreement. The totals follow."""
    contract, _ = access_contract(session, caller, contract_id, "cancel")
    reverse(session, contract)
    end(contract, body.ground)
    note(session, caller, contract, "cancel", ground=body.ground.value)
    tell_others(session, caller, contract, NoticeKind.contract_cancelled)
    return contract


def end(contract: Contract, ground: CancelGround) -> None:
    contract.status, contract.status_before = ContractStatus.cancelled, None
    contract.cancel_ground, contract.cancelled_at = ground, now()


def shown(session: Session, caller: Principal, contracts: Iterable[Contract]) -> list[ContractShown]:
    """As the caller sees them."""
    found = list(contracts)
    session.flush()
    return shown_all(session, [(one, parts_of(one, caller)) for one in found])


def sides_of(contract: Contract) -> list[UUID]:
    third = [contract.broker_id] if contract.broker_id else []
    return [contract.seeker_id, contract.provider_id, *third]


def note(
    session: Session, caller: Principal, contract: Contract, verb: str, **detail: str | int | None
) -> None:
    contract.updated_at = now()
    audit.note(
        session,
        caller,
        f"contract.{verb}",
        contract.id,
        sides_of(contract),
        status=contract.status.value,
        **{"version": contract.version, **detail},
    )


def tell_others(session: Session, caller: Principal, contract: Contract, kind: NoticeKind) -> None:
    """The sides; and its broker, whose members' keys do not read what it brokers."""
    others = {*sides_of(contract)} - {caller.organization_id}
    brokers = others & {contract.broker_id}
    figures: dict[str, Any] = {"status": contract.status.value, "version": contract.version}
    for told, needs in ((others - brokers, None), (brokers, Permission.broker_work)):
        notify(session, kind, contract.id, sorted(told), needs=needs, **figures)
