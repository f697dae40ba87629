"""The sets of rules, which one counts on a day, and running one."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from schemas.contract_check import Clock, Finding, FindingCode, FindingLevel, Precheck
from schemas.wording import Wording
from service.contracts.registration_rules.facts import Facts, finding
from service.contracts.registration_rules.grounds import CHECKS
from service.contracts.registration_rules.sources import (
    DRAFT_MEASURE,
    DRAFT_RULES,
    ELSEWHERE_2001,
    RULES_2001,
    TYPES_2026,
    draft_measure,
)
from service.contracts.registration_rules.types import found_type, told_about_type
from service.contracts.registration_rules.working_days import (
    days_after,
    is_estimated,
    working_days_after,
)

NOTICE = Wording(
    "本预检由平台按规则自动给出，不是登记机构的认定结论。2026年1月23日发布的《技术合同认定登记管理办法》正式文本未能核对，"
    "规则依据2024年12月公开征求意见稿中可查阅的部分，以登记机构的认定为准。",
    "Found by rule; no decision by a registry. The text of the measure issued on 2026-01-23 could not be compared: the "
    "rules follow what was readable of its draft of December 2024. What the registry decides counts.",
)


@dataclass(frozen=True)
class Rules:
    version: str
    #: The first day on which they count.
    since: date
    license_apart: bool
    days: int
    working_days: bool
    #: For large or disputed contracts; None where the rules know no such thing.
    long_days: int | None
    type_source: str
    #: What stands beside findings whose article was read in another set of rules alone.
    elsewhere: str | None = None


#: From this technology transaction value on (draft of the measure, article 14), in yuan.
LARGE = 5_000_000

RULES: dict[str, Rules] = {
    rules.version: rules
    for rules in (
        Rules(
            version="2001",
            since=date(2001, 7, 18),
            license_apart=False,
            days=30,
            working_days=False,
            long_days=None,
            type_source=RULES_2001,
            elsewhere=ELSEWHERE_2001,
        ),
        Rules(
            version="2026-01-23",
            since=date(2026, 1, 23),
            license_apart=True,
            days=15,
            working_days=True,
            long_days=30,
            type_source=TYPES_2026,
        ),
    )
}


def rules_on(day: date) -> Rules:
    """Those that counted on this day; the oldest for days before all of them."""
    return next(
        (rules for rules in reversed(RULES.values()) if rules.since <= day), next(iter(RULES.values()))
    )


def rules_version(day: date) -> str:
    return rules_on(day).version


def run(facts: Facts, version: str | None = None) -> Precheck:
    """What the rules of this version, or those of the day of receipt, find. Of the same facts always the same."""
    rules = RULES[version] if version else rules_on(facts.received_on)
    nature = facts.content.nature
    return Precheck(
        rule_version=rules.version,
        declared=facts.content.type,
        found=found_type(nature, license_apart=rules.license_apart),
        findings=[_cited(one, rules) for one in _findings(facts, rules)],
        clock=clock(facts, rules),
    )


def _findings(facts: Facts, rules: Rules) -> Iterator[Finding]:
    yield from told_about_type(facts, license_apart=rules.license_apart, mastery_source=rules.type_source)
    for check in CHECKS:
        yield from check(facts)
    if _long(facts, rules):
        yield finding(
            FindingCode.expert_review,
            FindingLevel.remark,
            "" if facts.disputed else "/technology_value",
            draft_measure(14),
        )


def _cited(found: Finding, rules: Rules) -> Finding:
    if rules.elsewhere is None or not found.source.startswith((DRAFT_MEASURE, DRAFT_RULES)):
        return found
    return found.model_copy(update={"source": rules.elsewhere})


def _long(facts: Facts, rules: Rules) -> bool:
    large = facts.content.technology_value >= LARGE
    return rules.long_days is not None and (large or facts.disputed)


def clock(facts: Facts, rules: Rules) -> Clock:
    days = rules.long_days if rules.long_days is not None and _long(facts, rules) else rules.days
    count = working_days_after if rules.working_days else days_after
    due = count(facts.received_on, days)
    return Clock(
        days=days,
        working_days=rules.working_days,
        begins=facts.received_on,
        due_on=due,
        estimated=is_estimated(due),
    )
