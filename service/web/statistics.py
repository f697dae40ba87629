"""The statistics page, and its figures as files."""

from typing import Any, Literal

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from schemas.domains import DOMAINS
from schemas.statistics import ItemCoverage, Statistics
from schemas.target import TargetShown
from schemas.vocabulary import Affiliation, AidProvince
from service.auth import Permission
from service.db import SessionDep
from service.gaps import GapQuery, list_gaps
from service.phrases import label_of, named_domain, yuan
from service.sheets import XLSX, csv_file, xlsx_file
from service.statistics import statistics
from service.web.charts import Bar, Chart, bar_chart
from service.web.contract_figures import breakdowns, contract_lines
from service.web.messages import direction_of, messages_of
from service.web.pages import PageCallerDep, PageLanguageDep, render
from service.web.sessions import VisitorDep

router = APIRouter(include_in_schema=False)

_GAPS_SHOWN = 20
_DEFINITIONS = (
    ("需求", "已发布、未删除的技术需求，每条计一次；涉及多个领域的，在每个领域各计一次。"),
    ("供给", "已发布、未删除的技术供给，计法同上。"),
    ("未满足", "没有任何供给达到推荐分数线的需求。仅平台管理方和技术经纪人可见。"),
    ("闲置", "不是任何需求最佳匹配的供给。仅平台管理方和技术经纪人可见。"),
    ("有合适供给的需求", "至少有一条供给达到推荐分数线的需求。"),
    ("首次匹配用时", "从需求发布到第一份非空匹配清单的小时数的中位数，取最近5000条需求。"),
    ("当年", "运营方填报或平台统计的该年数值；空白为尚未填报，不等于零。"),
    ("对接", "提出过的对接申请，包括经纪人和平台提出的。"),
    ("双方同意", "双方都已同意的对接。"),
    ("技术合同", "双方已签署且未解除的技术合同。"),
    ("已登记合同", "计入统计的登记合同；一份合同只计一次，变更、解除登记后冲回。"),
    (
        "成交额、技术交易额",
        "登记合同的合同总金额，和其中核定的技术性部分；分别合计，不相加。冲回计入冲回当月。",
    ),
    ("累计", "从规划首年起逐年相加；中间缺年或指标不可相加时为空白。"),
)


@router.get("/statistics")
def statistics_page(
    request: Request,
    session: SessionDep,
    caller: PageCallerDep,
    visitor: VisitorDep,
    language: PageLanguageDep,
) -> HTMLResponse:
    found = statistics(session, caller)
    gaps = None
    if caller.may(Permission.statistics_read):
        gaps = list_gaps(session, caller, GapQuery(limit=_GAPS_SHOWN))
    return render(
        request,
        "statistics.html",
        visitor=visitor,
        found=found,
        gaps=gaps,
        charts=_charts(found, language),
        boxes=_boxes(found.coverage),
        affiliations=list(Affiliation),
        province=lambda key: label_of(language, AidProvince(key)),
        heat=_heat,
        figure=_figure,
        money=lambda sum_of_money: yuan(language, sum_of_money, sum_of_money),
        breakdowns=breakdowns(found, language),
    )


@router.get("/statistics/contracts.csv")
def contracts_file(session: SessionDep, caller: PageCallerDep) -> Response:
    """What registered contracts come to year by year, beside what was entered; breakdowns for whoever may read them."""
    return Response(
        csv_file(contract_lines(statistics(session, caller))),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="contracts.csv"'},
    )


@router.get("/statistics.{ending}")
def statistics_file(session: SessionDep, caller: PageCallerDep, ending: Literal["csv", "xlsx"]) -> Response:
    """All figures with their definitions as a workbook; the coverage of the plan's items as CSV."""
    found = statistics(session, caller)
    if ending == "csv":
        content, kind = csv_file(_coverage(found)), "text/csv; charset=utf-8"
    else:
        content, kind = xlsx_file(_sheets(found)), XLSX
    return Response(
        content,
        media_type=kind,
        headers={"Content-Disposition": f'attachment; filename="statistics.{ending}"'},
    )


def _boxes(coverage: list[ItemCoverage]) -> dict[str, list[ItemCoverage]]:
    """By domain, in the plan's order."""
    found: dict[str, list[ItemCoverage]] = {}
    for one in coverage:
        found.setdefault(one.box, []).append(one)
    return found


def _charts(found: Statistics, language: str) -> dict[str, Chart]:
    _ = messages_of(language).gettext
    from_right = direction_of(language) == "rtl"
    funnel = found.funnel
    steps = [
        (_("已发布需求"), funnel.needs),
        (_("有合适供给的需求"), funnel.with_match),
        (_("对接"), funnel.introductions),
        (_("双方同意"), funnel.agreed),
        (_("技术合同"), funnel.contracts),
        (_("已登记合同"), funnel.registered),
    ]
    return {
        "funnel": bar_chart(
            [
                (name, [Bar("demand", count or 0, _("尚未统计") if count is None else str(count))])
                for name, count in steps
            ],
            from_right=from_right,
        ),
        "domains": bar_chart(
            [
                (
                    named_domain(language, one.domain),
                    [
                        Bar("demand", one.needs, str(one.needs)),
                        Bar("supply", one.capabilities, str(one.capabilities)),
                    ],
                )
                for one in found.domains
            ],
            from_right=from_right,
        ),
        "targets": bar_chart(
            [(one.name, _share(one, _("尚无数据"))) for one in found.targets],
            from_right=from_right,
            whole=100,
        ),
    }


def _share(target: TargetShown, nothing: str) -> list[Bar]:
    """How much of the target the last known year is, in hundredths, and the years added up where they may be."""
    if target.latest is None or target.latest.value is None:
        return [Bar("supply", 0, nothing)]
    bars = [Bar("supply", *_hundredths(target.latest.value, target.at_least))]
    if target.latest.cumulative is not None:
        bars.append(Bar("demand", *_hundredths(target.latest.cumulative, target.at_least)))
    return bars


def _hundredths(value: float, of: float) -> tuple[float, str]:
    share = 100 * value / of if of else 0
    # A bar of a target that was passed many times over would make all others invisible.
    return min(share, 150), f"{share:.0f}%"


def _heat(count: int) -> str:
    """The class of a cell of the map: the more there is, the darker."""
    return f"heat-{min(count, 4)}"


def _figure(value: float | None) -> str:
    """Whole numbers without a point, others with what they need of one; nothing where there is none."""
    return "" if value is None else f"{value:,.6g}"


def _coverage(found: Statistics) -> list[list[Any]]:
    head = ["技术领域", "技术方向", "需求", "未满足", "供给", "闲置"]
    lines: list[list[Any]] = [[*head, *(one.zh for one in Affiliation), "援疆省市"]]
    for one in found.coverage:
        item = DOMAINS[one.item]
        box = DOMAINS[item.parent or one.item]
        provinces = "、".join(f"{AidProvince(key).zh}{count}" for key, count in one.provinces.items())
        whose = [one.affiliations.get(key.value, 0) for key in Affiliation]
        lines.append([box.zh, item.zh, one.needs, one.unmet, one.capabilities, one.idle, *whose, provinces])
    return lines


def _sheets(found: Statistics) -> dict[str, list[list[Any]]]:
    funnel = found.funnel
    return {
        "规划目标": _target_lines(found.targets),
        "从需求到合同": [
            ["环节", "数量"],
            ["已发布需求", funnel.needs],
            ["有合适供给的需求", funnel.with_match],
            ["对接", funnel.introductions],
            ["双方同意", funnel.agreed],
            ["技术合同", funnel.contracts],
            ["已登记合同", funnel.registered],
            ["首次匹配用时（中位数，小时）", funnel.hours_to_first_match],
        ],
        "技术合同": contract_lines(found),
        "技术领域": [
            ["技术领域", "需求", "供给"],
            *([DOMAINS[one.domain].zh, one.needs, one.capabilities] for one in found.domains),
        ],
        "单位归属": [
            ["单位归属", "需求", "供给"],
            *([one.affiliation.zh, one.needs, one.capabilities] for one in found.affiliations),
        ],
        "技术方向覆盖": _coverage(found),
        "说明": [
            ["指标", "定义"],
            *([*line] for line in _DEFINITIONS),
            ["数据截至", found.as_of.isoformat()],
        ],
    }


def _target_lines(targets: list[TargetShown]) -> list[list[Any]]:
    years = sorted({one.year for target in targets for one in target.years})
    head = ["规划", "指标", "单位", "目标", "目标上限", "完成年份", "基数", "基数年份"]
    counted = [f"{year}年{kind}" for year in years for kind in ("当年", "累计")]
    lines: list[list[Any]] = [
        [*head, *counted, "规划出处", "规划原文", "平台能否统计", "统计口径", "规划中未明确之处"]
    ]
    for one in targets:
        of_year = {figure.year: figure for figure in one.years}
        figures = [
            value
            for year in years
            for value in (
                (of_year[year].value, of_year[year].cumulative) if year in of_year else (None, None)
            )
        ]
        asked = [one.plan, one.name, one.unit, one.at_least, one.at_most, one.due_year]
        told = [one.place, one.quote, one.measured.zh, one.measured_how, one.ambiguity]
        lines.append([*asked, one.baseline, one.baseline_year, *figures, *told])
    return lines
