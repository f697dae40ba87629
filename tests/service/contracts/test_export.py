"""The national registration form as a file: its columns, whose contracts, and no cell that is run."""

import csv
import io

import pytest
from fastapi.testclient import TestClient
from openpyxl import load_workbook
from sqlmodel import Session

from service.platform.settings import settings
from tests.conftest import ClientFor
from tests.service.contracting import Parties, content, do, draft, parties, register, sign


@pytest.fixture
def two(session: Session, client_for: ClientFor) -> Parties:
    return parties(session, client_for, region="659003.44", credit_code="91350100M000100Y43")


def rows(client: TestClient) -> list[dict[str, str]]:
    answer = client.get("/v1/contracts/export", params={"format": "csv"})
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_the_form_has_the_national_columns(session: Session, two: Parties) -> None:
    made = register(two, draft(session, two, "license", new_output=5_000_000))

    [row] = rows(two.seeker)

    assert row["合同登记编号"] == made["registration_number"]
    assert (row["合同类别"], row["合同子类别"]) == ("技术许可合同", "普通许可")
    assert (row["合同成交额（元）"], row["技术交易额（元）"]) == ("800000", "720000")
    assert (row["卖方名称"], row["买方名称"]) == (two.seller.name, two.buyer.name)
    assert (row["卖方统一社会信用代码"], row["卖方行政区划代码"]) == ("91350100M000100Y43", "659003")
    assert (row["卖方国别代码"], row["卖方性质代码"], row["买方性质代码"]) == ("142", "021", "")
    assert (row["知识产权类别"], row["权利编号"]) == ("专利权", "ZL202310000001.1")
    assert (row["预计新增产值（元）"], row["规则版本"]) == ("5000000", "2026-01-23")


def test_sides_get_their_own_and_operators_all_and_brokers_none(
    session: Session, two: Parties, client_for: ClientFor
) -> None:
    draft(session, two)
    draft(session, parties(session, client_for))

    assert [len(rows(who)) for who in (two.seeker, two.provider, two.operator, two.broker, client_for())] == [
        1,
        1,
        2,
        0,
        0,
    ]


def test_no_cell_is_run_as_a_formula(session: Session, two: Parties) -> None:
    draft(session, two, title="=1+1", payment="@SUM(A1)")

    [row] = rows(two.seeker)
    book = load_workbook(io.BytesIO(two.seeker.get("/v1/contracts/export").content))

    assert (row["项目名称"], row["支付方式"]) == ("'=1+1", "'@SUM(A1)")
    assert book.active is not None
    assert book.active.cell(2, 2).value == "'=1+1"
    assert book.active.cell(2, 2).data_type == "s"


def test_what_counts_now_is_what_is_exported(session: Session, two: Parties) -> None:
    made = draft(session, two)
    sign(two, made)
    do(two.seeker, made, "amend", **content(title="变更后的项目"))

    [row] = rows(two.seeker)

    assert (row["项目名称"], row["合同状态"]) == ("变更后的项目", "变更中")


def test_that_contracts_were_exported_is_in_the_audit(session: Session, two: Parties) -> None:
    draft(session, two)
    two.seeker.get("/v1/contracts/export")

    last = two.seeker.get("/v1/audit").json()["items"][0]

    assert (last["action"], last["detail"]) == ("contract.export", {"contracts": 1})


@pytest.mark.parametrize(
    ("region", "code"), [("65", "650000"), ("6531", "653100"), ("659003.44", "659003"), (None, "")]
)
def test_areas_have_six_digits_as_the_form_wants_them(
    session: Session, client_for: ClientFor, region: str | None, code: str
) -> None:
    people = parties(session, client_for, region=region)
    draft(session, people)

    [row] = rows(people.seeker)

    assert row["卖方行政区划代码"] == code


def test_more_than_a_file_may_hold_is_refused(
    session: Session, two: Parties, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(2):
        draft(session, two)
    monkeypatch.setattr(settings(), "import_rows_limit", 1)

    assert two.seeker.get("/v1/contracts/export").status_code == 413
