"""Imports through HTTP, worked off as the worker does."""

import io
from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from openpyxl import load_workbook
from sqlalchemy import func, select, text
from sqlmodel import Session, col

from schemas.account import ApiKey
from schemas.import_run import ImportRun
from schemas.need import Need
from schemas.outbox import OutboxMessage, Topic
from service import postings
from service.settings import settings
from tests.conftest import ClientFor
from tests.make import make_organization
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


def test_a_file_beyond_the_limit_is_refused(client_for: ClientFor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings(), "import_limit", 1000)

    answer = post(client_for(), b"x" * 20_000)

    assert answer.status_code == 413


@pytest.mark.parametrize("kind", ["needs", "capabilities"])
def test_the_template_comes_back_as_it_is(session: Session, client_for: ClientFor, kind: str) -> None:
    client = client_for()
    template = client.get(f"/v1/imports/templates/{kind}.xlsx").content
    sheet = load_workbook(io.BytesIO(template)).worksheets[0]

    posted = client.post("/v1/imports", files={"file": ("模板.xlsx", template)}, data={"kind": kind}).json()
    work(session)

    run = client.get(f"/v1/imports/{posted['id']}").json()
    assert (run["accepted"], run["errors"]) == (1, [])
    assert sheet["A1"].value in {"需求名称", "成果名称"}
    assert sheet.data_validations.count > 0
