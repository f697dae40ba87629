"""What is wrong with a form or a body is told in its sender's language, and in no other."""

import re
from collections.abc import Callable
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlmodel import Session

from schemas.account import Organization
from schemas.vocabulary import Role
from service.matches.live_index import LiveIndex
from tests.conftest import ClientFor
from tests.make import make_key, make_organization
from tests.service.contracting import agree, do, draft, parties, sign
from tests.service.tenders import Tender
from tests.service.two_sides import TwoSides

ORIGIN = "http://testserver"
LANGUAGES = ["ug", "ru"]
CHINESE = re.compile(r"[\u3400-\u9fff]")
ENGLISH = re.compile(r"[A-Za-z]{3,}")
# Names that are the same in every language: of formats, of fields, of values that may be chosen.
_NAMES = re.compile(
    r"https?\b\S*|JSON|ETag|TRL|«[^»]*»|(?<=: )[a-z_]+(?:(?:, |، )[a-z_]+)+|\b[a-z]+_[a-z_]+\b"
)

Enter = Callable[..., "Visitor"]


class Visitor:
    """Somebody at a browser that asks for one language."""

    def __init__(self, app: FastAPI, key: str, language: str) -> None:
        headers = {"Accept": "text/html", "Accept-Language": language, "Origin": ORIGIN}
        self.client = TestClient(
            app, raise_server_exceptions=False, base_url=ORIGIN, headers=headers, follow_redirects=False
        )
        assert self.client.post("/sign-in", data={"key": key}).status_code == 303

    @property
    def token(self) -> str:
        found: list[str] = re.findall(
            r'name="form_token" value="([^"]+)"', self.client.get("/needs/new").text
        )
        return found[0]

    def told(self, address: str, *, status: int = 422, **fields: Any) -> list[str]:
        """What the page that answers says is wrong."""
        answer = self.client.post(address, data={"form_token": self.token, **fields})
        assert answer.status_code == status
        marked = r'<(\w+)[^>]*(?:class="error"|role="alert")[^>]*>(.*?)</\1>'
        found = [inner for _, inner in re.findall(marked, answer.text, re.DOTALL)]
        # A page of its own says nothing else.
        found = found or re.findall(r"<main.*?</main>", answer.text, re.DOTALL)
        return [unescape(re.sub(r"<[^>]+>", " ", one)).strip() for one in found]


@pytest.fixture
def enter(session: Session, app: FastAPI) -> Enter:
    app.state.index = LiveIndex()

    def entered(organization: Organization, language: str, role: Role = Role.member) -> Visitor:
        return Visitor(app, make_key(session, organization, role=role), language)

    return entered


def assert_told(told: list[str]) -> None:
    assert any(told)
    plain = [_NAMES.sub("", one) for one in told]
    assert [one for one in plain if CHINESE.search(one) or ENGLISH.search(one)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_of_a_need(session: Session, enter: Enter, language: str) -> None:
    visitor = enter(make_organization(session), language)

    told = visitor.told("/needs/new", budget="x", deadline="y", region="z", do="publish")

    assert_told(told)


@pytest.mark.parametrize("language", LANGUAGES)
def test_of_a_contract(session: Session, client_for: ClientFor, enter: Enter, language: str) -> None:
    two = parties(session, client_for)
    made = draft(session, two)
    sign(two, made)
    do(two.provider, made, "submit")
    buyer, operator = enter(two.buyer, language), enter(two.agent, language, Role.operator)
    form, page = f"/introductions/{agree(session, two)}/contract", f"/contracts/{made['id']}"

    drafting = buyer.told(form, turnover="x", technology_value="-1", valid_from="y")
    registering = operator.told(f"{page}/register", number="12")
    cancelling = operator.told(f"{page}/cancel", ground="whatever")
    late = buyer.told(f"{page}/sign", status=409, version="1", hash=made["hash"])

    assert len(drafting) > 10
    assert_told([*drafting, *registering, *cancelling, *late])


@pytest.mark.parametrize("language", LANGUAGES)
def test_of_a_challenge(session: Session, enter: Enter, language: str) -> None:
    visitor = enter(make_organization(session), language)
    new = "/challenges/new"

    fields = visitor.told(new, title="", months="x", deadline="y", region="z", milestones="a，b", mode="q")
    kept = visitor.client.post(new, data={"title": "t", "form_token": visitor.token})
    place = kept.headers["location"]
    lacking = visitor.told(f"{place}/do/submit")

    assert len(fields) > 4
    assert_told([*fields, *lacking])


@pytest.mark.parametrize("language", LANGUAGES)
def test_of_a_bid(session: Session, client_for: ClientFor, enter: Enter, language: str) -> None:
    tender = Tender(session, client_for, commitment="未达标退还经费。").opened()
    bidder, form = enter(tender.firm, language), f"/challenges/{tender.id}/bid"
    body: dict[str, Any] = {"proposal": "p", "plan": "p", "price_yuan": "1", "months": "1"}

    fields = bidder.told(form, price_yuan="x", months="0", team="，")
    unknown = bidder.told(form, **body, members="42，1")
    uncommitted = bidder.told(form, **body)

    assert len(fields) > 3
    assert_told([*fields, *uncommitted, *[one.replace("42", "") for one in unknown]])


@pytest.mark.parametrize("language", LANGUAGES)
def test_of_reviews_and_an_acceptance(
    session: Session, client_for: ClientFor, enter: Enter, language: str
) -> None:
    tender = Tender(session, client_for).opened()
    place = f"/challenges/{tender.id}"
    bid = f"{place}/bids/{tender.bid()}"
    tender.evaluating()
    reviewer, owner = enter(tender.panel, language), enter(tender.owner, language)
    operator = enter(make_organization(session), language, Role.operator)

    told = [
        *reviewer.told(f"{bid}/score", scores=["1", "2", "x"]),
        *reviewer.told(f"{bid}/score", scores=["1"]),
        *operator.told(f"{place}/reviewers", name="00"),
        *operator.told(f"{place}/do/fail", reason=""),
        *operator.told(f"{place}/do/award", status=409),
    ]
    tender.working()
    assert tender.bidder.post(f"/v1{bid}/deliver", json={"report": "r"}).is_success
    told += owner.told(f"{bid}/accept", outcome=["q", "met"], figure=["x", ""])
    told += owner.told(f"{bid}/accept", outcome=["met"], figure=["1"])

    assert_told(told)


@pytest.mark.parametrize("language", LANGUAGES)
def test_of_a_broker(session: Session, enter: Enter, language: str) -> None:
    agency = make_organization(session, kind="broker")
    broker = enter(agency, language, Role.broker)
    operator = enter(make_organization(session), language, Role.operator)

    told = broker.told("/broker/profile", level="q", certificate="x" * 300)
    told += broker.told("/broker/proposals", need_id="x", capability_id="y", human_score="z")
    kept = broker.client.post("/broker/profile", data={"level": "middle", "form_token": broker.token})
    assert kept.status_code == 303
    [own] = set(re.findall(r"/broker/([0-9a-f-]{36})", broker.client.get("/broker").text))
    told += operator.told(f"/broker/{own}/evaluations", year="x")
    told += operator.told(f"/broker/{own}/evaluations", year="2099")
    told += operator.told(f"/broker/{own}/end", ground="q", reason="")

    assert_told(told)


@pytest.mark.parametrize("language", LANGUAGES)
def test_of_an_introduction(session: Session, client_for: ClientFor, enter: Enter, language: str) -> None:
    two = TwoSides(session, client_for)
    pair: dict[str, Any] = {**two.pair}
    seeker = enter(two.seeking, language)
    asking = seeker.told("/introductions/new", **pair, contact_email="x" * 300)
    page = two.accepted().removeprefix("/v1")

    told = [
        *seeker.told(f"{page}/messages", text=""),
        *seeker.told(f"{page}/messages", document_url="ftp://q"),
        *seeker.told(f"{page}/stage", stage="q"),
        *seeker.told(f"{page}/milestones", title="", due="x"),
        *seeker.told(f"{page}/end", outcome=""),
        *seeker.told(f"{page}/nda", text=""),
        *seeker.told(f"{page}/follow-ups/6", status=409, money="x"),
    ]

    assert_told([*asking, *told])


@pytest.mark.parametrize("language", LANGUAGES)
def test_of_notices_and_the_desk(session: Session, enter: Enter, language: str) -> None:
    member = enter(make_organization(session), language)
    operator = enter(make_organization(session), language, Role.operator)

    told = [
        *member.told("/subscriptions/new", text="", min_score="x"),
        *member.told("/subscriptions/new", text="1", looking_for="needs", email="q"),
        *member.told("/webhooks", url="q"),
        *member.told("/webhooks", url="http://127.0.0.1/"),
        *operator.told("/desk/vetoes", organization="0", reason="", starts_on="x"),
    ]

    assert_told(told)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("address", "body"),
    [
        ("/v1/embeds", {"origins": ["portal.example.cn"], "name": 1, "kinds": "x"}),
        ("/v1/targets", {"plan": "", "at_least": "x", "first_year": 1.5, "due_year": None}),
        ("/v1/challenges", {"criteria": [{"name": "q", "weight": 3}], "deadline": "x", "months": 9_999}),
        ("/v1/challenges", {"deadline": "2030-01-01"}),
        ("/v1/contracts", {"seeker_id": "x", "content": {"terms": {"type": "q"}}}),
        ("/v1/matches", {"text": "1"}),
        ("/v1/organizations", {"name": "", "credit_code": "1", "kind": "q"}),
        ("/v1/personal-data/export", {"email": "q"}),
        ("/v1/vetoes", {"organization_id": str(uuid4()), "reason": "", "starts_on": "x"}),
    ],
)
def test_of_a_body(client_for: ClientFor, language: str, address: str, body: dict[str, Any]) -> None:
    client = client_for(role=Role.operator)

    answer = client.post(address, json=body, headers={"Accept-Language": language})

    assert answer.status_code == 422, answer.text
    shown = answer.json()
    assert_told([shown["title"], *(one["message"] for one in shown["errors"])])
