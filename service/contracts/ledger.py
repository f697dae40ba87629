"""Totals are sums of entries. Registration books an entry, cancellation books its reversal."""

from sqlmodel import Session, col, select

from schemas.account import Organization
from schemas.contract import Contract, ContractEntry, ContractVersion
from schemas.contract_terms import ContractType
from schemas.domains import DOMAINS
from service.contracts.registration_rules import RULES
from service.contracts.registration_rules.working_days import today


def book(
    session: Session,
    contract: Contract,
    version: ContractVersion,
    *,
    technology_value: int,
    type_: ContractType,
) -> None:
    """Let it count, from today on. What counted of it before must have been taken back."""
    seeker, provider = (
        session.get_one(Organization, one) for one in (contract.seeker_id, contract.provider_id)
    )
    assert contract.rule_version is not None
    session.add(
        ContractEntry(
            contract_id=contract.id,
            number=version.number,
            booked_on=today(),
            contracts=1,
            turnover=version.content.turnover,
            technology_value=technology_value,
            type=counted_as(type_, contract.rule_version),
            rule_version=contract.rule_version,
            domains=_boxes(version.content.domains),
            seeker_affiliation=seeker.affiliation,
            provider_affiliation=provider.affiliation,
        )
    )
    session.flush()


def reverse(session: Session, contract: Contract) -> None:
    """Take back what counts of it, if anything does. The row of the contract must be locked."""
    counting = session.exec(
        select(ContractEntry).where(
            col(ContractEntry.contract_id) == contract.id,
            col(ContractEntry.reverses).is_(None),
            col(ContractEntry.reversed_on).is_(None),
        )
    ).first()
    if counting is None:
        return
    counting.reversed_on = today()
    turned = counting.model_dump(exclude={"id", "created_at", "updated_at"}) | {
        "booked_on": counting.reversed_on,
        "contracts": -counting.contracts,
        "turnover": -counting.turnover,
        "technology_value": -counting.technology_value,
        "reverses": counting.id,
        "reversed_on": None,
    }
    session.add(ContractEntry(**turned))
    # New rows are written before changed ones: what comes next must find this one taken back already.
    session.flush()


def counted_as(type_: ContractType, rule_version: str) -> ContractType:
    """The older rules knew no licence of its own: it was a transfer."""
    if type_ is ContractType.license and not RULES[rule_version].license_apart:
        return ContractType.transfer
    return type_


def _boxes(domains: list[str]) -> list[str]:
    return sorted({DOMAINS[key].parent or key for key in domains})
