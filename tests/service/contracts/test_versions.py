"""What a signature is of: one hash for who agrees with whom on what."""

from typing import Any
from uuid import UUID, uuid4

from schemas.contract import Contract, ContractStatus, VersionKind
from schemas.contract_terms import ContractContent
from service.contracts.versions import hash_of
from tests.service.contracting import content


def test_another_party_number_kind_or_clause_is_another_hash() -> None:
    one, other = uuid4(), uuid4()
    agreed = ContractContent.model_validate(content())
    changed = ContractContent.model_validate(content(turnover=agreed.turnover + 1))

    def hashed(seeker: UUID = one, provider: UUID = other, *, of: UUID = one, **change: Any) -> str:
        contract = Contract(
            id=of,
            seeker_id=seeker,
            provider_id=provider,
            entered_by=one,
            type=agreed.type,
            status=ContractStatus.draft,
        )
        told = {"number": 1, "kind": VersionKind.agreement, "content": agreed, **change}
        return hash_of(contract, **told)

    hashes = [
        hashed(),
        hashed(seeker=uuid4()),
        hashed(provider=uuid4()),
        hashed(of=other),
        hashed(number=2),
        hashed(kind=VersionKind.termination),
        hashed(content=changed),
    ]

    assert hashed() == hashes[0]
    assert len(set(hashes)) == len(hashes)
