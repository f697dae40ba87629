"""Forms of contracts: each field of the API is there, and what was typed stays when it is refused."""

import re
from html import unescape
from typing import Any

import pytest
from sqlmodel import Session

from schemas.vocabulary import Role
from tests.service.contracting import Parties, agree, do, draft, number, register, sign
from tests.service.portal.contracts.test_pages import Visitor, _typed
from tests.service.portal.contracts.test_pages import browser as browser  # noqa: PLC0414
from tests.service.portal.contracts.test_pages import two as two  # noqa: PLC0414
from tests.service.portal.contracts.test_pages import visitor as visitor  # noqa: PLC0414


def post(visitor: Visitor, page: str, address: str, **typed: Any) -> Any:
    """A form with the token and the mark of the page that it stands on."""
    text = visitor.read(page)
    hidden = {name: re.findall(rf'name="{name}" value="([^"]+)"', text) for name in ("form_token", "once")}
    kept = {name: found[0] for name, found in hidden.items() if found}
    return visitor.browser.post(address, data={**kept, **typed})


def test_an_introduction_leads_to_its_contract_when_its_state_allows(
    session: Session, two: Parties, visitor: Visitor
) -> None:
    introduction = agree(session, two)
    page, link = f"/introductions/{introduction}", f'href="/introductions/{introduction}/contract"'

    agreed = visitor.enter(two.buyer).read(page)
    address = f"{page}/contract"
    drafted = post(visitor, address, f"{address}?type=development", **_typed()).headers["location"]
    with_draft = visitor.read(page)
    of_broker = visitor.enter(two.agent, Role.broker).read(page)
    two.seeker.post(f"/v1/introductions/{introduction}/end", json={"outcome": "contract"})
    ended = visitor.enter(two.buyer).read(page)

    assert link in agreed
    assert link not in with_draft + of_broker + ended
    assert all(f'href="{drafted}"' in text for text in (with_draft, of_broker, ended))
    assert visitor.browser.get(address).status_code == 409


def test_a_second_draft_is_refused_and_stays_typed(session: Session, two: Parties, visitor: Visitor) -> None:
    introduction = agree(session, two)
    address = f"/introductions/{introduction}/contract"
    visitor.enter(two.buyer)

    first = post(visitor, address, f"{address}?type=development", **_typed())
    second = post(visitor, address, f"{address}?type=development", **_typed(title="第二份"))

    assert (first.status_code, second.status_code) == (303, 409)
    assert "该对接已有进行中的合同" in second.text
    assert 'value="第二份"' in second.text


@pytest.mark.parametrize("language", ["zh", "ug", "ru", "en"])
def test_further_parties_are_written_and_read_again(
    session: Session, two: Parties, visitor: Visitor, language: str
) -> None:
    made = draft(session, two, further_parties=[{"name": "某担保公司", "role": "担保人"}])
    address = f"/contracts/{made['id']}/content"
    visitor.browser.headers["Accept-Language"] = language
    form = visitor.enter(two.buyer).read(address)
    [written] = re.findall(r'<textarea id="further_parties"[^>]*>(.*?)</textarea>', form, re.DOTALL)

    more = f"{unescape(written)}\n某代理公司，代理人"
    answer = post(visitor, address, f"{address}?type=development", **_typed(), further_parties=more)
    wrong = post(visitor, address, f"{address}?type=development", **_typed(), further_parties="无角色")
    none = post(visitor, address, f"{address}?type=development", **_typed(), further_parties="")

    versions = two.seeker.get(f"/v1/contracts/{made['id']}/versions").json()
    parties = [[one["name"] for one in each["content"]["further_parties"]] for each in versions]
    assert [one.status_code for one in (answer, wrong, none)] == [303, 422, 303]
    assert 'id="further_parties-error"' in wrong.text
    assert parties == [["某担保公司"], ["某担保公司", "某代理公司"], []]


def test_the_precheck_looks_at_what_is_said_to_be_ready(
    session: Session, two: Parties, visitor: Visitor
) -> None:
    made = draft(session, two)
    page = f"/contracts/{made['id']}"
    visitor.enter(two.buyer)

    before = visitor.read(page)
    after = visitor.read(f"{page}?evidence=text&evidence=task&seals_match=true&disputed=true")
    wrong = visitor.browser.get(f"{page}?received_on=昨天")

    assert "请附完整的合同文本" in before
    assert "请核对书写单位名称与印章是否一致" in before
    assert "请附完整的合同文本" not in after
    assert "请核对书写单位名称与印章是否一致" not in after
    assert re.search(r'value="task" checked', after)
    assert wrong.status_code == 422
    assert 'id="precheck-error"' in wrong.text


def test_an_operator_enters_the_day_of_receipt_and_what_the_registry_decided(
    session: Session, two: Parties, visitor: Visitor
) -> None:
    made = draft(session, two)
    sign(two, made)
    page = f"/contracts/{made['id']}"
    member = visitor.enter(two.seller).read(page)
    visitor.enter(two.agent, Role.operator)

    early = visitor.send(f"{page}/submit", received_on="2999-01-01", evidence=["task"])
    visitor.send(f"{page}/submit", received_on="2026-02-02")
    much = visitor.send(f"{page}/register", number=number(), technology_value="99999999", type="service")
    right = visitor.send(f"{page}/register", number=number(), technology_value="700000", type="service")

    assert 'name="received_on"' not in member.split('id="precheck"')[0]
    assert early.status_code == much.status_code == 422
    assert 'id="submit-error"' in early.text
    assert re.search(r'value="task" checked', early.text)
    assert "技术交易额高于成交额" in much.text
    assert 'value="99999999"' in much.text
    assert right.status_code == 303
    totals = two.operator.get("/v1/contracts/totals").json()
    assert [(one["key"], one["technology_value"]) for one in totals["types"]] == [("service", 700_000)]


def test_a_number_that_was_used_and_a_second_click_are_told_on_the_page(
    session: Session, two: Parties, visitor: Visitor
) -> None:
    taken = register(two, draft(session, two))["registration_number"]
    made = draft(session, two)
    page = f"/contracts/{made['id']}"
    first = visitor.enter(two.buyer).send(f"{page}/sign", signer="王总经理")
    form = {"version": made["version"], "hash": made["hash"]}
    token = re.findall(r'name="form_token" value="([^"]+)"', visitor.read(page))[0]
    second = visitor.browser.post(f"{page}/sign", data={**form, "form_token": token})
    sign_other = two.provider.post(f"/v1{page}/sign", json=form)
    do(two.provider, made, "submit")
    visitor.enter(two.agent, Role.operator)

    used = visitor.send(f"{page}/register", number=taken)

    assert (first.status_code, second.status_code, sign_other.status_code, used.status_code) == (
        303,
        409,
        200,
        409,
    )
    assert "贵方已签署这一版本" in second.text
    assert "该登记编号已用于另一份合同" in used.text


def test_contracts_are_exported_from_their_list(session: Session, two: Parties, visitor: Visitor) -> None:
    register(two, draft(session, two, title="残膜回收技术开发"))

    page = visitor.enter(two.buyer).read("/contracts")
    csv = visitor.browser.get("/contracts/export.csv")
    workbook = visitor.browser.get("/contracts/export.xlsx")
    stranger = visitor.enter(two.agent).browser.get("/contracts/export.csv")

    assert 'href="/contracts/export.xlsx"' in page
    assert "残膜回收技术开发" in csv.content.decode("utf-8-sig")
    assert "残膜回收技术开发" not in stranger.content.decode("utf-8-sig")
    assert workbook.content.startswith(b"PK")


def test_an_operator_enters_what_was_concluded_elsewhere(
    session: Session, two: Parties, visitor: Visitor
) -> None:
    sides = {"seeker": two.buyer.name, "provider": str(two.seller.id), "signed_on": "2026-02-02"}
    page, address = "/contracts/new", "/contracts/new?type=development"
    member = visitor.enter(two.buyer).browser.get(page)
    visitor.enter(two.agent, Role.operator)

    unknown = post(visitor, page, address, **_typed(), **{**sides, "seeker": "没有这家"})
    same = post(visitor, page, address, **_typed(), **{**sides, "provider": two.buyer.name})
    late = post(visitor, page, address, **_typed(), **{**sides, "signed_on": "2999-01-01"})
    made = post(visitor, page, address, **_typed(), **sides)

    assert member.status_code == 403
    assert [one.status_code for one in (unknown, same, late, made)] == [422, 422, 422, 303]
    assert 'id="seeker-error"' in unknown.text
    assert 'id="provider-error"' in same.text
    assert 'id="signed_on-error"' in late.text
    assert 'value="没有这家"' in unknown.text
    shown = two.seeker.get(f"/v1{made.headers['location']}").json()
    assert (shown["status"], shown["elsewhere"], shown["signed_on"]) == ("signed", True, "2026-02-02")
