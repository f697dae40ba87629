"""Contracts on the portal: what each sees, and that each button does what it says."""

import re
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlmodel import Session

from schemas.account import Organization
from schemas.vocabulary import Role
from tests.conftest import ClientFor
from tests.make import make_key
from tests.service.contracting import Parties, agree, content, do, draft, number, parties, register, sign
from tests.service.portal.test_signed_in import browser as browser  # noqa: PLC0414


@pytest.fixture
def two(session: Session, client_for: ClientFor) -> Parties:
    return parties(session, client_for)


class Visitor:
    """Somebody at the portal, for one organisation after the other."""

    def __init__(self, session: Session, browser: TestClient) -> None:
        self.session, self.browser = session, browser

    def enter(self, organization: Organization, role: Role = Role.member) -> "Visitor":
        self.browser.cookies.clear()
        answer = self.browser.post("/sign-in", data={"key": make_key(self.session, organization, role=role)})
        assert answer.status_code == 303
        return self

    def read(self, path: str) -> str:
        page = self.browser.get(path)
        assert page.status_code == 200, page.text
        return page.text

    def send(self, path: str, **typed: Any) -> Any:
        """A form with the token, and all hidden fields, of the page that it stands on."""
        page = self.read(path.rpartition("/")[0] if path.count("/") == 3 and "content" not in path else path)
        [form] = re.findall(rf'<form[^>]*action="{re.escape(path)}"(.*?)</form>', page, re.DOTALL)
        hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form))
        return self.browser.post(path, data={**hidden, **typed})


@pytest.fixture
def visitor(session: Session, browser: TestClient) -> Visitor:
    return Visitor(session, browser)


def test_a_contract_goes_from_signature_to_registration_by_forms(
    session: Session, two: Parties, visitor: Visitor
) -> None:
    made = draft(session, two, payment="签订后付50%")
    page = f"/contracts/{made['id']}"

    first = visitor.enter(two.buyer).send(f"{page}/sign", signer="王总经理")
    waiting = visitor.read(page)
    visitor.enter(two.seller).send(f"{page}/sign")
    visitor.send(f"{page}/submit", evidence=["text", "task"], seals_match="true")
    visitor.enter(two.agent, Role.operator)
    listed = visitor.read("/contracts")
    wrong = visitor.send(f"{page}/register", number="123")
    right = visitor.send(f"{page}/register", number=number())
    final = visitor.read(page)

    assert first.status_code == right.status_code == 303
    assert "王总经理" in waiting
    assert "贵方已签署，等待对方签署。" in waiting
    assert "签订后付50%" in waiting
    assert page in listed.split('id="waiting"')[1].split("</section>")[0]
    assert wrong.status_code == 422
    assert "格式不正确" in wrong.text
    assert "已登记" in final
    assert "2026-01-23" in final


def test_a_registration_is_refused_with_its_ground_and_an_end_is_noted(
    session: Session, two: Parties, visitor: Visitor
) -> None:
    made = draft(session, two)
    sign(two, made)
    do(two.provider, made, "submit")
    page = f"/contracts/{made['id']}"
    visitor.enter(two.agent, Role.operator)

    visitor.send(f"{page}/refuse", ground="object_unclear", remark="请补充考核指标")
    refused = visitor.read(page)
    visitor.send(f"{page}/cancel", ground="void")

    assert "合同标的不明确" in refused
    assert "请补充考核指标" in refused
    assert "无效或被撤销" in visitor.read(page)


def test_an_end_by_agreement_is_proposed_given_up_and_a_submission_taken_back(
    session: Session, two: Parties, visitor: Visitor
) -> None:
    made = draft(session, two)
    sign(two, made)
    page = f"/contracts/{made['id']}"
    visitor.enter(two.seller)

    def status() -> str:
        return str(two.seeker.get(f"/v1{page}").json()["status"])

    seen = []
    for verb in ("terminate", "restore", "submit", "withdraw"):
        visitor.send(f"{page}/{verb}")
        seen.append(status())

    assert seen == ["amending", "signed", "submitted", "signed"]


def test_its_buyer_says_that_it_is_fulfilled(session: Session, two: Parties, visitor: Visitor) -> None:
    made = register(two, draft(session, two))

    visitor.enter(two.buyer).send(f"/contracts/{made['id']}/fulfil")

    assert "已履行" in visitor.read(f"/contracts/{made['id']}")


def test_the_precheck_stands_on_the_page_and_says_what_it_follows(
    session: Session, two: Parties, visitor: Visitor
) -> None:
    made = draft(session, two, payment="", ip=None)

    page = visitor.enter(two.buyer).read(f"/contracts/{made['id']}")

    assert "请写明价款的支付方式" in page
    assert "/payment" in page
    assert "请约定知识产权归属" in page
    assert "不是登记机构的认定结论" in page


def test_its_broker_sees_the_sums_and_no_clause(session: Session, two: Parties, visitor: Visitor) -> None:
    made = draft(session, two, payment="机密支付条件", commission={"amount": 9_000, "note": "成交后支付"})

    page = visitor.enter(two.agent, Role.broker).read(f"/contracts/{made['id']}")

    assert "80万元" in page
    assert "成交后支付" in page
    assert "机密支付条件" not in page
    assert 'id="precheck"' not in page
    assert "<form" not in page


def test_others_find_nothing_and_may_not_send_a_form(
    session: Session, two: Parties, visitor: Visitor, owner: Organization
) -> None:
    made = draft(session, two)
    visitor.enter(owner)

    page = visitor.browser.get(f"/contracts/{made['id']}")
    guessed = visitor.browser.post(f"/contracts/{made['id']}/cancel", data={"form_token": "guessed"})

    assert (page.status_code, guessed.status_code) == (404, 403)
    assert "还没有内容。" in visitor.read("/contracts")


def test_who_is_not_signed_in_is_sent_to_sign_in(browser: TestClient) -> None:
    assert browser.get("/contracts").headers["location"] == "/sign-in?onward=/contracts"


def _typed(**changes: str) -> dict[str, Any]:
    """The example, as somebody types it."""
    whole = content()
    flat = {
        f"{part}.{name}": value
        for part in ("terms", "nature", "ip")
        for name, value in whole[part].items()
        if name != "type"
    }
    plain = {
        name: whole[name] for name in ("title", "turnover", "technology_value", "valid_from", "valid_until")
    }
    return {**flat, **plain, **changes}


def test_a_contract_is_drafted_and_changed_by_a_form(
    session: Session, two: Parties, visitor: Visitor
) -> None:
    introduction = agree(session, two)
    address = f"/introductions/{introduction}/contract"
    page = visitor.enter(two.buyer).read(address)
    token = re.findall(r'name="form_token" value="([^"]+)"', page)[0]

    drafted = visitor.browser.post(f"{address}?type=development", data={**_typed(), "form_token": token})
    where = drafted.headers["location"]
    form = visitor.read(f"{where}/content")
    changed = visitor.browser.post(
        f"{where}/content?type=development",
        data={**_typed(turnover="900000"), "form_token": token, "version": "1"},
    )
    late = visitor.browser.post(
        f"{where}/content?type=development", data={**_typed(), "form_token": token, "version": "1"}
    )

    shown = two.provider.get(f"/v1{where}").json()
    assert 'value="800000"' in form
    assert changed.status_code == 303
    assert (shown["version"], shown["turnover"]) == (2, 900_000)
    assert late.status_code == 412


def test_what_is_wrong_is_told_beside_its_field_and_what_was_typed_stays(
    session: Session, two: Parties, visitor: Visitor
) -> None:
    address = f"/introductions/{agree(session, two)}/contract"
    token = re.findall(r'name="form_token" value="([^"]+)"', visitor.enter(two.buyer).read(address))[0]
    typed = _typed(**{"terms.goal": "", "technology_value": "900000"})

    answer = visitor.browser.post(f"{address}?type=development", data={**typed, "form_token": token})

    assert answer.status_code == 422
    assert 'id="terms.goal-error"' in answer.text
    assert "技术交易额高于成交额" in answer.text
    assert 'value="900000"' in answer.text


def test_a_form_keeps_what_it_has_no_field_for_and_amends_what_is_signed(
    session: Session, two: Parties, visitor: Visitor
) -> None:
    made = draft(session, two, further_parties=[{"name": "某担保公司", "role": "担保人"}])
    sign(two, made)
    address = f"/contracts/{made['id']}/content"
    token = re.findall(r'name="form_token" value="([^"]+)"', visitor.enter(two.seller).read(address))[0]

    visitor.browser.post(f"{address}?type=development", data={**_typed(title="变更"), "form_token": token})

    shown = two.seeker.get(f"/v1/contracts/{made['id']}").json()
    assert (shown["status"], shown["title"]) == ("amending", "变更")
    assert shown["content"]["further_parties"][0]["name"] == "某担保公司"


@pytest.mark.parametrize("type_", ["transfer", "license", "consulting", "service"])
def test_the_form_of_each_type_has_its_fields_filled_in(
    session: Session, two: Parties, visitor: Visitor, type_: str
) -> None:
    made = draft(session, two, type_)

    form = visitor.enter(two.buyer).read(f"/contracts/{made['id']}/content")

    assert all(f'name="terms.{name}"' in form for name in made["content"]["terms"] if name != "type")
    assert made["content"]["terms"].get("object", "") in form


def test_the_statistics_show_what_was_counted_beside_what_was_entered(
    session: Session, two: Parties, visitor: Visitor, owner: Organization
) -> None:
    register(two, draft(session, two))
    target = two.operator.post(
        "/v1/targets",
        json={
            "plan": "十五五",
            "key": "tech_contract_value",
            "name": "技术合同成交额",
            "unit": "亿元",
            "at_least": 2,
            "first_year": 2026,
            "due_year": 2030,
            "accumulates": True,
        },
    ).json()
    two.operator.put(f"/v1/targets/{target['id']}/values/2026", json={"value": 0.5})

    operator = visitor.enter(two.agent, Role.operator).read("/statistics")
    file = visitor.browser.get("/statistics.csv?table=contracts").content.decode("utf-8-sig")
    member = visitor.enter(owner).read("/statistics")
    members_file = visitor.browser.get("/statistics.csv?table=contracts").content.decode("utf-8-sig")

    assert "平台登记合同，未计入填报值：" in member
    assert "80万元" in member
    assert 'id="contracts"' in operator
    assert 'id="contracts"' not in member
    assert "十五五：平台登记,2026年,1,800000,720000,800000,720000,0.5,亿元" in file
    assert "合同类型,技术开发合同,1,800000,720000" in file
    assert "合同类型" not in members_file
