"""Every form tells errors beside its fields, keeps what was typed, and bears a second click."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlmodel import Session, select

from schemas.account import Organization
from schemas.need import Need
from schemas.target import Target, TargetValue
from schemas.vocabulary import PostingStatus, Role
from service.matches.live_index import LiveIndex
from service.statistics.targets import load_plan_targets
from tests.make import make_key, make_need, make_organization
from tests.service.portal.test_signed_in import ORIGIN, token_of


@pytest.fixture
def browser(session: Session, app: FastAPI) -> Iterator[TestClient]:
    app.state.index = LiveIndex()
    headers = {"Accept": "text/html", "Accept-Language": "ru", "Origin": ORIGIN}
    client = TestClient(
        app, raise_server_exceptions=False, base_url=ORIGIN, headers=headers, follow_redirects=False
    )
    yield client
    client.close()


def signed_in(session: Session, browser: TestClient, owner: Organization, role: Role) -> dict[str, str]:
    """What each form carries, once the browser is signed in."""
    browser.post("/sign-in", data={"key": make_key(session, owner, role=role)})
    return {"form_token": token_of(browser)["form_token"]}


@pytest.mark.parametrize(
    ("address", "typed"),
    [("/search", "棉花\x01打顶"), ("/needs", "棉花\x01打顶"), ("/capabilities", "长" * 300)],
)
def test_words_that_cannot_be_looked_for_are_told_beside_their_field_and_stay(
    browser: TestClient, address: str, typed: str
) -> None:
    page = browser.get(address, params={"q": typed})

    assert page.status_code == 422
    assert 'id="q-error"' in page.text
    assert 'aria-describedby="q-error"' in page.text
    shown = typed.replace("\x01", "\ufffd")
    assert f'value="{shown}"' in page.text
    assert "знак" in page.text


def test_a_key_that_is_none_is_told_beside_its_field(browser: TestClient) -> None:
    page = browser.post("/sign-in", data={"key": "dj_nobodys"})

    assert page.status_code == 401
    assert 'id="key-error" role="alert">Ключ недействителен<' in page.text
    assert 'aria-describedby="key-hint key-error"' in page.text


@pytest.mark.parametrize(
    ("typed", "wrong", "right"),
    [
        ({"year": "1999", "value": "0,5", "source": "公报"}, ["year", "value"], []),
        ({"year": "2025", "value": "0.5", "source": "长" * 300}, ["source"], ["year", "value"]),
    ],
)
def test_a_figure_that_cannot_be_is_told_beside_its_field_and_stays(
    session: Session, browser: TestClient, typed: dict[str, str], wrong: list[str], right: list[str]
) -> None:
    load_plan_targets(session)
    session.commit()
    target = session.exec(select(Target)).all()[0]
    token = signed_in(session, browser, make_organization(session), Role.operator)

    page = browser.post(f"/desk/targets/{target.id}", data={**token, **typed})

    assert page.status_code == 422
    assert [name for name in wrong if f'id="{name}-error-{target.id}"' not in page.text] == []
    assert [name for name in right if f'id="{name}-error-{target.id}"' in page.text] == []
    assert all(f'value="{value}"' in page.text for value in typed.values())
    assert session.exec(select(TargetValue)).all() == []


@pytest.mark.parametrize(
    ("verb", "before", "after"),
    [("publish", PostingStatus.draft, "published"), ("close", PostingStatus.published, "closed")],
)
def test_a_second_click_on_ones_own_postings_changes_nothing(
    session: Session, owner: Organization, browser: TestClient, verb: str, before: PostingStatus, after: str
) -> None:
    need = make_need(session, owner, publish=before is PostingStatus.published)
    token = signed_in(session, browser, owner, Role.member)

    answers = [browser.post(f"/needs/{need.id}/{verb}", data=token) for _ in range(2)]
    session.expire_all()

    assert [answer.headers.get("location") for answer in answers] == ["/my", "/my"]
    assert session.get_one(Need, need.id).status == after


@pytest.mark.parametrize("verb", ["publish", "reject"])
def test_a_second_click_at_the_desk_changes_nothing(
    session: Session, owner: Organization, browser: TestClient, verb: str
) -> None:
    need = make_need(session, owner, publish=False)
    need.status = PostingStatus.submitted
    session.add(need)
    session.commit()
    token = signed_in(session, browser, owner, Role.operator)

    answers: list[Any] = [
        browser.post(f"/desk/needs/{need.id}/{verb}", data={**token, "reason": "说明不全"}) for _ in range(2)
    ]

    assert [answer.headers.get("location") for answer in answers] == ["/desk#review", "/desk#review"]


@pytest.mark.parametrize(("form", "page"), [("/needs/new", "/needs/new"), ("/sign-out", "/my")])
def test_whoever_is_signed_out_meanwhile_comes_back_to_the_page_of_the_form(
    browser: TestClient, form: str, page: str
) -> None:
    answer = browser.post(form, data={"form_token": "old"})

    assert answer.headers["location"] == f"/sign-in?onward={page}"


@pytest.mark.parametrize(
    ("address", "typed"),
    [
        ("/notifications/read", {"id": "1"}),
        ("/introductions/new", {"need_id": "1", "capability_id": ""}),
        ("/challenges/{there}/do/award", {"bid_ids": "1"}),
        ("/challenges/{there}/do/invite", {"organization_ids": "1"}),
    ],
)
def test_an_id_that_is_none_is_absent_and_no_failure(
    session: Session, browser: TestClient, owner: Organization, address: str, typed: dict[str, str]
) -> None:
    carried = signed_in(session, browser, owner, Role.operator)

    answer = browser.post(address.format(there=owner.id), data={**carried, **typed})

    assert answer.status_code == 404


def test_a_budget_without_a_unit_is_asked_about_beside_its_field(
    session: Session, browser: TestClient, owner: Organization
) -> None:
    carried = signed_in(session, browser, owner, Role.member)
    typed = {**carried, "title": "核桃去青皮机", "do": "draft"}

    asked = browser.post("/needs/new", data={**typed, "budget": "80"})
    taken = browser.post("/needs/new", data={**typed, "budget": "80万元"})

    assert asked.status_code == 422
    assert 'id="budget-error"' in asked.text
    assert "万元" in asked.text
    assert 'value="80"' in asked.text
    assert taken.status_code == 303
    (made,) = session.exec(select(Need)).all()
    assert made.budget is not None
    assert made.budget.min == 800_000
