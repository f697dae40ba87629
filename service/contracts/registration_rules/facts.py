"""What the rules look at: the contract, and what is known beside its text. No database, no people."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date

from schemas.contract_check import EvidenceKind, Finding, FindingCode, FindingLevel
from schemas.contract_terms import ContractContent


@dataclass(frozen=True)
class Facts:
    content: ContractContent
    received_on: date
    signed: bool = True
    disputed: bool = False
    #: None: nobody has looked.
    seals_match: bool | None = None
    evidence: AbstractSet[EvidenceKind] = frozenset()
    buyer_known: bool = True  # has a unified social credit code, or needs none
    seller_known: bool = True
    seller_overseas: bool = False
    buyer_overseas: bool = False


def finding(code: FindingCode, level: FindingLevel, pointer: str, source: str) -> Finding:
    return Finding(code=code, level=level, pointer=pointer, source=source)
