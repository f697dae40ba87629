"""The pages of notices, subscriptions and webhooks, as a browser without scripts has them."""

import re
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from sqlmodel import Session, select

from schemas.account import Organization
from schemas.notice import NoticeKind
from schemas.subscription import Subscription
from schemas.vocabulary import Role
from schemas.webhook import DeliveryProblem, DeliveryState, WebhookDelivery
from service.notices.feed import notify
from tests.conftest import ClientFor
from tests.make import make_key, make_need, make_organization
from tests.telling import set_to, tell

ORIGIN = "http://testserver"


@pytest.fixture
def member(session: Session, owner: Organization, client_for: ClientFor) -> Iterator[TestClient]:
    with signed_in(session, owner, client_for) as browser:
        yield browser


def signed_in(
    session: Session, organization: Organization, client_for: ClientFor, role: Role = Role.member
) -> TestClient:
    app = client_for().app
    browser = TestClient(
        app,
        raise_server_exceptions=False,
        base_url=ORIGIN,
        headers={"Accept": "text/html", "Accept-Language": "zh-CN", "Origin": ORIGIN},
        follow_redirects=False,
    )
    assert (
        browser.post("/sign-in", data={"key": make_key(session, organization, role=role)}).status_code == 303
    )
    return browser


def token(browser: TestClient, path: str) -> dict[str, str]:
    page = browser.get(path).text
    names = [name for name in ("form_token", "once") if f'name="{name}"' in page]
    return {name: re.findall(f'name="{name}" value="([^"]+)"', page)[0] for name in names}


def found_match(session: Session, organization: Organization, title: str) -> str:
    need = make_need(session, title=title)
    notify(
        session,
        NoticeKind.match_found,
        need.id,
        [organization.id],
        once=f"match:{need.id}",
        side="needs",
        score=0.83,
        subscriptions=[],
    )
    session.commit()
    return str(need.id)


def test_unread_notices_stand_first_and_are_counted_in_the_head(
    session: Session, owner: Organization, member: TestClient
) -> None:
    need = found_match(session, owner, "红枣<b>分级</b>")
    notify(session, NoticeKind.introduction_accepted, uuid4(), [owner.id])
    session.commit()

    page = member.get("/notifications").text
    head = member.get("/needs").text
    one = re.findall(r'name="id" value="([^"]+)"', page)[0]
    marked = member.post("/notifications/read", data={**token(member, "/notifications"), "id": one})
    after = member.get("/notifications").text
    member.post("/notifications/read", data=token(member, "/notifications"))

    assert f'href="/needs/{need}"' in page
    assert "红枣&lt;b&gt;分级&lt;/b&gt;" in page
    assert "83%" in page
    assert re.search(r'class="count">2<', head)
    assert marked.status_code == 303
    assert after.index('id="unread"') < after.index('id="read"')
    assert 'class="count"' not in member.get("/needs").text


def test_a_search_is_made_a_subscription_by_a_form(session: Session, member: TestClient) -> None:
    form = member.get("/subscriptions/new", params={"q": "棉田残膜回收", "side": "needs"})
    body = {
        **token(member, "/subscriptions/new"),
        "text": "棉田残膜回收",
        "looking_for": "needs",
        "min_score": "70%",
        "domain": ["fruit", "crops"],
        "frequency": "daily",
        "language": "zh",
    }
    sent = member.post("/subscriptions/new", data=body)
    again = member.post("/subscriptions/new", data=body)

    [kept] = session.exec(select(Subscription)).all()
    listed = member.get("/subscriptions").text
    assert ">棉田残膜回收</textarea>" in form.text
    assert (sent.status_code, again.status_code) == (303, 303)
    assert (kept.text, kept.min_score, kept.filters.domain) == ("棉田残膜回收", 0.7, ["fruit", "crops"])
    assert "匹配度不低于 70%" in listed
    member.post(f"/subscriptions/{kept.id}/end", data=token(member, "/subscriptions"))
    session.expire_all()
    assert session.exec(select(Subscription)).all() == []


@pytest.mark.parametrize(
    ("typed", "place"),
    [({"text": ""}, "text"), ({"min_score": "很高"}, "min_score"), ({"min_score": "700"}, "min_score")],
)
def test_what_is_wrong_is_told_beside_its_field_and_what_was_typed_stays(
    member: TestClient, typed: dict[str, Any], place: str
) -> None:
    body = {"text": "棉田残膜", "looking_for": "needs", "frequency": "weekly", "language": "zh", **typed}

    answer = member.post("/subscriptions/new", data={**token(member, "/subscriptions/new"), **body})

    assert answer.status_code == 422
    assert f'id="{place}-error"' in answer.text
    assert str(typed[place]) in answer.text


def test_what_was_refused_is_refused_again_and_not_taken_for_sent(
    session: Session, member: TestClient
) -> None:
    body = {
        **token(member, "/subscriptions/new"),
        "text": "棉田残膜",
        "looking_for": "needs",
        "email": "wang@tmsk.cn",
    }

    # Nothing is mailed here, so the address cannot be taken.
    answers = [member.post("/subscriptions/new", data=body) for _ in range(2)]

    assert [one.status_code for one in answers] == [422, 422]
    assert session.exec(select(Subscription)).all() == []


def test_one_waits_with_an_own_posting(session: Session, owner: Organization, member: TestClient) -> None:
    need = make_need(session, owner)

    page = member.get(f"/needs/{need.id}").text
    path = f"/subscriptions/new?posting_id={need.id}"
    sent = member.post(
        "/subscriptions/new",
        data={**token(member, path), "posting_id": str(need.id), "frequency": "daily", "language": "zh"},
    )

    assert path in page
    assert sent.status_code == 303
    assert session.exec(select(Subscription)).one().posting_id == need.id


def test_a_webhook_is_made_its_secret_shown_once_and_what_failed_sent_again(
    session: Session, owner: Organization, member: TestClient
) -> None:
    with set_to(webhook_allow=["127.0.0.1"]):
        made = member.post("/webhooks", data={**token(member, "/webhooks"), "url": "http://127.0.0.1:9/x"})
    notify(session, NoticeKind.introduction_requested, uuid4(), [owner.id])
    tell(session)
    delivery = session.exec(select(WebhookDelivery)).one()
    delivery.state, delivery.problem = DeliveryState.dead, DeliveryProblem.timeout
    session.commit()

    page = member.get("/webhooks").text
    again = member.post(
        f"/webhooks/{delivery.webhook_id}/deliveries/{delivery.id}", data=token(member, "/webhooks")
    )

    assert "whsec_" in made.text
    assert made.headers["cache-control"] == "no-store"
    assert "whsec_" not in page
    assert "接收方超时未答复" in page
    assert again.status_code == 303
    session.expire_all()
    assert session.exec(select(WebhookDelivery)).one().state is DeliveryState.pending


def test_an_address_inside_is_refused_beside_its_field(member: TestClient) -> None:
    answer = member.post("/webhooks", data={**token(member, "/webhooks"), "url": "https://192.168.1.1/"})

    assert answer.status_code == 422
    assert "平台管理方放行" in answer.text
    assert 'value="https://192.168.1.1/"' in answer.text


def test_operators_see_what_anybody_was_not_given_and_send_it_again(
    session: Session, owner: Organization, member: TestClient, client_for: ClientFor
) -> None:
    with set_to(webhook_allow=["127.0.0.1"]):
        member.post("/webhooks", data={**token(member, "/webhooks"), "url": "http://127.0.0.1:9/geheim"})
    notify(session, NoticeKind.introduction_requested, uuid4(), [owner.id])
    tell(session)
    delivery = session.exec(select(WebhookDelivery)).one()
    delivery.state = DeliveryState.dead
    session.commit()
    operator = signed_in(session, make_organization(session), client_for, Role.operator)

    page = operator.get("/desk").text
    path = f"/desk/webhooks/{delivery.webhook_id}/redeliver"
    foreign = member.post(path, data=token(member, "/webhooks"))
    again = operator.post(path, data=token(operator, "/desk"))

    section = page.split('id="webhooks"')[1].split("</section>")[0]
    assert owner.name in section
    assert "geheim" not in page
    assert foreign.status_code == 403
    assert again.headers["location"] == "/desk#webhooks"
    session.expire_all()
    assert session.exec(select(WebhookDelivery)).one().state is DeliveryState.pending


@pytest.mark.parametrize("path", ["/notifications", "/subscriptions", "/subscriptions/new", "/webhooks"])
@pytest.mark.parametrize("language", ["zh", "ug", "ru", "en"])
def test_every_page_is_there_in_every_language(member: TestClient, path: str, language: str) -> None:
    with set_to(smtp_host="mail.example.cn"):
        answer = member.get(path, params={"lang": language})

    assert answer.status_code == 200
    assert f'dir="{"rtl" if language == "ug" else "ltr"}"' in answer.text


@pytest.mark.parametrize("path", ["/notifications", "/subscriptions", "/subscriptions/new", "/webhooks"])
def test_nobody_but_who_is_signed_in_gets_there(client_for: ClientFor, path: str) -> None:
    browser = TestClient(
        client_for().app, base_url=ORIGIN, headers={"Accept": "text/html"}, follow_redirects=False
    )

    assert browser.get(path).headers["location"].startswith("/sign-in")
