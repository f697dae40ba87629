"""The statistics as files: a table for each group of figures, and what each figure means."""

from collections.abc import Callable
from typing import Any, Literal

from schemas.domains import DOMAINS
from schemas.statistics import Statistics
from schemas.target import TargetShown
from schemas.vocabulary import Affiliation, AidProvince
from service.platform.locales import messages_of
from service.portal.statistics.contract_figures import contract_lines

Lines = list[list[Any]]
Table = Literal[
    "targets", "funnel", "domains", "affiliations", "provinces", "coverage", "contracts", "definitions"
]


def definitions(language: str) -> list[tuple[str, str]]:
    """Every figure that the page and the files show, and how it is counted."""
    _ = messages_of(language).gettext
    return [
        (
            _("需求"),
            _(
                "已发布、未删除的技术需求，每条计一次；涉及多个领域的，在每个领域各计一次。科研诚信一票否决期内的单位，其发布不计。"
            ),
        ),
        (_("供给"), _("已发布、未删除的技术供给，计法同上。")),
        (_("参与单位"), _("至少发布过一条需求或供给、且不在一票否决期内的单位。")),
        (_("有合适供给的需求"), _("至少有一条供给达到推荐分数线的需求。")),
        (
            _("首次匹配用时（中位数，小时）"),
            _("从需求发布到第一份非空匹配清单的小时数的中位数，取最近5000条需求。"),
        ),
        (_("未满足"), _("没有任何供给达到推荐分数线的需求。仅平台管理方和技术经纪人可见。")),
        (_("闲置"), _("不是任何需求最佳匹配的供给。仅平台管理方和技术经纪人可见。")),
        (_("单位归属"), _("需求和供给按发布单位的归属计；援疆省市是援疆单位的派出省市。")),
        (
            _("对接"),
            _("提出过的对接申请，包括经纪人和平台提出的；已发生的对接和合同不因一方后来被否决而扣除。"),
        ),
        (_("双方同意"), _("双方都已同意的对接。")),
        (_("技术合同"), _("双方已签署且未解除的技术合同。")),
        (_("已登记合同"), _("计入统计的登记合同；一份合同只计一次，变更、解除登记后冲回。")),
        (
            _("成交额、技术交易额"),
            _("登记合同的合同总金额，和其中核定的技术性部分；分别合计，不相加。冲回计入冲回当月。"),
        ),
        (_("当年"), _("运营方填报或平台统计的该年数值；空白为尚未填报，不等于零。")),
        (_("累计"), _("从规划首年起逐年相加；中间缺年或指标不可相加时为空白。")),
    ]


def table_lines(found: Statistics, table: Table) -> Lines:
    return _TABLES[table][1](found)


def sheets(found: Statistics) -> dict[str, Lines]:
    """All tables by their Chinese names."""
    return {name: lines(found) for name, lines in _TABLES.values()}


def _funnel(found: Statistics) -> Lines:
    funnel = found.funnel
    return [
        ["环节", "数量"],
        ["已发布需求", funnel.needs],
        ["有合适供给的需求", funnel.with_match],
        ["对接", funnel.introductions],
        ["双方同意", funnel.agreed],
        ["技术合同", funnel.contracts],
        ["已登记合同", funnel.registered],
        ["首次匹配用时（中位数，小时）", funnel.hours_to_first_match],
        ["已发布供给", found.capabilities],
        ["参与单位", found.organizations],
    ]


def _domains(found: Statistics) -> Lines:
    return [
        ["技术领域", "需求", "供给"],
        *([DOMAINS[one.domain].zh, one.needs, one.capabilities] for one in found.domains),
    ]


def _affiliations(found: Statistics) -> Lines:
    return [
        ["单位归属", "需求", "未满足", "供给", "闲置"],
        *(
            [one.affiliation.zh, one.needs, one.unmet, one.capabilities, one.idle]
            for one in found.affiliations
        ),
    ]


def _provinces(found: Statistics) -> Lines:
    return [
        ["援疆省市", "需求", "未满足", "供给", "闲置"],
        *([one.province.zh, one.needs, one.unmet, one.capabilities, one.idle] for one in found.provinces),
    ]


def _coverage(found: Statistics) -> Lines:
    head = ["技术领域", "技术方向", "需求", "未满足", "供给", "闲置"]
    lines: Lines = [[*head, *(one.zh for one in Affiliation), "援疆省市"]]
    for one in found.coverage:
        item = DOMAINS[one.item]
        box = DOMAINS[item.parent or one.item]
        provinces = "、".join(f"{AidProvince(key).zh}{count}" for key, count in one.provinces.items())
        whose = [one.affiliations.get(key.value, 0) for key in Affiliation]
        lines.append([box.zh, item.zh, one.needs, one.unmet, one.capabilities, one.idle, *whose, provinces])
    return lines


def _targets(found: Statistics) -> Lines:
    targets = found.targets
    years = sorted({one.year for target in targets for one in target.years})
    head = ["规划", "指标", "单位", "目标", "目标上限", "完成年份", "基数", "基数年份"]
    counted = [f"{year}年{kind}" for year in years for kind in ("当年", "累计")]
    told = ["规划出处", "规划原文", "平台能否统计", "统计口径", "规划中未明确之处"]
    return [[*head, *counted, *told], *(_target(one, years) for one in targets)]


def _target(one: TargetShown, years: list[int]) -> list[Any]:
    of_year = {figure.year: figure for figure in one.years}
    figures: list[Any] = []
    for year in years:
        found = of_year.get(year)
        figures += [found.value, found.cumulative] if found else [None, None]
    asked = [one.plan, one.name, one.unit, one.at_least, one.at_most, one.due_year]
    told = [one.place, one.quote, one.measured.zh, one.measured_how, one.ambiguity]
    return [*asked, one.baseline, one.baseline_year, *figures, *told]


def _definitions(found: Statistics) -> Lines:
    return [
        ["指标", "定义"],
        *map(list, definitions("zh")),
        ["数据截至", found.as_of.isoformat(timespec="seconds")],
    ]


_TABLES: dict[Table, tuple[str, Callable[[Statistics], Lines]]] = {
    "targets": ("规划目标", _targets),
    "funnel": ("从需求到合同", _funnel),
    "domains": ("技术领域", _domains),
    "affiliations": ("单位归属", _affiliations),
    "provinces": ("援疆省市", _provinces),
    "coverage": ("技术方向覆盖", _coverage),
    "contracts": ("技术合同", contract_lines),
    "definitions": ("说明", _definitions),
}
