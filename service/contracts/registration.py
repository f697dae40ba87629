"""认定登记: the pre-check, handing in, and what the registry made of it."""

from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from schemas.account import Organization
from schemas.contract import (
    CancelGround,
    Contract,
    ContractRefuse,
    ContractRegister,
    ContractStatus,
    ContractSubmit,
    VersionKind,
)
from schemas.contract_check import FindingShown, Precheck, PrecheckQuery, PrecheckShown
from schemas.notice import NoticeKind
from schemas.vocabulary import Affiliation, OrganizationKind
from schemas.wording import Wording
from service.access.principal import Permission, Principal
from service.contracts.contracts import access_contract, end, note, tell_others
from service.contracts.ledger import book, reverse
from service.contracts.registration_rules import NOTICE, Facts, run, source_in
from service.contracts.registration_rules.working_days import today
from service.contracts.versions import version_of
from service.platform.messages import said
from service.platform.phrases import capitalised, label_of
from service.platform.problems import Conflict, Unfit


def precheck(
    session: Session, caller: Principal, contract_id: UUID, asked: PrecheckQuery, language: str
) -> PrecheckShown:
    """What the rules find in the version that counts. Nothing is kept, and nothing is decided."""
    contract, _ = access_contract(session, caller, contract_id, "read precheck")
    return shown_precheck(_checked(session, contract, asked), language)


def submit(session: Session, caller: Principal, contract_id: UUID, body: ContractSubmit) -> Contract:
    """Hand it in. What the pre-check finds is kept beside it, and stops nobody: registries decide."""
    contract, _ = access_contract(session, caller, contract_id, "submit")
    if body.received_on is not None:
        caller_may = caller.may(Permission.contract_register)
        if body.received_on > today() or not caller_may:
            raise Unfit(
                "/received_on",
                "not_by_you" if not caller_may else "in_the_future",
                Wording(
                    "受理日期由平台管理方填写，且不能晚于今天",
                    "Operators alone enter the day of receipt, and none in the future",
                ),
            )
    checked = _checked(session, contract, body)
    contract.status = ContractStatus.submitted
    contract.rule_version, contract.findings = checked.rule_version, checked.findings
    contract.received_on, contract.due_on = checked.clock.begins, checked.clock.due_on
    contract.due_estimated = checked.clock.estimated
    contract.refusal, contract.refusal_remark = None, ""
    note(session, caller, contract, "submit", rule_version=checked.rule_version)
    tell_others(session, caller, contract, NoticeKind.contract_submitted)
    return contract


def withdraw(session: Session, caller: Principal, contract_id: UUID) -> Contract:
    """Take it back before it is decided on, or give it back to be completed. The next receipt starts the clock anew."""
    contract, _ = access_contract(session, caller, contract_id, "withdraw")
    contract.status = ContractStatus.signed
    contract.received_on = contract.due_on = None
    contract.due_estimated = False
    note(session, caller, contract, "withdraw")
    tell_others(session, caller, contract, NoticeKind.contract_changed)
    return contract


def register(session: Session, caller: Principal, contract_id: UUID, body: ContractRegister) -> Contract:
    """Enter the registry's number, and let it count. What counted of it before is taken back with it."""
    contract, _ = access_contract(session, caller, contract_id, "register")
    version = version_of(session, contract)
    value = body.technology_value
    if value is None:
        value = version.content.technology_value
    if value > version.content.turnover:
        raise Unfit(
            "/technology_value",
            "value_above_turnover",
            Wording("技术交易额高于成交额", "The technology transaction value is above the turnover"),
        )
    _take_number(session, contract, body.number)
    reverse(session, contract)
    if version.kind is VersionKind.termination:
        end(contract, CancelGround.by_agreement)
        kind = NoticeKind.contract_cancelled
    else:
        contract.status, contract.registered_version = ContractStatus.registered, version.number
        contract.registered_on = today()
        book(session, contract, version, technology_value=value, type_=body.type or version.content.type)
        kind = NoticeKind.contract_registered
    note(session, caller, contract, "register", turnover=version.content.turnover, technology_value=value)
    tell_others(session, caller, contract, kind)
    return contract


def refuse(session: Session, caller: Principal, contract_id: UUID, body: ContractRefuse) -> Contract:
    """Enter that the registry refused, and why. An earlier registration stands, and so do the totals."""
    contract, _ = access_contract(session, caller, contract_id, "refuse")
    contract.status = ContractStatus.refused
    contract.refusal, contract.refusal_remark = body.ground, body.remark
    note(session, caller, contract, "refuse", ground=body.ground.value)
    tell_others(session, caller, contract, NoticeKind.contract_refused)
    return contract


def shown_precheck(found: Precheck, language: str) -> PrecheckShown:
    return PrecheckShown(
        **found.model_dump(exclude={"findings"}),
        findings=[
            FindingShown(
                **one.model_dump(exclude={"source"}),
                source=source_in(language, one.source),
                message=capitalised(label_of(language, one.code)),
            )
            for one in found.findings
        ],
        notice=said(NOTICE, language),
    )


def _checked(session: Session, contract: Contract, asked: PrecheckQuery) -> Precheck:
    version = version_of(session, contract)
    buyer, seller = (session.get_one(Organization, one) for one in (contract.seeker_id, contract.provider_id))
    return run(
        Facts(
            content=version.content,
            received_on=asked.received_on or today(),
            signed=contract.signed_version == contract.version,
            disputed=asked.disputed,
            seals_match=asked.seals_match,
            evidence=frozenset(asked.evidence),
            buyer_known=_known(buyer),
            seller_known=_known(seller),
            buyer_overseas=buyer.affiliation is Affiliation.overseas,
            seller_overseas=seller.affiliation is Affiliation.overseas,
        )
    )


def _known(organization: Organization) -> bool:
    """A person and a foreign organisation have no unified social credit code."""
    return (
        organization.credit_code is not None
        or organization.kind is OrganizationKind.individual
        or organization.affiliation is Affiliation.overseas
    )


def _take_number(session: Session, contract: Contract, number: str) -> None:
    contract.registration_number = number
    try:
        session.flush()
    except IntegrityError as error:
        raise Conflict(
            Wording("该登记编号已用于另一份合同", "Another contract has this registration number already")
        ) from error
