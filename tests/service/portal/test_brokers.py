"""Brokers' pages: what waits, what is kept, and each button doing what it says."""

from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlmodel import Session, select

from schemas.account import Organization
from schemas.broker import Broker, BrokerEvaluation
from schemas.introduction import Introduction
from schemas.vocabulary import Role
from service.platform.china_time import today
from tests.conftest import ClientFor
from tests.make import make_capability, make_key, make_need
from tests.service.portal.test_desk import operator as operator  # noqa: PLC0414
from tests.service.portal.test_desk import token
from tests.service.portal.test_signed_in import browser as browser  # noqa: PLC0414
from tests.service.portal.test_signed_in import member as member  # noqa: PLC0414
from tests.service.portal.test_signed_in import token_of
from tests.service.proposals import Brokerage
from tests.service.worklists import make_match

YEAR = today().year


@pytest.fixture
def broker(session: Session, owner: Organization, browser: TestClient) -> TestClient:
    browser.post("/sign-in", data={"key": make_key(session, owner, role=Role.broker)})
    return browser


def send(browser: TestClient, path: str, **typed: Any) -> Any:
    return browser.post(path, data={**token(browser), **typed})


def test_members_are_refused_and_see_no_way_to_it(member: TestClient) -> None:
    page = member.get("/broker")

    assert page.status_code == 403
    assert 'href="/broker"' not in member.get("/my").text


def test_members_of_an_organisation_that_has_left_are_refused_too(
    session: Session, owner: Organization, member: TestClient, client_for: ClientFor
) -> None:
    made = client_for(owner, Role.broker).post("/v1/brokers", json={}).json()
    ends = {"ground": "own_wish", "reason": "转行"}
    client_for(role=Role.operator).post(f"/v1/brokers/{made['id']}/end", json=ends)

    assert member.get("/broker").status_code == 403


def test_a_form_without_the_token_changes_nothing(session: Session, broker: TestClient) -> None:
    answer = broker.post("/broker/profile", data={"form_token": "guessed", "level": "senior"})

    assert answer.status_code == 403
    assert session.exec(select(Broker)).all() == []


def test_a_broker_registers_and_changes_its_profile(session: Session, broker: TestClient) -> None:
    first = send(broker, "/broker/profile", level="junior", certificate="65-18", domains=["fruit", "crops"])
    send(broker, "/broker/profile", level="senior", certificate="65-18")

    kept = session.exec(select(Broker)).one()
    assert first.status_code == 303
    assert (kept.level, kept.certificate, kept.domains, kept.version) == ("senior", "65-18", [], 2)
    assert 'value="65-18"' in broker.get("/broker").text


def test_what_is_wrong_in_a_form_is_told(session: Session, broker: TestClient) -> None:
    answer = send(broker, "/broker/profile", level="expert")

    assert answer.status_code == 422
    assert 'role="alert"' in answer.text


def test_what_waits_is_shown_with_each_factor_and_proposed_with_ones_own_score(
    session: Session, broker: TestClient
) -> None:
    need, capability = make_match(session, title="枣园<b>除草</b>", budget=1_000_000)
    page = broker.get("/broker").text

    answer = send(
        broker, "/broker/proposals", need_id=str(need.id), capability_id=str(capability.id), human_score="85"
    )

    assert "枣园&lt;b&gt;除草&lt;/b&gt;" in page
    for factor in ("100万元", "80%", "2.4%", "1.92万元"):
        assert factor in page
    assert answer.status_code == 303
    made = session.exec(select(Introduction)).one()
    assert (made.status, made.human_score) == ("proposed", 0.85)
    assert "枣园" not in broker.get("/broker").text


@pytest.mark.parametrize("score", ["101", "很高", "-1"])
def test_a_score_that_is_none_is_refused(session: Session, broker: TestClient, score: str) -> None:
    need, capability = make_match(session)

    answer = send(
        broker, "/broker/proposals", need_id=str(need.id), capability_id=str(capability.id), human_score=score
    )

    assert answer.status_code == 422
    assert session.exec(select(Introduction)).all() == []


def test_two_who_have_an_open_introduction_are_told_so(session: Session, broker: TestClient) -> None:
    need, capability = make_match(session)
    pair = {"need_id": str(need.id), "capability_id": str(capability.id)}
    send(broker, "/broker/proposals", **pair)

    answer = send(broker, "/broker/proposals", **pair)

    assert answer.status_code == 422
    assert "双方已有进行中的对接" in answer.text


def test_the_list_goes_on_to_the_next_page(session: Session, broker: TestClient) -> None:
    for _ in range(21):
        make_match(session)
    page = broker.get("/broker").text
    following = page.split('href="/broker?cursor=')[1].split('"')[0]

    rest = broker.get(f"/broker?cursor={following}").text

    assert (page.count("/broker/proposals"), rest.count("/broker/proposals")) == (20, 1)
    assert broker.get("/broker?cursor=x").status_code == 200


def test_an_operator_evaluates_a_year_and_ends_a_standing_on_it(
    session: Session, client_for: ClientFor, operator: TestClient
) -> None:
    brokerage = Brokerage(session, client_for)
    place = f"/broker/{brokerage.id}"

    assert place in operator.get("/broker").text
    send(operator, f"{place}/evaluations", year=str(YEAR))
    silent = send(operator, f"{place}/evaluations/{YEAR}/confirm", rating="improve")
    send(operator, f"{place}/evaluations/{YEAR}/recompute")
    send(operator, f"{place}/evaluations/{YEAR}/confirm", rating="failed")
    too_early = send(operator, f"{place}/end", ground="evaluation", year=str(YEAR - 1), reason="不合格")
    send(operator, f"{place}/end", ground="evaluation", year=str(YEAR), reason="不合格")

    session.expire_all()
    evaluated = session.exec(select(BrokerEvaluation)).one()
    assert (evaluated.status, evaluated.rating) == ("confirmed", "failed")
    assert "须说明理由" in silent.text
    assert "没有已确认的不合格评价" in too_early.text
    assert session.exec(select(Broker.standing)).one() == "ended"
    send(operator, f"{place}/readmit", reason="整改完成")
    session.expire_all()
    assert session.exec(select(Broker.standing)).one() == "active"


def test_a_broker_reads_its_record_and_answers_its_evaluation(
    session: Session, client_for: ClientFor, browser: TestClient
) -> None:
    brokerage = Brokerage(session, client_for)
    brokerage.shift(brokerage.agreed(human_score=0.9), 3, score=0.7)
    brokerage.operator.post(f"{brokerage.place}/evaluations", json={"year": YEAR})
    brokerage.operator.post(f"{brokerage.place}/evaluations/{YEAR}/confirm", json={})
    browser.post("/sign-in", data={"key": make_key(session, brokerage.own, role=Role.broker)})
    place = f"/broker/{brokerage.id}"

    page = browser.get(place).text
    send(browser, f"{place}/evaluations/{YEAR}/answer", answer="情况属实")
    empty = send(browser, f"{place}/evaluations/{YEAR}/answer", answer="")

    session.expire_all()
    assert "终止资格" not in page
    assert "0.9" in page
    assert session.exec(select(BrokerEvaluation)).one().answer == "情况属实"
    assert empty.status_code == 422


def test_another_brokers_record_is_not_there(
    session: Session, client_for: ClientFor, broker: TestClient
) -> None:
    brokerage = Brokerage(session, client_for)

    assert broker.get(f"/broker/{brokerage.id}").status_code == 404


def test_who_has_left_reads_why_and_sees_no_list(
    session: Session, client_for: ClientFor, browser: TestClient
) -> None:
    brokerage = Brokerage(session, client_for)
    make_match(session)
    brokerage.operator.post(f"{brokerage.place}/end", json={"ground": "cause", "reason": "泄露信息"})
    browser.post("/sign-in", data={"key": make_key(session, brokerage.own, role=Role.broker)})

    page = browser.get("/broker").text

    assert "资格已终止" in page
    assert "/broker/proposals" not in page
    assert "泄露信息" in browser.get(f"/broker/{brokerage.id}").text


@pytest.mark.parametrize("language", ["zh", "ug", "ru", "en"])
def test_the_pages_are_there_in_four_languages(
    session: Session, client_for: ClientFor, operator: TestClient, language: str
) -> None:
    brokerage = Brokerage(session, client_for)
    make_match(session)
    brokerage.declined()
    brokerage.operator.post(f"{brokerage.place}/evaluations", json={"year": YEAR})

    pages = [
        operator.get(f"{path}?lang={language}") for path in ("/broker", f"/broker/{brokerage.id}", "/desk")
    ]

    assert [page.status_code for page in pages] == [200, 200, 200]


def test_the_desk_lists_results_that_are_due(session: Session, operator: TestClient) -> None:
    make_capability(session, title="残膜打包机", publicly_funded=True, transfer_by=str(today()))
    make_capability(session, title="未到期成果", publicly_funded=True)
    make_need(session)

    page = operator.get("/desk").text

    assert "残膜打包机" in page
    assert "还有 0 天" in page
    assert "未到期成果" not in page


def test_the_form_of_a_capability_takes_the_day(session: Session, member: TestClient) -> None:
    typed = {
        "title": "残膜打包机",
        "kind": "achievement",
        "publicly_funded": "true",
        "transfer_by": "2028-06-30",
    }

    answer = member.post(
        "/capabilities/new", data={**token_of(member, "/capabilities/new"), **typed, "do": "publish"}
    )

    assert answer.status_code == 303
    page = member.get(answer.headers["location"]).text
    assert "2028-06-30" in page
    assert "自发布之日推算" not in page
