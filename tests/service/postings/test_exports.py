"""Exports go back in as imports; no cell of them is run."""

import csv
import io
import json
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlmodel import Session

from schemas.account import Organization
from schemas.need import NeedCreate
from schemas.vocabulary import Role, Side
from service.platform.sheets import csv_file, xlsx_file
from service.postings.files import read_file
from tests.conftest import ClientFor
from tests.make import make_capability, make_need, make_organization

FULL: dict[str, Any] = {
    "title": "红枣分级设备",
    "external_id": "需-1",
    "description": "日处理20吨",
    "wanted_result": "样机一台",
    "need_type": "equipment",
    "budget": "50-100万元",
    "deadline": "2027-10-31",
    "domains": ["fruit.fruit_processing", "crops"],
    "keywords": ["红枣", "分级"],
    "cooperation_modes": ["joint", "license"],
    "indicators": ["破损率≤2%", "日处理量≥20吨"],
    "maturity": "中试",
    "region": "四十四团",
    "partner_wish": "有南疆应用经验",
    "publicly_funded": True,
    "contacts": [{"name": "王工", "phone": "13800000000", "email": "wang@example.com"}],
}
SAME = [name for name in FULL if name != "maturity"]


@pytest.mark.parametrize("ending", ["csv", "xlsx", "jsonl"])
def test_what_is_exported_says_the_same_when_it_is_imported(
    session: Session, owner: Organization, client_for: ClientFor, ending: str
) -> None:
    posted = make_need(session, owner, **FULL)

    answer = client_for(owner).get("/v1/exports/needs", params={"format": ending})

    [row] = read_file(f"needs.{ending}", io.BytesIO(answer.content), Side.needs, 10).rows
    assert row.fields.pop("id") == str(posted.id)
    again = NeedCreate.model_validate(row.fields)
    assert {name: getattr(again, name) for name in SAME} == {name: getattr(posted, name) for name in SAME}
    assert again.maturity is not None
    assert posted.maturity is not None
    assert (again.maturity.trl_min, again.maturity.trl_max) == (
        posted.maturity.trl_min,
        posted.maturity.trl_max,
    )


def test_ones_own_alone_are_exported_and_operators_get_all(
    session: Session, owner: Organization, client_for: ClientFor
) -> None:
    make_capability(session, owner, title="自己的", publish=False)
    make_capability(session, make_organization(session), title="别人的")

    def titles(role: Role) -> list[str]:
        answer = client_for(owner, role).get("/v1/exports/capabilities", params={"format": "jsonl"})
        return [json.loads(line)["title"] for line in answer.text.splitlines()]

    assert titles(Role.member) == ["自己的"]
    assert titles(Role.operator) == ["自己的", "别人的"]
    assert client_for(owner, Role.integrator).get("/v1/exports/needs").status_code == 403


@pytest.mark.parametrize(
    "title", ["=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("http://x")', "<script>alert(1)</script>"]
)
def test_nothing_that_is_exported_is_run_by_a_spreadsheet(
    session: Session, owner: Organization, client_for: ClientFor, title: str
) -> None:
    make_need(session, owner, title=title)
    client = client_for(owner)

    table = client.get("/v1/exports/needs", params={"format": "csv"}).content
    book = client.get("/v1/exports/needs").content

    (_, line) = csv.reader(io.StringIO(table.decode("utf-8-sig")))
    cell = load_workbook(io.BytesIO(book)).worksheets[0].cell(2, 1)
    assert line[0] == cell.value
    assert cell.data_type == "s"
    assert line[0] == (title if title.startswith("<") else f"'{title}")
    [row] = read_file("needs.xlsx", io.BytesIO(book), Side.needs, 10).rows
    assert row.fields["title"] == title


def test_control_characters_that_no_workbook_may_hold_are_left_out() -> None:
    book = xlsx_file({"表": [["名称"], ["损坏\x08的文字"]]})

    assert load_workbook(io.BytesIO(book))["表"].cell(2, 1).value == "损坏的文字"


def test_numbers_stay_numbers() -> None:
    assert csv_file([["数", "无"], [-5, None]]).decode("utf-8-sig") == "数,无\r\n-5,\r\n"
