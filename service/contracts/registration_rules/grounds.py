"""Grounds for refusal, and what is missing: one function a subject, each finding with its place and its source."""

import re
from collections.abc import Callable, Iterator

from schemas.contract_check import EvidenceKind, Finding, FindingCode, FindingLevel
from schemas.contract_terms import (
    ConsultingTerms,
    ContractContent,
    DevelopmentTerms,
    LicenseTerms,
    RightKind,
    ServiceTerms,
    TransferTerms,
)
from service.contracts.registration_rules.facts import Facts, finding
from service.contracts.registration_rules.sources import (
    RULES_2001_SUMS,
    civil_code,
    draft_measure,
    draft_rules,
)

Check = Callable[[Facts], Iterator[Finding]]

# Shorter than this, nobody can tell from it what the technology is. A measure of ours: the rules name no number.
_SHORTEST_OBJECT = 20
# From 最高人民法院 on 民法典第850条 (技术合同解释第十条): forbidding improvement, one-sided grant-back, tied purchases.
MONOPOLY = re.compile(
    r"不得(?:自行)?(?:改进|改良)|不得(?:进行)?(?:新的|后续)?(?:研究开发|研发)|无偿(?:归|转让给|回授)|独占回授"
    r"|不得从(?:其他|第三方)(?:来源|渠道|单位)?(?:获得|获取|购买|引进)|必须(?:向.{0,12})?(?:购买|采购).{0,20}(?:原材料|设备|零部件)"
    r"|不得对.{0,20}(?:有效性)?提出异议"
)
_OBJECTS = {
    DevelopmentTerms: ("goal", "content"),
    TransferTerms: ("object",),
    LicenseTerms: ("object",),
    ConsultingTerms: ("question",),
    ServiceTerms: ("task",),
}


def parties(facts: Facts) -> Iterator[Finding]:
    for known, pointer in ((facts.buyer_known, "/buyer"), (facts.seller_known, "/seller")):
        if not known:
            yield finding(FindingCode.party_unclear, FindingLevel.refusal, pointer, draft_rules(39, 1))
    if facts.seller_overseas and not facts.buyer_overseas:
        yield finding(FindingCode.import_by_buyer, FindingLevel.remark, "/seller", draft_measure(11))


def objects(facts: Facts) -> Iterator[Finding]:
    terms = facts.content.terms
    for name in _OBJECTS[type(terms)]:
        if len(getattr(terms, name)) < _SHORTEST_OBJECT:
            yield finding(
                FindingCode.object_unclear, FindingLevel.refusal, f"/terms/{name}", draft_rules(39, 2)
            )


def sums(facts: Facts) -> Iterator[Finding]:
    content = facts.content
    if content.turnover == 0:
        yield finding(FindingCode.price_unclear, FindingLevel.refusal, "/turnover", draft_rules(39, 3))
    elif content.technology_value == 0:
        yield finding(
            FindingCode.no_technology_value, FindingLevel.refusal, "/technology_value", draft_rules(37)
        )
    if not content.payment:
        yield finding(FindingCode.payment_missing, FindingLevel.missing, "/payment", draft_rules(39, 3))
    technical = content.turnover - (content.equipment_value or 0)
    if content.technology_value > max(technical, 0):
        yield finding(
            FindingCode.value_has_equipment,
            FindingLevel.missing,
            "/technology_value",
            RULES_2001_SUMS,
        )


def clauses(facts: Facts) -> Iterator[Finding]:
    for pointer, text in _texts(facts.content):
        if MONOPOLY.search(text):
            yield finding(FindingCode.monopoly_words, FindingLevel.refusal, pointer, draft_rules(39, 4))


def rights(facts: Facts) -> Iterator[Finding]:
    content, terms = facts.content, facts.content.terms
    if isinstance(terms, DevelopmentTerms | TransferTerms | LicenseTerms) and content.ip is None:
        source = civil_code(845) if isinstance(terms, DevelopmentTerms) else draft_rules(9, 3)
        yield finding(FindingCode.ip_missing, FindingLevel.missing, "/ip", source)
    if not isinstance(terms, TransferTerms | LicenseTerms):
        return
    if terms.right is RightKind.secret:
        if not content.secrecy:
            yield finding(
                FindingCode.secrecy_clause_missing, FindingLevel.missing, "/secrecy", draft_rules(11, 4)
            )
        if EvidenceKind.secrecy not in facts.evidence:
            yield finding(
                FindingCode.secrecy_evidence_missing, FindingLevel.missing, "/terms/right", draft_rules(11, 4)
            )
        return
    if not terms.right_number:
        yield finding(
            FindingCode.right_number_missing, FindingLevel.missing, "/terms/right_number", draft_rules(10)
        )
    if EvidenceKind.rights not in facts.evidence:
        yield finding(
            FindingCode.rights_evidence_missing, FindingLevel.missing, "/terms/right", draft_rules(39, 5)
        )


def papers(facts: Facts) -> Iterator[Finding]:
    if not facts.content.text and not facts.evidence & {EvidenceKind.text, EvidenceKind.task}:
        yield finding(FindingCode.text_missing, FindingLevel.missing, "/text", draft_measure(12))
    if facts.content.foreign_language and EvidenceKind.chinese_copy not in facts.evidence:
        yield finding(
            FindingCode.chinese_copy_missing, FindingLevel.missing, "/foreign_language", draft_rules(36)
        )
    if facts.seals_match is None:
        yield finding(FindingCode.seal_unchecked, FindingLevel.remark, "", draft_rules(39, 6))
    elif not facts.seals_match:
        yield finding(FindingCode.seal_mismatch, FindingLevel.refusal, "", draft_rules(39, 6))


def validity(facts: Facts) -> Iterator[Finding]:
    if not facts.signed:
        yield finding(FindingCode.not_signed, FindingLevel.missing, "", draft_measure(12))
    if facts.received_on < facts.content.valid_from:
        yield finding(FindingCode.not_in_force, FindingLevel.refusal, "/valid_from", draft_measure(12))
    if facts.received_on > facts.content.valid_until:
        yield finding(FindingCode.validity_over, FindingLevel.refusal, "/valid_until", draft_measure(12))


def _texts(content: ContractContent) -> Iterator[tuple[str, str]]:
    """Every clause with its place."""
    for name, value in content.terms.model_dump().items():
        if isinstance(value, str):
            yield f"/terms/{name}", value
    for name in ("payment", "secrecy", "text"):
        yield f"/{name}", getattr(content, name)
    if content.ip is not None:
        yield "/ip/note", content.ip.note


CHECKS: tuple[Check, ...] = (parties, objects, sums, clauses, rights, papers, validity)
