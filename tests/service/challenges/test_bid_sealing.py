"""Until the deadline nobody but its bidders learns anything of a bid: not what, not who, not whether."""

import re
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from sqlalchemy import text
from sqlmodel import Session, SQLModel

from schemas.base import now
from schemas.bid import Bid
from schemas.challenge import Challenge
from schemas.vocabulary import Role
from service.challenges.bids import receipt_of
from service.challenges.deadline import close_overdue
from tests.conftest import ClientFor
from tests.make import make_capability, make_key, make_need, make_organization
from tests.service.sides import ABSENT
from tests.service.tenders import SECRETS, Tender, bid_body

# Figures of the process, which move with every request and are looked at on their own; empty forms, packed anew.
MOVING = {"/metrics", "/v1/imports/templates/{kind}.xlsx"}
# Where reading itself is written down: what a reader exports, and whose contacts an operator sees.
AUDIT = {"/audit", "/v1/audit", "/v1/audit/head"}
# What must be asked for, for anything to be read.
ASKED = {
    "/oai": "?verb=ListRecords&metadataPrefix=oai_dc",
    "/v1/exports/{kind}": "?format=jsonl",
    "/v1/contracts/export": "?format=csv",
    "/v1/challenges": "?limit=200",
    "/search": "?q=残膜",
}
# What a page or an answer has of its own each time; and when a key was last used, for whatever it was.
_EACH_TIME = re.compile(
    r'name="(?:once|form_token)" value="[^"]+"'
    r'|最近使用 [^<]+|"(list_id|as_of|last_used_at)":"[^"]+"|<responseDate>[^<]+|截至 <time[^>]*>[^<]*'
    r"|数据截至,[^\r\n]+"
)


@pytest.fixture
def tender(session: Session, client_for: ClientFor) -> Tender:
    made = Tender(session, client_for).opened()
    made.do(made.operator, "reviewers", {"organization_id": str(made.panel.id)})
    return made


@pytest.fixture
def readers(session: Session, app: FastAPI, tender: Tender) -> dict[str, TestClient]:
    """Everybody who is not in the bid, by API key and signed in at the portal at once."""
    other = make_organization(session)
    people = {
        "operator": (make_organization(session), Role.operator),
        "publisher": (tender.owner, Role.member),
        "reviewer": (tender.panel, Role.member),
        "other bidder": (other, Role.member),
        "broker": (make_organization(session, kind="broker"), Role.broker),
        "integrator": (tender.firm, Role.integrator),
    }
    clients = {}
    for name, (organization, role) in people.items():
        key = make_key(session, organization, role=role)
        origin = {"Origin": "http://testserver"}
        client = TestClient(app, raise_server_exceptions=False, headers={"Authorization": f"Bearer {key}"})
        assert (
            client.post("/sign-in", data={"key": key}, headers=origin, follow_redirects=False).status_code
            == 303
        )
        clients[name] = client
    clients["nobody"] = TestClient(app, raise_server_exceptions=False)
    other_bid = {"proposal": "另一方案", "plan": "另一计划", "price_yuan": 1, "months": 6}
    assert clients["other bidder"].post(f"{tender.place}/bids", json=other_bid).status_code == 201
    return clients


def addresses(app: FastAPI, **ids: str) -> Iterator[str]:
    """Every GET address there is, of the API and of the portal, with the ids that are known filled in."""
    known = {
        "kind": "needs",
        "side": "needs",
        "element": "latest",
        "path": "x",
        "ending": "csv",
        **ids,
    }
    for path in get_paths(app):
        if path not in MOVING:
            yield re.sub(r"{(\w+)}", lambda found: known.get(found[1], ABSENT), path) + ASKED.get(path, "")


def get_paths(app: FastAPI) -> list[str]:
    """Pages, too, which the OpenAPI document does not name."""
    routes = [
        route
        for included in app.routes
        for route in getattr(getattr(included, "original_router", None), "routes", [included])
    ]
    return [route.path for route in routes if isinstance(route, APIRoute) and "GET" in (route.methods or ())]


def everything_read(
    app: FastAPI, readers: dict[str, TestClient], ids: dict[str, str]
) -> dict[tuple[str, str], tuple[int, str]]:
    read = {}
    for name, client in readers.items():
        for address in addresses(app, **ids):
            for accept in ("application/json", "text/html"):
                answer = client.get(address, headers={"Accept": accept}, follow_redirects=False)
                body = _EACH_TIME.sub("", answer.text)
                read[name, f"{address} {accept}"] = (answer.status_code, body)
    return read


def test_nothing_that_anybody_reads_differs_by_a_bid_but_the_publishers_count(
    session: Session, app: FastAPI, tender: Tender, readers: dict[str, TestClient]
) -> None:
    partner = make_organization(session)
    need, capability = make_need(session, tender.owner), make_capability(session, tender.firm)
    ids = {
        "challenge_id": tender.id,
        "need_id": str(need.id),
        "capability_id": str(capability.id),
        "organization_id": str(tender.firm.id),
    }
    bidders = [tender.bidder, tender.client_for(partner)]
    for client in bidders:
        client.get("/v1/challenges")  # the use of a key is noted once a minute
    before = everything_read(app, readers, ids)

    body = bid_body(members=[{"organization_id": str(partner.id), "role": "pilot"}])
    headers = {"Idempotency-Key": "bid"}
    bid = tender.bidder.post(f"{tender.place}/bids", json=body, headers=headers).json()["id"]
    tender.do(bidders[1], f"bids/{bid}/agree", {})
    tender.bidder.put(f"{tender.place}/bids/{bid}", json=bid_body())
    after = everything_read(app, readers, ids)

    documented = {path for path, methods in app.openapi()["paths"].items() if "get" in methods}
    assert documented | {"/", "/needs/{need_id}", "/desk", "/oai", "/sitemap.xml"} <= set(get_paths(app))
    different = {
        place for place in before if before[place] != after[place] and place[1].split(" ")[0] not in AUDIT
    }
    audits = [body for (_, at), (_, body) in after.items() if at.split(" ")[0] in AUDIT]
    assert not [body for body in audits if re.search(r"\bbid\.[a-z]", body)]
    assert len(before) > 500
    assert [place for place in sorted(different) if place[0] != "publisher"] == []
    assert different
    for place in different:
        counted = before[place][1].replace('"bids":1', '"bids":2')
        assert counted.replace("收到揭榜</dt><dd>1</dd>", "收到揭榜</dt><dd>2</dd>") == after[place][1], place
    with_bid = everything_read(app, readers, {**ids, "bid_id": bid})
    assert all(status in {401, 303, 403, 404} for (_, at), (status, _) in with_bid.items() if bid in at)
    assert not [at for at, (_, body) in with_bid.items() if any(secret in body for secret in SECRETS)]


def test_after_the_deadline_those_who_may_do_read_it(
    session: Session, app: FastAPI, tender: Tender, readers: dict[str, TestClient]
) -> None:
    """Shows that the comparison above looks where a bid would be read."""
    bid = tender.bid()
    ids = {"challenge_id": tender.id, "bid_id": bid}
    tender.pass_deadline()

    read = everything_read(app, readers, ids)

    seen = {name for (name, _), (_, body) in read.items() if SECRETS[0] in body}
    assert seen == {"operator", "publisher"}
    readers["reviewer"].post(f"{tender.place}/declaration", json={"conflict": False})
    assert SECRETS[0] in readers["reviewer"].get(f"{tender.place}/bids/{bid}").text


def test_a_bidder_reads_its_own_bid_at_any_time(tender: Tender) -> None:
    bid = tender.bid()

    read = tender.bidder.get(f"{tender.place}/bids/{bid}").json()
    listed = tender.bidder.get(f"{tender.place}/bids").json()["items"]

    assert read["content"]["proposal"] == SECRETS[0]
    assert [one["id"] for one in listed] == [bid]


def test_no_row_of_the_database_holds_what_a_bid_says(session: Session, tender: Tender) -> None:
    body = bid_body()
    tender.bidder.post(f"{tender.place}/bids", json=body, headers={"Idempotency-Key": "bid"})

    session.rollback()
    rows = [
        row
        for table in SQLModel.metadata.tables
        for row in session.execute(text(f"SELECT t::text FROM {table} AS t")).scalars()
    ]

    assert any(tender.id in row for row in rows)
    assert not [row for row in rows if any(secret in row for secret in SECRETS)]


def test_the_clock_of_the_database_opens_and_not_a_status(session: Session, tender: Tender) -> None:
    """Even where a bid was marked as opened too early, by whatever mistake, it is not read."""
    bid = tender.bid()
    session.execute(text("UPDATE bid SET status = 'opened'"))
    session.execute(text("UPDATE challenge SET status = 'evaluating'"))
    session.commit()

    answers = [client.get(f"{tender.place}/bids/{bid}") for client in (tender.operator, tender.publisher)]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert tender.operator.get(f"{tender.place}/bids").json()["items"] == []


def test_a_bid_of_a_challenge_that_was_withdrawn_is_never_opened(session: Session, tender: Tender) -> None:
    bid = tender.bid()
    tender.do(tender.publisher, "withdraw", {"reason": "资金未落实"})
    challenge = session.get_one(Challenge, UUID(tender.id), populate_existing=True)
    challenge.deadline = now() - timedelta(days=1)
    session.commit()

    answers = [client.get(f"{tender.place}/bids/{bid}") for client in (tender.operator, tender.publisher)]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert tender.bidder.get(f"{tender.place}/bids/{bid}").json()["status"] == "lapsed"
    assert tender.read()["bids"] is None


def test_the_audit_learns_of_a_bid_when_it_is_opened_with_all_that_was_done_before(
    session: Session, tender: Tender
) -> None:
    bid = tender.bid()
    tender.bidder.put(f"{tender.place}/bids/{bid}", json=bid_body(price_yuan=1))
    sealed = tender.operator.get("/v1/audit", params={"action": ["bid"]}).json()["items"]
    tender.pass_deadline()
    close_overdue(session)
    session.commit()

    [opened] = tender.operator.get("/v1/audit", params={"action": ["bid"]}).json()["items"]

    assert sealed == []
    assert opened["subject_id"] == bid
    assert [step["verb"] for step in opened["detail"]["steps"]] == ["hand_in", "replace"]
    assert {step["organization"] for step in opened["detail"]["steps"]} == {str(tender.firm.id)}


def test_a_receipt_shows_that_what_was_opened_is_what_was_handed_in(session: Session, tender: Tender) -> None:
    kept = tender.do(tender.bidder, "bids", bid_body())
    tender.pass_deadline()

    opened = tender.operator.get(f"{tender.place}/bids/{kept['id']}").json()
    bid = session.get_one(Bid, UUID(kept["id"]))

    assert opened["receipt"] == kept["receipt"] == receipt_of(opened["nonce"], bid.content)
    other = bid.content.model_copy(update={"price_yuan": 1})
    assert receipt_of(opened["nonce"], other) != kept["receipt"]


def test_a_replaced_bid_is_sealed_with_a_nonce_of_its_own(session: Session, tender: Tender) -> None:
    """The nonce is shown once bids are opened; with it, the content behind an earlier receipt could be guessed."""
    id_ = tender.bid()
    before = session.get_one(Bid, UUID(id_))
    nonce, receipt = before.nonce, before.receipt

    tender.bidder.put(f"{tender.place}/bids/{id_}", json=bid_body())

    session.expire_all()
    after = session.get_one(Bid, UUID(id_))
    assert after.content == before.content
    assert after.nonce != nonce
    assert after.receipt == receipt_of(after.nonce, after.content) != receipt


def test_neither_figures_nor_log_tell_of_bids(tender: Tender, capsys: pytest.CaptureFixture[str]) -> None:
    tender.bid()
    tender.bidder.get(f"{tender.place}/bids")

    told = [line for line in tender.operator.get("/metrics").text.splitlines() if "bids" in line]

    counted = [line for line in told if line.startswith("duijie_requests_total")]
    assert counted
    assert all('method="any"' in line and 'status="0"' in line for line in counted)


def test_assigning_reviewers_before_the_deadline_tells_nothing_of_who_bids(tender: Tender) -> None:
    tender.bid()

    answer = tender.operator.post(f"{tender.place}/reviewers", json={"organization_id": str(tender.firm.id)})

    assert answer.status_code == 201
