"""Figures against rows that were counted by hand."""

import csv
import io
from datetime import timedelta
from typing import Any, get_args

import pytest
from openpyxl import load_workbook
from sqlmodel import Session

from schemas.account import Organization
from schemas.need import Need
from schemas.vocabulary import Role
from service.api.openapi_examples import EXAMPLES
from service.matches.scoring import scoring
from service.portal.statistics.files import Table
from tests.conftest import ClientFor
from tests.make import make_capability, make_need, make_organization
from tests.service.outlooks import make_list, make_outlook


def told(client_for: ClientFor, role: Role = Role.broker) -> dict[str, Any]:
    answer = client_for(role=role).get("/v1/statistics")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def row(rows: list[dict[str, Any]], name: str, value: str) -> dict[str, Any]:
    return next(one for one in rows if one[name] == value)


def test_what_is_published_is_counted_in_each_of_its_domains_and_nothing_else_is(
    session: Session, client_for: ClientFor
) -> None:
    owner, aid = (
        make_organization(session),
        make_organization(session, affiliation="aid", aid_province="guangdong"),
    )
    make_need(session, owner, domains=["fruit.fruit_processing", "textile"])
    make_need(session, owner, domains=["fruit"], visibility="private")
    make_need(session, owner, domains=["fruit"], publish=False)
    make_capability(session, aid, domains=["fruit.fruit_processing"])
    make_capability(session, aid, domains=["fruit.fruit_processing"])

    found = told(client_for)

    fruit, textile = (row(found["domains"], "domain", key) for key in ("fruit", "textile"))
    item = row(found["coverage"], "item", "fruit.fruit_processing")
    assert (found["needs"], found["capabilities"], found["organizations"]) == (2, 2, 2)
    assert (fruit["needs"], fruit["capabilities"]) == (2, 2)
    assert (textile["needs"], textile["capabilities"]) == (1, 0)
    assert (item["needs"], item["capabilities"]) == (1, 2)
    assert (item["affiliations"], item["provinces"]) == ({"aid": 2}, {"guangdong": 2})
    assert row(found["affiliations"], "affiliation", "aid")["capabilities"] == 2
    assert len(found["coverage"]) == 57


def test_what_a_barred_organisation_published_is_not_counted_until_it_may_act_again(
    session: Session, client_for: ClientFor
) -> None:
    barred, other = (
        make_organization(session, affiliation="aid", aid_province="guangdong"),
        make_organization(session),
    )
    need = make_need(session, barred, domains=["fruit.fruit_processing"])
    make_need(session, other, domains=["fruit.fruit_processing"])
    taken = make_capability(session, other, domains=["fruit.fruit_processing"])
    make_capability(session, barred, domains=["fruit.fruit_processing"])
    make_outlook(session, need, 0.9, [taken.id], [0.9])
    operator = client_for(role=Role.operator)
    before = told(client_for)
    veto = {
        **EXAMPLES["VetoMake"],
        "organization_id": str(barred.id),
        "starts_on": "2026-01-01",
        "ends_on": None,
    }
    made = operator.post("/v1/vetoes", json=veto).json()

    during = told(client_for)
    gaps = operator.get("/v1/statistics/gaps").json()
    lifted = operator.post(f"/v1/vetoes/{made['id']}/lift", json={"reason": "复核后撤销"})
    after = told(client_for)

    item = row(during["coverage"], "item", "fruit.fruit_processing")
    assert (during["needs"], during["capabilities"], during["organizations"]) == (1, 1, 1)
    assert (item["needs"], item["capabilities"], item["idle"], item["provinces"]) == (1, 1, 1, {})
    assert (during["funnel"]["needs"], during["funnel"]["with_match"], during["provinces"]) == (1, 0, [])
    assert (gaps["needs"], gaps["not_looked_at"]) == (0, 1)
    assert lifted.is_success
    for figures in (before, after):
        assert (figures["needs"], figures["capabilities"], figures["organizations"]) == (2, 2, 2)
        assert figures["funnel"]["with_match"] == 1


def test_what_lacks_supply_and_what_nobody_wants_is_told_to_operators_and_brokers_alone(
    session: Session, owner: Organization, client_for: ClientFor
) -> None:
    met, unmet = (make_need(session, owner, domains=["fruit.fruit_processing"]) for _ in range(2))
    used, _idle = (make_capability(session, owner, domains=["fruit.fruit_processing"]) for _ in range(2))
    good = scoring().good_from
    make_outlook(session, met, good, [used.id])
    make_outlook(session, unmet, good - 0.01, [used.id])

    broker = row(told(client_for)["coverage"], "item", "fruit.fruit_processing")
    integrator = row(told(client_for, Role.integrator)["coverage"], "item", "fruit.fruit_processing")

    assert (broker["unmet"], broker["idle"]) == (1, 1)
    assert (integrator["unmet"], integrator["idle"]) == (None, None)
    assert told(client_for)["funnel"]["with_match"] == 1


def test_what_cannot_be_measured_yet_is_null_and_never_nought(
    session: Session, client_for: ClientFor
) -> None:
    make_need(session)

    funnel = told(client_for)["funnel"]

    assert row(told(client_for)["affiliations"], "affiliation", "corps")["idle"] is None
    assert funnel == {
        "needs": 1,
        "with_match": None,
        "introductions": 0,
        "agreed": 0,
        "contracts": 0,
        "registered": 0,
        "hours_to_first_match": None,
    }


def test_the_time_to_the_first_match_is_from_publication_to_the_first_list_with_anything_in_it(
    session: Session, owner: Organization, client_for: ClientFor
) -> None:
    need = make_need(session, owner)
    for hours, filled in ((1, False), (3, True), (5, True)):
        made = make_list(session, [owner] if filled else [], shown=0)
        made.subject_id, made.created_at = need.id, _published_at(need) + timedelta(hours=hours)
    session.commit()

    assert told(client_for)["funnel"]["hours_to_first_match"] == pytest.approx(3)


def _published_at(need: Need) -> Any:
    assert need.published_at is not None
    return need.published_at


def test_the_page_shows_the_figures_and_the_file_has_the_coverage(
    session: Session, owner: Organization, client_for: ClientFor
) -> None:
    make_need(session, owner, domains=["fruit.fruit_processing"])
    client = client_for()
    del client.headers["authorization"]

    page = client.get("/statistics", headers={"Accept": "text/html", "Accept-Language": "zh"})
    rows = list(csv.reader(io.StringIO(client.get("/statistics.csv").text.lstrip("\ufeff"))))

    assert "尚未统计" in page.text
    assert "特色林果产品精深加工" in page.text
    assert len(rows) == 58
    assert next(one for one in rows if one[1] == "特色林果产品精深加工")[2:6] == ["1", "", "0", ""]


def test_what_lacks_supply_is_counted_by_affiliation_and_by_the_province_that_sends_aid(
    session: Session, client_for: ClientFor
) -> None:
    corps = make_organization(session)
    aid = make_organization(session, affiliation="aid", aid_province="guangdong")
    unmet = make_need(session, corps)
    used, _idle = make_capability(session, aid), make_capability(session, aid)
    make_outlook(session, unmet, scoring().good_from - 0.01, [used.id])

    shown, hidden = told(client_for), told(client_for, Role.integrator)

    assert row(shown["affiliations"], "affiliation", "corps") == {
        "affiliation": "corps",
        "needs": 1,
        "unmet": 1,
        "capabilities": 0,
        "idle": 0,
    }
    assert shown["provinces"] == [
        {"province": "guangdong", "needs": 0, "unmet": 0, "capabilities": 2, "idle": 1}
    ]
    assert row(hidden["affiliations"], "affiliation", "corps")["unmet"] is None
    assert hidden["provinces"][0]["idle"] is None


@pytest.mark.parametrize("table", get_args(Table))
def test_every_table_is_a_file_and_a_sheet_of_the_workbook(
    session: Session, owner: Organization, client_for: ClientFor, table: Table
) -> None:
    make_need(session, owner, domains=["fruit.fruit_processing"])
    body = {"plan": "规划", "key": "k", "name": "=HYPERLINK(0)", "unit": "项", "at_least": 1}
    client_for(role=Role.operator).post("/v1/targets", json={**body, "first_year": 2026, "due_year": 2030})
    client = client_for()
    del client.headers["authorization"]

    file = client.get("/statistics.csv", params={"table": table})
    book = load_workbook(io.BytesIO(client.get("/statistics.xlsx").content))

    rows = list(csv.reader(io.StringIO(file.text.lstrip("\ufeff"))))
    assert f'filename="{table}.csv"' in file.headers["content-disposition"]
    assert [str(cell.value or "") for cell in book.worksheets[get_args(Table).index(table)][1]] == rows[0]
    assert len(rows) > 1 or table in ("provinces", "contracts")
    cells = [cell.value for sheet in book for line in sheet.iter_rows() for cell in line]
    assert "'=HYPERLINK(0)" in cells
    assert not any(str(cell).startswith("=") for cell in cells)
