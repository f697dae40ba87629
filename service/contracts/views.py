"""Contracts as somebody sees them. Their broker sees who, what kind, how far and how much, and no clause."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import Session, col, select

from schemas.account import OrganizationBrief
from schemas.contract import (
    Contract,
    ContractShown,
    ContractSignature,
    ContractVersion,
    SignatureShown,
    VersionShown,
)
from service.access.briefs import briefs_of
from service.access.workflow import Part
from service.contracts.versions import counting_versions, signatures_of
from service.contracts.workflow import CONTRACT

_SEES_ALL = {Part.seeker, Part.provider, Part.operator}


def shown_all(session: Session, contracts: Sequence[tuple[Contract, set[Part]]]) -> list[ContractShown]:
    """Each as whoever has these parts sees it. A handful of queries, however many they are."""
    found = [contract for contract, _ in contracts]
    versions = counting_versions(session, found)
    signatures = signatures_of(session, [one.id for one in found])
    briefs = briefs_of(session, {party for one in found for party in _parties(one)})
    return [
        ContractShown(
            **_plain(one, parts),
            **_of_version(versions[one.id], parts),
            seeker=briefs[one.seeker_id],
            provider=briefs[one.provider_id],
            broker=briefs[one.broker_id] if one.broker_id else None,
            signed_by=[
                signature.organization_id
                for signature in signatures
                if (signature.contract_id, signature.number) == (one.id, one.version) and parts & _SEES_ALL
            ],
            may=[verb for verb in CONTRACT.verbs(one.status, parts) if not verb.startswith("read")],
        )
        for one, parts in contracts
    ]


def versions_shown(session: Session, contract: Contract) -> list[VersionShown]:
    versions = session.exec(
        select(ContractVersion)
        .where(col(ContractVersion.contract_id) == contract.id)
        .order_by(col(ContractVersion.number))
    ).all()
    signatures = signatures_of(session, [contract.id])
    briefs = briefs_of(
        session, {one.written_by for one in versions} | {one.organization_id for one in signatures}
    )
    return [
        VersionShown(
            **one.model_dump(include={"number", "kind", "hash", "created_at"}),
            content=one.content,
            written_by=briefs[one.written_by],
            counts=one.number == contract.version,
            signatures=[_signature(each, briefs) for each in signatures if each.number == one.number],
        )
        for one in versions
    ]


def _parties(contract: Contract) -> list[UUID]:
    third = [contract.broker_id] if contract.broker_id else []
    return [contract.seeker_id, contract.provider_id, *third]


def _plain(contract: Contract, parts: set[Part]) -> dict[str, object]:
    fields = contract.model_dump(exclude={"seeker_id", "provider_id", "broker_id", "entered_by"})
    if not parts & _SEES_ALL:
        fields |= {"findings": None, "refusal_remark": ""}
    return fields


def _of_version(version: ContractVersion, parts: set[Part]) -> dict[str, object]:
    content = version.content
    sees_all = bool(parts & _SEES_ALL)
    return {
        "title": content.title,
        "kind": version.kind,
        "turnover": content.turnover,
        "technology_value": content.technology_value,
        "commission": content.commission,
        "content": content if sees_all else None,
        "hash": version.hash if sees_all else None,
    }


def _signature(signature: ContractSignature, briefs: dict[UUID, OrganizationBrief]) -> SignatureShown:
    return SignatureShown(
        organization=briefs[signature.organization_id],
        signer=signature.signer,
        hash=signature.hash,
        at=signature.created_at,
    )
