"""The statistics page, and its figures as a file."""

import csv
import io

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from schemas.domains import DOMAINS
from service.db import SessionDep
from service.statistics import statistics
from service.web.pages import PageCallerDep, render
from service.web.sessions import VisitorDep

router = APIRouter(include_in_schema=False)


@router.get("/statistics")
def statistics_page(
    request: Request, session: SessionDep, caller: PageCallerDep, visitor: VisitorDep
) -> HTMLResponse:
    found = statistics(session, caller)
    return render(
        request,
        "statistics.html",
        visitor=visitor,
        found=found,
        most=max((max(one.needs, one.capabilities) for one in found.domains), default=0) or 1,
    )


@router.get("/statistics.csv")
def statistics_file(session: SessionDep, caller: PageCallerDep) -> Response:
    """The coverage of the plan's items, as spreadsheets read it."""
    written = io.StringIO()
    rows = csv.writer(written)
    rows.writerow(["技术领域", "技术方向", "需求", "未满足", "供给", "闲置"])
    for one in statistics(session, caller).coverage:
        item = DOMAINS[one.item]
        box = DOMAINS[item.parent or one.item]
        rows.writerow([box.zh, item.zh, one.needs, one.unmet, one.capabilities, one.idle])
    # With its mark, without which Excel takes UTF-8 for something else.
    return Response(
        "\ufeff" + written.getvalue(),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="statistics.csv"'},
    )
