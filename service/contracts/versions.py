"""Versions of a contract's content: written once, hashed in one way, signed as they stand."""

import hashlib
import json
from collections.abc import Collection
from uuid import UUID

from sqlmodel import Session, col, func, select

from schemas.base import now
from schemas.contract import Contract, ContractSignature, ContractVersion, VersionKind
from schemas.contract_terms import ContractContent
from service.access.principal import Principal


def write_version(
    session: Session,
    caller: Principal,
    contract: Contract,
    content: ContractContent,
    kind: VersionKind = VersionKind.agreement,
) -> ContractVersion:
    """Add a version, and let it be the one that counts. The row of the contract must be locked, or new."""
    last = session.exec(
        select(func.max(ContractVersion.number)).where(col(ContractVersion.contract_id) == contract.id)
    ).one()
    number = (last or 0) + 1
    version = ContractVersion(
        contract_id=contract.id,
        number=number,
        kind=kind,
        content=content,
        hash=hash_of(contract, number, kind, content),
        written_by=caller.organization_id,
        written_with=caller.key_id,
    )
    session.add(version)
    take_version(contract, version)
    session.flush()
    return version


def take_version(contract: Contract, version: ContractVersion) -> None:
    contract.version, contract.type = version.number, version.content.type
    contract.updated_at = now()


def hash_of(contract: Contract, number: int, kind: VersionKind, content: ContractContent) -> str:
    """SHA-256 over who agrees with whom on what, written in one way."""
    written = {
        "contract": str(contract.id),
        "number": number,
        "kind": kind.value,
        "seeker": str(contract.seeker_id),
        "provider": str(contract.provider_id),
        "content": content.model_dump(mode="json"),
    }
    canonical = json.dumps(written, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def version_of(session: Session, contract: Contract, number: int | None = None) -> ContractVersion:
    """The version of this number, or the one that counts."""
    return session.exec(
        select(ContractVersion).where(
            col(ContractVersion.contract_id) == contract.id,
            col(ContractVersion.number) == (contract.version if number is None else number),
        )
    ).one()


def counting_versions(session: Session, contracts: Collection[Contract]) -> dict[UUID, ContractVersion]:
    """The version that counts of each, by the contract's id."""
    numbers = {contract.id: contract.version for contract in contracts}
    found = session.exec(select(ContractVersion).where(col(ContractVersion.contract_id).in_(list(numbers))))
    return {one.contract_id: one for one in found if one.number == numbers[one.contract_id]}


def signatures_of(session: Session, contract_ids: Collection[UUID]) -> list[ContractSignature]:
    """All of them, of older versions too, oldest first."""
    return list(
        session.exec(
            select(ContractSignature)
            .where(col(ContractSignature.contract_id).in_(list(contract_ids)))
            .order_by(col(ContractSignature.id))
        )
    )
