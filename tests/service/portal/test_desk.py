"""The operators' desk: for them alone, and each button does what it says."""

import io
from typing import Any

import pytest
from fastapi.testclient import TestClient
from openpyxl import load_workbook
from sqlmodel import Session, select

from schemas.account import Organization
from schemas.need import Need
from schemas.outbox import OutboxMessage, Topic
from schemas.posting import IndexStatus
from schemas.target import TargetValue
from schemas.vocabulary import Role
from service.platform.outbox import announce
from service.statistics.targets import load_plan_targets
from tests.make import make_key, make_need, make_organization
from tests.service.portal.test_signed_in import browser as browser  # noqa: PLC0414
from tests.service.portal.test_signed_in import token_of


@pytest.fixture
def operator(session: Session, owner: Organization, browser: TestClient) -> TestClient:
    browser.post("/sign-in", data={"key": make_key(session, owner, role=Role.operator)})
    return browser


def token(browser: TestClient) -> dict[str, Any]:
    return {"form_token": token_of(browser)["form_token"]}


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.operator])
def test_nobody_else_gets_to_it(
    session: Session, owner: Organization, browser: TestClient, role: Role
) -> None:
    waiting = make_need(session, make_organization(session, verified=False))
    browser.post("/sign-in", data={"key": make_key(session, owner, role=role)})
    page = browser.get("/desk")
    form = {"form_token": "guessed"}

    answers = [
        browser.post(f"/desk/needs/{waiting.id}/publish", data=form),
        browser.post(f"/desk/organizations/{waiting.organization_id}/verify", data=form),
    ]

    assert page.status_code == 403
    assert [answer.status_code for answer in answers] == [403, 403]
    assert 'href="/desk"' not in browser.get("/my").text


def test_a_member_with_a_true_token_is_refused_too(
    session: Session, owner: Organization, browser: TestClient
) -> None:
    waiting = make_need(session, make_organization(session, verified=False))
    browser.post("/sign-in", data={"key": make_key(session, owner)})

    answers = [
        browser.post(f"/desk/needs/{waiting.id}/publish", data=token(browser)),
        browser.post(f"/desk/needs/{waiting.id}/index", data=token(browser)),
        browser.post(f"/desk/organizations/{waiting.organization_id}/verify", data=token(browser)),
        browser.post(f"/desk/work/{waiting.id}/now", data=token(browser)),
        browser.post(f"/desk/embeds/{waiting.id}/revoke", data=token(browser)),
        browser.post(f"/desk/webhooks/{waiting.id}/redeliver", data=token(browser)),
    ]

    session.expire_all()
    assert [answer.status_code for answer in answers] == [403] * 6
    assert session.get_one(Need, waiting.id).status == "submitted"


def test_what_was_handed_in_is_published_or_returned_with_a_reason(
    session: Session, operator: TestClient
) -> None:
    poster = make_organization(session, verified=False)
    good, bad = make_need(session, poster, title="好的需求"), make_need(session, poster, title="空泛的需求")

    page = operator.get("/desk").text
    operator.post(f"/desk/needs/{good.id}/publish", data=token(operator))
    operator.post(f"/desk/needs/{bad.id}/reject", data={**token(operator), "reason": "请写明指标"})

    session.expire_all()
    assert "好的需求" in page
    assert session.get_one(Need, good.id).status == "published"
    assert session.get_one(Need, bad.id).status_reason == "请写明指标"
    assert "空泛的需求" not in operator.get("/desk").text


def test_an_organisation_is_verified(session: Session, operator: TestClient) -> None:
    waiting = make_organization(session, verified=False, name="待核验的企业")

    page = operator.get("/desk").text
    operator.post(f"/desk/organizations/{waiting.id}/verify", data=token(operator))

    session.expire_all()
    assert "待核验的企业" in page
    assert session.get_one(Organization, waiting.id).verified_at is not None


def test_failed_work_is_shown_with_its_reason_and_tried_again(session: Session, operator: TestClient) -> None:
    failed = make_need(session, title="无法索引的需求")
    failed.index_status, failed.index_error = IndexStatus.failed, "EncodingFailed: 过长"
    session.add(failed)
    announce(session, Topic.model_changed, None)
    session.flush()
    work = session.exec(select(OutboxMessage).where(OutboxMessage.topic == Topic.model_changed)).one()
    work.attempts, work.error, work.sent_at = 3, "磁盘已满", work.created_at
    session.commit()

    page = operator.get("/desk").text
    operator.post(f"/desk/needs/{failed.id}/index", data=token(operator))
    operator.post(f"/desk/work/{work.id}/now", data=token(operator))

    session.expire_all()
    assert "EncodingFailed: 过长" in page
    assert "磁盘已满" in page
    assert session.get_one(Need, failed.id).index_status is IndexStatus.pending
    assert session.get_one(OutboxMessage, work.id).sent_at is None


def test_figures_are_entered_and_a_wrong_one_is_told_beside_what_was_typed(
    session: Session, operator: TestClient
) -> None:
    load_plan_targets(session)
    session.commit()
    page = operator.get("/desk").text
    key = page.split('action="/desk/targets/')[1].split('"')[0]

    right = operator.post(f"/desk/targets/{key}", data={**token(operator), "year": "2025", "value": "0.4"})
    wrong = operator.post(f"/desk/targets/{key}", data={**token(operator), "year": "2025", "value": "很多"})
    early = operator.post(f"/desk/targets/{key}", data={**token(operator), "year": "1999", "value": "1"})

    (kept,) = session.exec(select(TargetValue)).all()
    assert right.status_code == 303
    assert (kept.year, kept.value) == (2025, 0.4)
    assert wrong.status_code == 422
    assert 'value="很多"' in wrong.text
    assert "应为数字" in wrong.text
    assert "请填写规划期内的年份" in early.text


def test_the_page_of_figures_prints_the_targets_and_what_the_plan_leaves_open(
    session: Session, browser: TestClient
) -> None:
    load_plan_targets(session)
    session.commit()

    page = browser.get("/statistics").text
    book = load_workbook(io.BytesIO(browser.get("/statistics.xlsx").content))

    assert "技术市场合同成交金额0.5亿元" in page
    assert "规划未写明0.5亿元是2025年当年值还是" in page
    assert page.count('<svg class="chart"') == 3
    assert book.sheetnames[0] == "规划目标"
    head = [cell.value for cell in book["规划目标"][1]]
    assert [one for one in head if str(one).startswith("2025年")] == ["2025年当年", "2025年累计"]
    assert book["技术方向覆盖"].max_row == 58
    assert browser.get("/statistics.pdf").status_code == 404
