"""Of which type a contract really is: by what passes between the parties, not by what it is called."""

from collections.abc import Iterator

from schemas.contract_check import Finding, FindingCode, FindingLevel
from schemas.contract_terms import ContractType, Delivery, Mastery, Nature, RightPassed, ServiceTerms
from service.contracts.registration_rules.facts import Facts, finding
from service.contracts.registration_rules.sources import draft_rules, rules_2001

_BY_RIGHT = {
    RightPassed.assigned: ContractType.transfer,
    RightPassed.equity: ContractType.transfer,
    RightPassed.licensed: ContractType.license,
}
_BY_DELIVERY = {
    Delivery.advice: ContractType.consulting,
    Delivery.work: ContractType.service,
    Delivery.training: ContractType.service,
    Delivery.mediation: ContractType.service,
}


def found_type(nature: Nature, *, license_apart: bool) -> ContractType | None:
    """None: it cannot be told, or it is no technology contract.

    license_apart: whether a licence is a type of its own, as it is since the Civil Code, or a transfer.
    """
    right = _BY_RIGHT.get(nature.right_passed)
    if right is not None and nature.mastery is Mastery.mastered:
        if nature.public_domain:
            return None
        return ContractType.transfer if right is ContractType.license and not license_apart else right
    if nature.delivers is Delivery.training and nature.product_training:
        return None
    if nature.delivers is not Delivery.technology:
        return _BY_DELIVERY[nature.delivers]
    if nature.mastery is Mastery.unknown and nature.innovative and not nature.routine:
        return ContractType.development
    return None


def told_about_type(facts: Facts, *, license_apart: bool, mastery_source: str) -> Iterator[Finding]:
    """What stands between the type that is named and the one that is found."""
    declared, nature = facts.content.type, facts.content.nature
    found = found_type(nature, license_apart=license_apart)
    if declared is ContractType.license and not license_apart:
        yield finding(FindingCode.license_in_transfer, FindingLevel.remark, "/terms/type", rules_2001(4))
        declared = ContractType.transfer
    if found is None:
        yield finding(FindingCode.type_unclear, FindingLevel.type, "/nature", mastery_source)
    elif found is not declared:
        yield finding(FindingCode.other_type, FindingLevel.type, "/terms/type", mastery_source)
    yield from _why(facts, declared, mastery_source)


def _why(facts: Facts, declared: ContractType, source: str) -> Iterator[Finding]:
    nature = facts.content.nature
    if declared is ContractType.development:
        yield from _no_development(nature, source)
    if declared in {ContractType.transfer, ContractType.license}:
        yield from _nothing_to_pass(nature)
    if isinstance(facts.content.terms, ServiceTerms) and nature.product_training:
        yield finding(
            FindingCode.product_training, FindingLevel.type, "/nature/product_training", draft_rules(27)
        )
    if declared is not ContractType.service and nature.delivers is Delivery.training:
        yield finding(FindingCode.training_inside, FindingLevel.remark, "/nature/delivers", draft_rules(26))


def _no_development(nature: Nature, source: str) -> Iterator[Finding]:
    if nature.mastery is Mastery.mastered:
        yield finding(FindingCode.already_mastered, FindingLevel.type, "/nature/mastery", source)
    if not nature.innovative:
        yield finding(FindingCode.not_innovative, FindingLevel.type, "/nature/innovative", source)
    if nature.routine:
        yield finding(FindingCode.routine_work, FindingLevel.type, "/nature/routine", source)


def _nothing_to_pass(nature: Nature) -> Iterator[Finding]:
    if nature.mastery is Mastery.unknown:
        yield finding(FindingCode.not_mastered, FindingLevel.type, "/nature/mastery", draft_rules(9, 1))
    if nature.public_domain:
        yield finding(FindingCode.public_domain, FindingLevel.type, "/nature/public_domain", draft_rules(12))
    if nature.right_passed is RightPassed.equity:
        yield finding(
            FindingCode.equity_as_transfer, FindingLevel.remark, "/nature/right_passed", draft_rules(8, 8)
        )
