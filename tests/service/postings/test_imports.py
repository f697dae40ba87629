"""Imports through HTTP, worked off as the worker does."""

import io
import json
from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from openpyxl import load_workbook
from sqlalchemy import func, select, text
from sqlmodel import Session, col

from schemas.account import ApiKey, Organization
from schemas.import_run import ImportChunk, ImportRun
from schemas.need import Need
from schemas.outbox import OutboxMessage, Topic
from service.platform.settings import settings
from service.platform.sheets import csv_file, xlsx_file
from service.postings import actions as postings
from service.postings import import_files
from tests.conftest import ClientFor
from tests.make import make_need, make_organization
from tests.service.sides import ABSENT
from workers import importing

CSV = """编号,需求名称,意向投入（万元）,技术成熟度
一,残膜回收,50-100,中试
二,,80,
三,红枣分级,很多钱,
四,滴灌控制,面议,已产业化
"""


def post(client: TestClient, content: bytes, name: str = "需求.csv", **more: str) -> Any:
    return client.post("/v1/imports", files={"file": (name, content)}, data={"kind": "needs", **more})


def work(session: Session) -> None:
    session.commit()
    for message in session.execute(select(OutboxMessage)).scalars():
        if message.topic is Topic.import_posted:
            importing.run_import(str(message.id))
    session.expire_all()
    session.commit()


def count(session: Session) -> int:
    session.commit()
    found: int = session.execute(select(func.count()).select_from(Need)).scalar_one()
    return found


def test_good_rows_go_in_and_bad_ones_are_listed_with_row_field_and_reason(
    session: Session, client_for: ClientFor
) -> None:
    client = client_for()
    posted = post(client, CSV.encode("gb18030"), publish="true")

    work(session)
    run = client.get(f"/v1/imports/{posted.json()['id']}").json()

    assert (posted.status_code, posted.json()["status"]) == (202, "running")
    assert (run["status"], run["rows"], run["accepted"], run["rejected"]) == ("finished", 4, 2, 2)
    assert [(error["row"], error["field"], error["code"]) for error in run["errors"]] == [
        (3, "title", "missing"),
        (4, "budget", "unreadable"),
    ]
    assert "无法识别" in run["errors"][1]["message"]
    assert {
        "row": 2,
        "field": "budget",
        "written": "50-100万元",
        "read": {"min": 500000, "max": 1000000, "method": None},
    } in run["guesses"]
    listed = client.get("/v1/needs", params={"mine": True}).json()["items"]
    assert {(item["external_id"], item["status"]) for item in listed} == {
        ("一", "published"),
        ("四", "published"),
    }


@pytest.mark.parametrize(
    ("language", "message"),
    [("en", "Field required"), ("ru", "Этого поля не хватает"), ("ug", "بۇ تۈر كەم")],
)
def test_the_reasons_are_told_in_the_language_of_whoever_posted(
    session: Session, client_for: ClientFor, language: str, message: str
) -> None:
    client = client_for()
    client.headers["Accept-Language"] = language
    posted = post(client, CSV.encode())

    work(session)

    errors = client.get(f"/v1/imports/{posted.json()['id']}").json()["errors"]
    assert errors[0]["message"] == message


def test_the_same_file_again_updates_instead_of_adding(session: Session, client_for: ClientFor) -> None:
    client = client_for()
    post(client, CSV.encode())
    work(session)

    post(client, CSV.replace("残膜回收", "残膜高净度回收").encode())
    work(session)

    titles = {item["title"] for item in client.get("/v1/needs", params={"mine": True}).json()["items"]}
    assert titles == {"残膜高净度回收", "滴灌控制"}


def test_rows_without_an_id_are_taken_once_though_the_run_was_killed_half_way(
    session: Session, client_for: ClientFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = "需求名称\n" + "".join(f"第{number}条\n" for number in range(250))
    post(client_for(), rows.encode())
    original, calls = postings.post, iter(range(1000))

    def dying(*arguments: Any, **options: Any) -> Any:
        if next(calls) == 170:
            raise KeyboardInterrupt
        return original(*arguments, **options)

    monkeypatch.setattr(postings, "post", dying)
    with pytest.raises(KeyboardInterrupt):
        work(session)
    after_the_kill = count(session)

    work(session)

    assert after_the_kill == 100
    assert count(session) == 250


def test_a_second_delivery_takes_nothing_again(session: Session, client_for: ClientFor) -> None:
    post(client_for(), "需求名称\n甲\n".encode())
    session.commit()
    (message,) = session.execute(select(col(OutboxMessage.id))).scalars()

    importing.run_import(str(message))
    importing.run_import(str(message))

    assert count(session) == 1


def test_a_key_revoked_meanwhile_fails_the_run_and_says_so(session: Session, client_for: ClientFor) -> None:
    client = client_for()
    posted = post(client, "需求名称\n甲\n".encode())
    session.execute(text("UPDATE api_key SET revoked_at = now()"))

    work(session)

    run = session.get_one(ImportRun, UUID(posted.json()["id"]))
    assert (run.status, count(session)) == ("failed", 0)
    assert "撤销" in run.failure
    assert session.execute(select(func.count()).select_from(ApiKey)).scalar_one() == 1


def test_another_organisations_import_looks_absent(session: Session, client_for: ClientFor) -> None:
    posted = post(client_for(), "需求名称\n甲\n".encode()).json()["id"]
    stranger = client_for(make_organization(session))

    theirs = stranger.get(f"/v1/imports/{posted}")
    nobodys = stranger.get("/v1/imports/00000000-0000-4000-8000-000000000000")

    assert theirs.status_code == nobodys.status_code == 404
    assert theirs.json() == nobodys.json()


def test_an_unreadable_file_is_refused_at_once_and_nothing_is_kept(
    session: Session, client_for: ClientFor
) -> None:
    answer = post(client_for(), b"PK\x03\x04 broken", name="坏.xlsx")

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/file"
    assert session.execute(select(func.count()).select_from(ImportRun)).scalar_one() == 0


def test_a_file_that_turns_out_unreadable_ends_as_failed_and_nothing_of_it_is_taken(
    session: Session, client_for: ClientFor
) -> None:
    client = client_for()
    # The fault lies far behind what is looked at before it is taken.
    posted = post(client, ("需求名称\n" + "甲\n" * 40_000 + '"未闭合').encode())

    work(session)
    run = client.get(f"/v1/imports/{posted.json()['id']}").json()

    assert (posted.status_code, posted.json()["status"]) == (202, "running")
    assert (run["status"], run["accepted"], count(session)) == ("failed", 0, 0)
    assert "CSV 格式有误" in run["failure"]
    assert session.execute(select(func.count()).select_from(ImportChunk)).scalar_one() == 0


def test_a_file_is_kept_in_pieces_until_it_is_worked_off(
    session: Session, client_for: ClientFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_files, "_CHUNK", 50)
    client = client_for()

    posted = post(client, CSV.encode())
    pieces = (
        session.execute(select(col(ImportChunk.content)).order_by(col(ImportChunk.number))).scalars().all()
    )
    work(session)

    assert b"".join(pieces) == CSV.encode()
    assert {len(piece) for piece in pieces[:-1]} == {50}
    assert client.get(f"/v1/imports/{posted.json()['id']}").json()["accepted"] == 2
    assert session.execute(select(func.count()).select_from(ImportChunk)).scalar_one() == 0


def test_a_file_that_the_release_before_kept_whole_is_worked_off(
    session: Session, client_for: ClientFor
) -> None:
    client = client_for()
    posted = post(client, CSV.encode())
    session.execute(text("UPDATE import_run SET file = (SELECT content FROM import_chunk)"))
    session.execute(text("DELETE FROM import_chunk"))

    work(session)

    assert client.get(f"/v1/imports/{posted.json()['id']}").json()["accepted"] == 2


def test_a_file_beyond_the_limit_is_refused(client_for: ClientFor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings(), "import_limit", 1000)

    answer = post(client_for(), b"x" * 20_000)

    assert answer.status_code == 413


@pytest.mark.parametrize("kind", ["needs", "capabilities"])
def test_the_example_of_a_template_is_no_posting(session: Session, client_for: ClientFor, kind: str) -> None:
    client = client_for()
    template = client.get(f"/v1/imports/templates/{kind}.xlsx").content
    sheet = load_workbook(io.BytesIO(template)).worksheets[0]

    posted = client.post("/v1/imports", files={"file": ("模板.xlsx", template)}, data={"kind": kind}).json()
    work(session)

    run = client.get(f"/v1/imports/{posted['id']}").json()
    assert (run["accepted"], [one["code"] for one in run["errors"]]) == (0, ["example_row"])
    assert client.get(f"/v1/{kind}", params={"mine": True}).json()["items"] == []
    assert sheet["A1"].value in {"需求名称", "成果名称"}
    assert sheet.data_validations.count > 0


@pytest.mark.parametrize(
    "row",
    [
        {"title": "棉田残膜回收", "external_id": "示例-1"},
        {"title": "（示例）棉田残膜回收，本团另有要求"},
        {"title": "棉田残膜回收", "keywords": "示例；请删除本行"},
        {"title": "棉田残膜回收", "keywords": ["残膜", "示例"]},
    ],
)
@pytest.mark.parametrize("ending", ["jsonl", "csv", "xlsx"])
def test_a_row_that_is_marked_as_an_example_is_none_in_any_file(
    session: Session, client_for: ClientFor, row: dict[str, Any], ending: str
) -> None:
    client = client_for()
    posted = post(client, in_file([row, {"title": "示例农场建设"}], ending), f"需求.{ending}", publish="true")

    work(session)

    run = client.get(f"/v1/imports/{posted.json()['id']}").json()
    assert (run["accepted"], run["rejected"]) == (1, 1)
    assert [one["code"] for one in run["errors"]] == ["example_row"]
    assert run["errors"][0]["message"] == "模板中的示例行，未导入"
    assert count(session) == 1


def in_file(rows: list[dict[str, Any]], ending: str) -> bytes:
    if ending == "jsonl":
        return "".join(f"{json.dumps(row)}\n" for row in rows).encode()
    names = list(dict.fromkeys(name for row in rows for name in row))
    cells = [
        ["；".join(row[n]) if isinstance(row.get(n), list) else row.get(n, "") for n in names] for row in rows
    ]
    table = iter([names, *cells])
    return csv_file(table) if ending == "csv" else xlsx_file({"需求": table})


@pytest.mark.parametrize("ending", ["jsonl", "csv", "xlsx"])
def test_what_was_exported_comes_back_as_the_same_posting(
    session: Session, owner: Organization, client_for: ClientFor, ending: str
) -> None:
    contacts = [{"name": "王工", "phone": "13800000000"}, {"name": "李工", "phone": "13900000000"}]
    need = make_need(session, owner, title="红枣分级", budget="50万元", contacts=contacts)
    client = client_for(owner)
    exported = client.get("/v1/exports/needs", params={"format": ending}).content

    for changed in (exported, exported, exported.replace("红枣分级".encode(), "红枣色选".encode())):
        post(client, changed, f"需求.{ending}", publish="true")
        work(session)

    session.expire_all()
    again = session.get_one(Need, need.id)
    assert count(session) == 1
    assert again.title == ("红枣分级" if ending == "xlsx" else "红枣色选")
    assert [one.name for one in again.contacts] == ["王工", "李工"]
    assert again.version == (1 if ending == "xlsx" else 2)


def test_an_id_of_somebody_elses_posting_is_told_and_changes_nothing(
    session: Session, client_for: ClientFor
) -> None:
    need = make_need(session, make_organization(session), title="红枣分级")
    client = client_for()
    rows = [
        {"title": "改过", "id": str(need.id)},
        {"title": "改过", "id": ABSENT},
        {"title": "改过", "id": "x"},
    ]
    posted = post(client, in_file(rows, "jsonl"), "需求.jsonl")

    work(session)

    run = client.get(f"/v1/imports/{posted.json()['id']}").json()
    assert (run["accepted"], [(one["field"], one["code"]) for one in run["errors"]]) == (
        0,
        [("id", "not_there")] * 3,
    )
    assert count(session) == 1
    assert session.get_one(Need, need.id).title == "红枣分级"


def test_a_sum_without_a_unit_is_told_and_never_a_few_yuan(session: Session, client_for: ClientFor) -> None:
    client = client_for()
    posted = post(
        client, "单位：万元,,\n需求名称,需求描述,意向投入\n核桃去青皮机,每小时三吨,80\n".encode(), "需求.csv"
    )

    work(session)

    run = client.get(f"/v1/imports/{posted.json()['id']}").json()
    (made,) = client.get("/v1/needs", params={"mine": True}).json()["items"]
    assert (run["accepted"], made["budget"]) == (1, None)
    assert [(one["field"], one["code"]) for one in run["errors"]] == [("budget", "unit_missing")]
    assert "80" in run["errors"][0]["message"]
