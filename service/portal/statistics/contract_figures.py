"""Totals of contracts as tables: year by year beside what was entered, and, for some, broken down."""

from typing import Any, NamedTuple

from schemas.contract_terms import ContractType
from schemas.contract_totals import KeyedSums
from schemas.domains import DOMAINS
from schemas.statistics import Statistics
from schemas.vocabulary import Affiliation
from service.platform.locales import messages_of
from service.platform.phrases import label_of, named_domain

_HEAD = [
    "统计口径",
    "项目",
    "登记合同（份）",
    "成交额（元）",
    "技术交易额（元）",
    "累计成交额（元）",
    "累计技术交易额（元）",
    "运营方填报",
    "单位",
]


class Breakdown(NamedTuple):
    heading: str
    #: Each with its name in the page's language.
    lines: list[tuple[str, KeyedSums]]


def breakdowns(found: Statistics, language: str) -> list[Breakdown]:
    """By type, domain, affiliation and month; none for whoever may not read them."""
    if found.contracts is None:
        return []
    _ = messages_of(language).gettext

    def whose(sums: list[KeyedSums]) -> list[tuple[str, KeyedSums]]:
        return [(label_of(language, Affiliation(one.key)), one) for one in sums]

    totals = found.contracts
    return [
        Breakdown(
            _("按合同类型"), [(label_of(language, ContractType(one.key)), one) for one in totals.types]
        ),
        Breakdown(_("按技术领域"), [(named_domain(language, one.key), one) for one in totals.domains]),
        Breakdown(_("按买方归属"), whose(totals.seeker_affiliations)),
        Breakdown(_("按卖方归属"), whose(totals.provider_affiliations)),
        Breakdown(_("按登记月份"), [(one.key, one) for one in totals.months]),
    ]


def contract_lines(found: Statistics) -> list[list[Any]]:
    """Counted by the platform, with what operators entered for the same year in a column of its own."""
    lines: list[list[Any]] = [[*_HEAD]]
    for target in found.targets:
        entered = {one.year: one.value for one in target.years}
        lines += [
            [
                f"{target.plan}：平台登记",
                f"{one.year}年",
                one.contracts,
                one.turnover,
                one.technology_value,
                one.turnover_cumulative,
                one.technology_value_cumulative,
                entered.get(one.year),
                target.unit,
            ]
            for one in target.counted or ()
        ]
    totals = found.contracts
    if totals is not None:
        for heading, named in (
            ("合同类型", [(ContractType(one.key).zh, one) for one in totals.types]),
            ("技术领域", [(DOMAINS[one.key].zh, one) for one in totals.domains]),
            ("买方归属", [(Affiliation(one.key).zh, one) for one in totals.seeker_affiliations]),
            ("卖方归属", [(Affiliation(one.key).zh, one) for one in totals.provider_affiliations]),
            ("登记月份", [(one.key, one) for one in totals.months]),
        ):
            lines += [
                [heading, name, one.contracts, one.turnover, one.technology_value, None, None, None, None]
                for name, one in named
            ]
    return lines
