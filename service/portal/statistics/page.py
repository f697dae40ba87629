"""The statistics page, and its figures as files."""

from datetime import timedelta, timezone
from typing import Literal

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from schemas.statistics import ItemCoverage, Statistics
from schemas.target import TargetShown
from schemas.vocabulary import Affiliation, AidProvince
from service.access.principal import Permission
from service.http.dependencies import SessionDep
from service.matches.gaps import GapQuery, list_gaps
from service.platform.locales import direction_of, messages_of
from service.platform.phrases import label_of, named_domain
from service.platform.sheets import XLSX, csv_file, xlsx_file
from service.portal.pages import PageCallerDep, PageLanguageDep, render
from service.portal.sessions import VisitorDep
from service.portal.statistics.charts import Bar, Chart, bar_chart
from service.portal.statistics.contract_figures import breakdowns
from service.portal.statistics.files import Table, definitions, sheets, table_lines
from service.statistics.statistics import statistics

router = APIRouter(include_in_schema=False)

_GAPS_SHOWN = 20
# All of the country keeps to it, and it has no summer time.
_BEIJING = timezone(timedelta(hours=8))


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
        definitions=definitions(language),
        as_of=found.as_of.astimezone(_BEIJING),
        affiliations=list(Affiliation),
        province=lambda key: label_of(language, AidProvince(key)),
        heat=_heat,
        figure=_figure,
        breakdowns=breakdowns(found, language),
    )


@router.get("/statistics.{ending}")
def statistics_file(
    session: SessionDep, caller: PageCallerDep, ending: Literal["csv", "xlsx"], table: Table = "coverage"
) -> Response:
    """All figures with their definitions as a workbook, or one table of them as CSV."""
    found = statistics(session, caller)
    if ending == "csv":
        name, content, kind = str(table), csv_file(table_lines(found, table)), "text/csv; charset=utf-8"
    else:
        name, content, kind = "statistics", xlsx_file(sheets(found)), XLSX
    return Response(
        content,
        media_type=kind,
        headers={"Content-Disposition": f'attachment; filename="{name}.{ending}"'},
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
                (named_domain(language, one.domain), _both(one.needs, one.capabilities))
                for one in found.domains
            ],
            from_right=from_right,
        ),
        "affiliations": bar_chart(
            [
                (label_of(language, one.affiliation), _both(one.needs, one.capabilities))
                for one in found.affiliations
            ],
            from_right=from_right,
        ),
        "targets": bar_chart(
            [(one.name, _share(one, _("尚无数据"))) for one in found.targets],
            from_right=from_right,
            whole=100,
        ),
    }


def _both(needs: int, capabilities: int) -> list[Bar]:
    return [Bar("demand", needs, str(needs)), Bar("supply", capabilities, str(capabilities))]


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
