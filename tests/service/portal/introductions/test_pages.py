"""The pages of introductions: without scripts, for each side, with what waits first."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlmodel import select

from schemas.introduction import Introduction
from schemas.vocabulary import Role
from tests.conftest import Refreshed
from tests.make import make_capability, make_key
from tests.service.portal.test_signed_in import browser as browser  # noqa: PLC0414
from tests.service.two_sides import PHONE, TwoSides
from tests.service.two_sides import two as two  # noqa: PLC0414

SignIn = Callable[..., TestClient]


@pytest.fixture
def sign_in(two: TwoSides, browser: TestClient) -> SignIn:
    """The browser, signed in for this organisation."""

    def enter(who: str, role: Role = Role.member) -> TestClient:
        browser.post("/sign-in", data={"key": make_key(two.session, getattr(two, who), role=role)})
        return browser

    return enter


def page_of(place: str) -> str:
    return place.removeprefix("/v1")


def send(client: TestClient, place: str, verb: str, **form: Any) -> Any:
    """From the page itself, with what its forms carry."""
    page = client.get(page_of(place)).text
    token = re.findall(r'name="form_token" value="([^"]+)"', page)[0]
    return client.post(f"{page_of(place)}/{verb}", data={"form_token": token, **form})


def test_one_asks_from_the_form_and_a_double_click_asks_once(two: TwoSides, sign_in: SignIn) -> None:
    member = sign_in("seeking")
    page = member.get("/introductions/new", params=two.pair).text
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]+)"', page))
    form = {**hidden, "message": f"请致电 {PHONE}", "contact_phone": PHONE, "nda": "双方保密。"}

    answers = [member.post("/introductions/new", data=form) for _ in range(2)]

    (made,) = two.session.exec(select(Introduction)).all()
    assert [answer.headers["location"] for answer in answers] == [f"/introductions/{made.id}"] * 2
    assert (made.status, made.seeker_contacts[0].phone) == ("awaiting_provider", PHONE)
    assert PHONE not in made.message
    # The text stands in the form, and is asked for only where its box is ticked.
    assert two.seeker.get(f"/v1/introductions/{made.id}").json()["nda"] is None


@pytest.mark.parametrize(("visibility", "status"), [("matched_only", 200), ("private", 404)])
def test_the_form_is_there_for_whatever_may_be_asked_for(
    two: TwoSides, sign_in: SignIn, visibility: str, status: int
) -> None:
    found = make_capability(two.session, two.providing, visibility=visibility)

    page = sign_in("seeking").get("/introductions/new", params={**two.pair, "capability_id": str(found.id)})

    assert page.status_code == status


def test_a_broker_proposes_with_a_score_in_percent(two: TwoSides, sign_in: SignIn) -> None:
    broker = sign_in("brokering", Role.broker)
    page = broker.get("/introductions/new", params=two.pair).text
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]+)"', page))

    wrong = broker.post("/introductions/new", data={**hidden, "human_score": "很高", "message": "推荐"})
    broker.post("/introductions/new", data={**hidden, "human_score": "80"})

    (made,) = two.session.exec(select(Introduction)).all()
    assert (wrong.status_code, "推荐" in wrong.text) == (422, True)
    assert (made.status, made.human_score) == ("proposed", 0.8)


def test_asking_for_what_is_open_leads_to_it_and_to_strangers_of_it_it_is_told(
    two: TwoSides, sign_in: SignIn
) -> None:
    place = two.ask()
    hidden = re.compile(r'type="hidden" name="(\w+)" value="([^"]+)"')

    def ask(client: TestClient) -> Any:
        page = client.get("/introductions/new", params=two.pair).text
        return client.post("/introductions/new", data=dict(hidden.findall(page)))

    own, other = ask(sign_in("providing")), ask(sign_in("brokering", Role.broker))

    assert own.headers["location"] == page_of(place)
    assert other.status_code == 422
    assert "双方已有进行中的对接" in other.text


def test_what_waits_for_me_comes_first(two: TwoSides, sign_in: SignIn) -> None:
    two.ask()
    member = sign_in("providing")

    mine = member.get("/introductions").text
    other = sign_in("seeking").get("/introductions").text

    waiting, rest = mine.index("等待我办理"), mine.index("进行中")
    assert waiting < mine.index(two.need.title) < rest
    assert "等待您答复" in mine
    assert other.index("进行中") < other.index(two.need.title)


def test_contacts_are_on_the_page_once_they_are_asked_for_after_acceptance(
    two: TwoSides, sign_in: SignIn
) -> None:
    place = two.ask(contacts=[{"phone": PHONE}])
    member = sign_in("providing")
    early = member.get(f"{page_of(place)}/contacts")

    accepted = send(member, place, "accept", contact_name="李老师", contact_email="li@example.cn")

    before, shown = member.get(page_of(place)).text, member.get(f"{page_of(place)}/contacts").text
    assert (early.status_code, accepted.status_code) == (409, 303)
    assert PHONE not in before
    assert PHONE in shown
    assert len(two.audited("contact.reveal")) == 1
    assert two.seeker.get(f"{place}/contacts").json()["contacts"][0]["email"] == "li@example.cn"


def test_declining_takes_a_reason_and_the_other_side_reads_neutral_words(
    two: TwoSides, sign_in: SignIn
) -> None:
    place = two.ask()
    member = sign_in("providing")

    without = send(member, place, "decline")
    declined = send(member, place, "decline", reason="budget", remark="出价太低")

    seen = sign_in("seeking").get(page_of(place)).text
    assert (without.status_code, declined.status_code) == (422, 303)
    assert "对方近期没有这方面的合作安排" in seen
    assert "出价太低" not in seen


def test_the_nda_is_asked_for_signed_by_both_and_then_details_open(two: TwoSides, sign_in: SignIn) -> None:
    two.capability.confidential_detail = "催化剂配比为三比一"
    two.session.commit()
    place = two.accepted()
    member = sign_in("seeking")

    send(member, place, "nda", text="双方保密三年。")
    shut = member.get(f"{page_of(place)}/details")
    read = two.provider.get(f"{place}/nda").json()["text_hash"]
    two.provider.post(f"{place}/nda/sign", json={"name": "李建设", "text_hash": read})
    waiting = member.get("/introductions").text
    stale = send(member, place, "sign", name="王建国", text_hash="0" * 64)
    send(member, place, "sign", name="王建国", text_hash=read)

    opened = member.get(f"{page_of(place)}/details")
    assert (shut.status_code, stale.status_code, opened.status_code) == (409, 409, 200)
    assert "等待您签署保密协议" in waiting
    assert "请重新阅读后签署" in stale.text
    assert "催化剂配比为三比一" in opened.text
    assert "李建设" in member.get(page_of(place)).text


def test_thread_milestones_stage_and_end_are_sent_from_the_page(two: TwoSides, sign_in: SignIn) -> None:
    place = two.accepted()
    member = sign_in("seeking")

    send(member, place, "messages", text="<b>样机</b>", document_url="https://www.example.cn/a.pdf")
    send(member, place, "milestones", title="样机试验", due="2027-04-30")
    milestone = two.seeker.get(f"{place}/milestones").json()[0]["id"]
    send(member, place, f"milestones/{milestone}/done")
    send(member, place, "stage", stage="visit")
    same = send(member, place, "stage", stage="visit")
    page = member.get(page_of(place)).text
    send(member, place, "end", outcome="contract")

    assert "&lt;b&gt;样机&lt;/b&gt;" in page
    assert 'href="https://www.example.cn/a.pdf"' in page
    assert '<li class="" aria-current="step">考察/样品</li>' in page
    assert "已完成" in page
    assert (same.status_code, "当前已处于“考察/样品”阶段" in same.text) == (409, True)
    assert two.row(place).outcome == "contract"


def test_a_message_clicked_twice_is_sent_once_and_an_empty_one_is_told(
    two: TwoSides, sign_in: SignIn
) -> None:
    place = two.accepted()
    member = sign_in("seeking")

    for _ in range(2):
        send(member, place, "messages", text="下周三见", once="the same")
    empty = send(member, place, "messages", document_title="只有名称")

    assert len(two.seeker.get(f"{place}/messages").json()["items"]) == 1
    assert empty.status_code == 422
    assert 'value="只有名称"' in empty.text


def test_what_became_of_it_is_told_from_the_page(two: TwoSides, sign_in: SignIn) -> None:
    place = two.accepted()
    two.seeker.post(f"{place}/end", json={"outcome": "contract"})
    two.long_ago(place, "ended_at", 200)
    member = sign_in("providing")

    wrong = send(member, place, "follow-ups/6", money="很多")
    send(member, place, "follow-ups/6", money="1200000", next_contract="true", jobs="")

    (answer,) = two.seeker.get(f"{place}/follow-ups").json()[0]["answers"]
    assert wrong.status_code == 422
    assert (answer["money"], answer["jobs"], answer["next_contract"]) == (1_200_000, None, True)
    assert "1,200,000" in member.get(page_of(place)).text


def test_to_strangers_the_page_is_absent_and_forged_forms_change_nothing(
    two: TwoSides, sign_in: SignIn
) -> None:
    place = two.ask()
    member = sign_in("providing")
    forged = member.post(f"{page_of(place)}/accept", data={"form_token": "forged"})
    foreign = member.post(
        f"{page_of(place)}/accept", data={"form_token": "x"}, headers={"Origin": "https://evil.example"}
    )

    stranger = sign_in("brokering")

    assert (forged.status_code, foreign.status_code) == (403, 403)
    assert two.row(place).status == "awaiting_provider"
    assert stranger.get(page_of(place)).status_code == 404
    assert two.need.title not in stranger.get("/introductions").text


@pytest.mark.model
def test_the_pair_page_leads_to_the_form_then_to_the_open_introduction(
    two: TwoSides, sign_in: SignIn, browser: TestClient, refreshed: Refreshed
) -> None:
    two.capability = make_capability(
        two.session, two.providing, title=two.need.title, cooperation_modes=["license"]
    )
    refreshed(browser)
    pair = f"/needs/{two.need.id}/matches/{two.capability.id}"
    anyone = browser.get(pair).text
    member = sign_in("seeking")
    asking, own = member.get(pair).text, member.get(f"/needs/{two.need.id}").text
    place = two.ask()
    there = member.get(pair).text
    uninvolved = sign_in("brokering").get(pair).text

    assert "登录后申请对接" in anyone
    form = f"/introductions/new?need_id={two.need.id}&amp;capability_id={two.capability.id}"
    assert form in asking
    assert form in own
    assert f'href="{page_of(place)}"' in there
    assert "申请对接" not in uninvolved


def test_a_milestone_is_changed_beside_itself(two: TwoSides, sign_in: SignIn) -> None:
    place = two.accepted()
    made = two.seeker.post(f"{place}/milestones", json={"title": "样机"}).json()["id"]
    member = sign_in("providing")

    wrong = send(member, place, f"milestones/{made}/change", title="", due="2027-01-01")
    right = send(member, place, f"milestones/{made}/change", title="两台样机", due="2027-01-01")

    [kept] = two.seeker.get(f"{place}/milestones").json()
    assert (wrong.status_code, right.status_code) == (422, 303)
    assert 'value="2027-01-01"' in wrong.text
    assert (kept["title"], kept["due"]) == ("两台样机", "2027-01-01")


def test_what_was_refused_is_refused_again_and_not_taken_for_sent(two: TwoSides, sign_in: SignIn) -> None:
    place = two.accepted()
    member = sign_in("seeking")
    page = member.get(page_of(place)).text
    form = dict(re.findall(r'type="hidden" name="(form_token|once)" value="([^"]+)"', page))
    two.provider.post(f"{place}/end", json={"outcome": "test"})

    answers = [member.post(f"{page_of(place)}/messages", data={**form, "text": "还在吗？"}) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [409, 409]
