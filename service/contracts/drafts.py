"""Where contracts come from: an introduction that both have agreed to, or an operator who enters one made elsewhere."""

from uuid import UUID

from sqlmodel import Session, col, select

from schemas.account import Organization
from schemas.contract import ENDED, Contract, ContractEntered, ContractStatus
from schemas.contract_terms import ContractContent
from schemas.notice import NoticeKind
from schemas.wording import Wording
from service.access.principal import Permission, Principal
from service.contracts.commissions import check_commission
from service.contracts.contracts import note, require_integrity_of_both, tell_others
from service.contracts.registration_rules.working_days import today
from service.contracts.versions import write_version
from service.introductions.introductions import access_introduction
from service.platform.problems import Conflict, NotThere, Unfit


def draft_from(
    session: Session, caller: Principal, introduction_id: UUID, content: ContractContent
) -> Contract:
    """Draft a contract between the two who agreed to talk. Raises ``Conflict`` while another one is open."""
    # This locks the introduction: two drafts at once come one after the other.
    introduction, _ = access_introduction(session, caller, introduction_id, "contract")
    there = session.exec(
        select(Contract).where(
            col(Contract.introduction_id) == introduction.id, col(Contract.status).not_in(ENDED)
        )
    ).first()
    if there is not None:
        raise Conflict(
            Wording("该对接已有进行中的合同", "This introduction has an open contract already"),
            status_now=there.status.value,
            contract_id=str(there.id),
        )
    made = Contract(
        introduction_id=introduction.id,
        seeker_id=introduction.seeker_id,
        provider_id=introduction.provider_id,
        broker_id=introduction.broker_id,
        entered_by=caller.organization_id,
        status=ContractStatus.draft,
        type=content.type,
    )
    require_integrity_of_both(session, caller, made, introduction.status.value)
    check_commission(content)
    return _kept(session, caller, made, content)


def enter(session: Session, caller: Principal, body: ContractEntered) -> Contract:
    """Enter one that was concluded elsewhere, as signed."""
    caller.require(Permission.contract_register)
    for name in ("seeker_id", "provider_id"):
        if session.get(Organization, getattr(body, name)) is None:
            raise NotThere(Wording("没有这个单位", "There is no such organisation"))
    if body.seeker_id == body.provider_id:
        raise Unfit(
            "/provider_id",
            "same_organization",
            Wording("买方与卖方是同一单位", "Buyer and seller are one organisation"),
        )
    if body.signed_on > today():
        raise Unfit(
            "/signed_on",
            "in_the_future",
            Wording("签订日期不能晚于今天", "It cannot be signed later than today"),
        )
    made = Contract(
        seeker_id=body.seeker_id,
        provider_id=body.provider_id,
        entered_by=caller.organization_id,
        elsewhere=True,
        status=ContractStatus.signed,
        type=body.content.type,
        signed_version=1,
        signed_on=body.signed_on,
    )
    return _kept(session, caller, made, body.content)


def _kept(session: Session, caller: Principal, made: Contract, content: ContractContent) -> Contract:
    session.add(made)
    session.flush()
    write_version(session, caller, made, content)
    note(session, caller, made, "draft" if made.introduction_id else "enter")
    tell_others(session, caller, made, NoticeKind.contract_drafted)
    return made
