"""The pre-check by table. Each row names the rule that it is from."""

from datetime import date
from typing import Any

import pytest

from schemas.contract_check import EvidenceKind, FindingCode, FindingLevel, Precheck
from schemas.contract_terms import ContractContent
from service.contracts.registration_rules import NOTICE, RULES, Facts, rules_on, run
from service.contracts.registration_rules.sources import DRAFT_MEASURE, DRAFT_RULES
from tests.service.contracting import content

DAY = date(2026, 3, 2)
ALL = frozenset(EvidenceKind)


def check(type_: str = "development", facts: dict[str, Any] | None = None, **changes: Any) -> Precheck:
    """Whole and in order, but for what is changed."""
    body = {"text": "合同全文", "secrecy": "双方对技术资料保密五年。", **changes}
    given: dict[str, Any] = {"received_on": DAY, "seals_match": True, "evidence": ALL, **(facts or {})}
    return run(Facts(content=ContractContent.model_validate(content(type_, **body)), **given))


def codes(found: Precheck) -> list[str]:
    return [one.code.value for one in found.findings]


@pytest.mark.parametrize("type_", ["development", "transfer", "license", "consulting", "service"])
def test_a_whole_contract_of_each_type_is_found_to_be_of_that_type_and_nothing_is_missed(type_: str) -> None:
    found = check(type_)

    assert (found.declared, found.found, codes(found)) == (type_, type_, [])


@pytest.mark.parametrize(
    ("type_", "nature", "really", "told"),
    [
        # 2001 rules on development: not yet mastered, new, no routine.
        ("development", {"mastery": "mastered", "delivers": "work"}, "service", "already_mastered"),
        ("development", {"innovative": False}, None, "not_innovative"),
        ("development", {"routine": True}, None, "routine_work"),
        ("development", {"delivers": "advice"}, "consulting", "other_type"),
        ("development", {"mastery": "mastered", "right_passed": "licensed"}, "license", "other_type"),
        # Draft rules, article 9 item 1: a result that is there already.
        ("transfer", {"mastery": "unknown"}, "development", "not_mastered"),
        ("transfer", {"right_passed": "licensed"}, "license", "other_type"),
        ("license", {"right_passed": "assigned"}, "transfer", "other_type"),
        # Article 8 item 8: a share for technology.
        ("transfer", {"right_passed": "equity"}, "transfer", "equity_as_transfer"),
        # Article 12: the public domain.
        ("license", {"public_domain": True}, None, "public_domain"),
        ("service", {"delivers": "training"}, "service", None),
        # Article 27: training in a product's use, and of one's own staff.
        ("service", {"delivers": "training", "product_training": True}, None, "product_training"),
        # Article 26: training inside another contract.
        ("development", {"delivers": "training"}, "service", "training_inside"),
        # Articles 28 and 29: brokerage is a service.
        ("service", {"delivers": "mediation"}, "service", None),
    ],
)
def test_the_type_is_decided_by_what_passes_between_the_parties(
    type_: str, nature: dict[str, Any], really: str | None, told: str | None
) -> None:
    found = check(type_, nature=nature)

    assert found.found == really
    assert (told in codes(found)) if told else (codes(found) == [])
    assert ("type_unclear" in codes(found)) is (really is None)


@pytest.mark.parametrize(
    ("type_", "changes", "facts", "code", "level", "pointer", "source"),
    [
        # The six grounds of article 39.
        ("service", {}, {"buyer_known": False}, "party_unclear", "refusal", "/buyer", "第39条第1项"),
        ("service", {}, {"seller_known": False}, "party_unclear", "refusal", "/seller", "第39条第1项"),
        (
            "service",
            {"terms": {"task": "技术服务"}},
            {},
            "object_unclear",
            "refusal",
            "/terms/task",
            "第39条第2项",
        ),
        (
            "development",
            {"terms": {"goal": "开发"}},
            {},
            "object_unclear",
            "refusal",
            "/terms/goal",
            "第39条第2项",
        ),
        (
            "service",
            {"turnover": 0, "technology_value": 0, "equipment_value": None},
            {},
            "price_unclear",
            "refusal",
            "/turnover",
            "第39条第3项",
        ),
        ("service", {"payment": ""}, {}, "payment_missing", "missing", "/payment", "第39条第3项"),
        (
            "license",
            {"secrecy": "被许可人不得改进该技术。"},
            {},
            "monopoly_words",
            "refusal",
            "/secrecy",
            "第39条第4项",
        ),
        (
            "transfer",
            {"terms": {"delivery": "受让方后续改进成果无偿归让与方。"}},
            {},
            "monopoly_words",
            "refusal",
            "/terms/delivery",
            "第39条第4项",
        ),
        (
            "transfer",
            {},
            {"evidence": set()},
            "rights_evidence_missing",
            "missing",
            "/terms/right",
            "第39条第5项",
        ),
        ("service", {}, {"seals_match": False}, "seal_mismatch", "refusal", "", "第39条第6项"),
        ("service", {}, {"seals_match": None}, "seal_unchecked", "remark", "", "第39条第6项"),
        # Articles 9 to 11: whose it is, its number, and what keeps a secret.
        ("license", {"ip": None}, {}, "ip_missing", "missing", "/ip", "第9条第3项"),
        ("development", {"ip": None}, {}, "ip_missing", "missing", "/ip", "民法典》第845条"),
        (
            "license",
            {"terms": {"right_number": None}},
            {},
            "right_number_missing",
            "missing",
            "/terms/right_number",
            "第10条",
        ),
        (
            "transfer",
            {"terms": {"right": "secret", "right_number": None}, "secrecy": ""},
            {},
            "secrecy_clause_missing",
            "missing",
            "/secrecy",
            "第11条第4项",
        ),
        (
            "transfer",
            {"terms": {"right": "secret", "right_number": None}},
            {"evidence": set()},
            "secrecy_evidence_missing",
            "missing",
            "/terms/right",
            "第11条第4项",
        ),
        # Article 36: another language. Article 37: the technical part has its own sum.
        (
            "service",
            {"foreign_language": True},
            {"evidence": set()},
            "chinese_copy_missing",
            "missing",
            "/foreign_language",
            "第36条",
        ),
        (
            "service",
            {"technology_value": 0},
            {},
            "no_technology_value",
            "refusal",
            "/technology_value",
            "第37条",
        ),
        (
            "service",
            {"technology_value": 720_001},
            {},
            "value_has_equipment",
            "missing",
            "/technology_value",
            "2001",
        ),
        # Articles 11, 12 and 14 of the measure: the buyer of an import, the text, the time, the experts.
        ("service", {}, {"seller_overseas": True}, "import_by_buyer", "remark", "/seller", "第11条"),
        ("service", {"text": ""}, {"evidence": set()}, "text_missing", "missing", "/text", "第12条"),
        ("service", {}, {"signed": False}, "not_signed", "missing", "", "第12条"),
        ("service", {"valid_from": "2026-03-03"}, {}, "not_in_force", "refusal", "/valid_from", "第12条"),
        ("service", {"valid_until": "2026-03-01"}, {}, "validity_over", "refusal", "/valid_until", "第12条"),
        ("service", {}, {"disputed": True}, "expert_review", "remark", "", "第14条"),
    ],
)
def test_each_ground_and_each_gap_is_found_at_its_place_with_its_source(
    type_: str,
    changes: dict[str, Any],
    facts: dict[str, Any],
    code: str,
    level: str,
    pointer: str,
    source: str,
) -> None:
    found = check(type_, facts, **changes)

    assert [(one.code, one.level, one.pointer) for one in found.findings if one.code == code] == [
        (FindingCode(code), FindingLevel(level), pointer)
    ]
    assert source in next(one.source for one in found.findings if one.code == code)


@pytest.mark.parametrize(
    ("value", "disputed", "days"),
    [(4_999_999, False, 15), (5_000_000, False, 30), (5_000_001, False, 30), (1, True, 30)],
)
def test_from_five_million_on_or_where_disputed_it_takes_thirty_working_days(
    value: int, disputed: bool, days: int
) -> None:
    clock = check(
        "service",
        {"disputed": disputed},
        turnover=9_000_000,
        technology_value=value,
    ).clock

    assert (clock.days, clock.working_days) == (days, True)


def test_where_days_off_are_not_announced_yet_the_end_is_an_estimate() -> None:
    assert check("service", {"received_on": date(2026, 11, 27)}).clock.estimated is False
    assert check("service", {"received_on": date(2026, 12, 20)}).clock.estimated is True


@pytest.mark.parametrize(
    ("day", "version"),
    [(date(1999, 1, 1), "2001"), (date(2026, 1, 22), "2001"), (date(2026, 1, 23), "2026-01-23")],
)
def test_the_rules_of_the_day_of_receipt_count(day: date, version: str) -> None:
    assert rules_on(day).version == version
    assert check("service", {"received_on": day}).rule_version == version


def test_the_older_rules_count_a_licence_as_a_transfer_and_allow_thirty_days() -> None:
    found = check(
        "license", {"received_on": date(2025, 12, 1)}, turnover=9_000_000, technology_value=9_000_000
    )

    assert (found.declared, found.found) == ("license", "transfer")
    assert "license_in_transfer" in codes(found)
    assert "other_type" not in codes(found)
    assert "expert_review" not in codes(found)
    assert (found.clock.days, found.clock.working_days, found.clock.due_on) == (30, False, date(2025, 12, 31))


def test_the_older_rules_do_not_cite_a_draft_that_came_after_them() -> None:
    found = check("license", {"received_on": date(2025, 12, 1), "evidence": set()}, ip=None, payment="")

    assert len(found.findings) > 3
    assert not [one for one in found.findings if one.source.startswith((DRAFT_MEASURE, DRAFT_RULES))]


def test_the_rules_say_that_they_follow_a_draft_and_decide_nothing() -> None:
    assert "征求意见稿" in NOTICE.zh
    assert "不是登记机构的认定结论" in NOTICE.zh
    assert "no decision" in NOTICE.en
    assert set(RULES) == {"2001", "2026-01-23"}


def test_every_finding_has_its_words_in_both_languages() -> None:
    assert all(code.zh and code.en for code in FindingCode)


def test_the_new_rules_count_working_days_over_a_festival_and_its_worked_weekends() -> None:
    clock = check(facts={"received_on": date(2026, 2, 10)}).clock

    # The 14th and the 28th of February are worked, the 15th to the 23rd are not.
    assert (clock.begins, clock.due_on) == (date(2026, 2, 10), date(2026, 3, 9))
