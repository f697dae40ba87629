"""Suggested bidders with reasons, telling them, and why nobody came."""

import pytest
from sqlmodel import Session, select

from schemas.notice import Notice, NoticeKind
from service.challenges.deadline import close_overdue
from tests.conftest import ClientFor, Refreshed
from tests.make import make_capability, make_need, make_organization
from tests.service.tenders import Tender, challenge_body

pytestmark = pytest.mark.model

WORDS = "棉田残膜机械化捡拾打包一体机，回收率90%以上"


def analysis(tender: Tender, session: Session) -> dict[str, object]:
    tender.pass_deadline()
    close_overdue(session)
    session.commit()
    read: dict[str, object] = tender.publisher.get(f"{tender.place}/analysis").json()
    return read


def test_bidders_are_suggested_with_reasons_and_told_once(
    session: Session, client_for: ClientFor, refreshed: Refreshed
) -> None:
    tender = Tender(session, client_for, title=WORDS, goal=WORDS, eligible_kinds=["research_institute"])
    make_capability(session, tender.firm, title=WORDS, description=WORDS)
    make_capability(session, make_organization(session), title=WORDS, description=WORDS)
    make_capability(session, tender.owner, title=WORDS, description=WORDS)
    refreshed(tender.opened().publisher)

    first = tender.publisher.get(f"{tender.place}/suggestions").json()["items"]
    told = tender.do(tender.publisher, "invite", {"organization_ids": [str(tender.firm.id)]})
    again = tender.do(tender.operator, "invite", {"organization_ids": [str(tender.firm.id)]})
    second = tender.publisher.get(f"{tender.place}/suggestions").json()["items"]

    assert str(tender.owner.id) not in {one["organization"]["id"] for one in first}
    suggested = {one["organization"]["id"]: one for one in first}
    assert [one["eligible"] for one in suggested.values()].count(True) == 1
    assert suggested[str(tender.firm.id)]["eligible"]
    assert suggested[str(tender.firm.id)]["matches"][0]["reasons"]
    assert (told["told"], again["told"]) == ([str(tender.firm.id)], [])
    assert next(one for one in second if one["organization"]["id"] == str(tender.firm.id))["told"]
    notices = session.exec(select(Notice).where(Notice.kind == NoticeKind.challenge_invited)).all()
    assert [one.organization_id for one in notices] == [tender.firm.id]


def test_of_a_need_the_need_is_matched(session: Session, client_for: ClientFor, refreshed: Refreshed) -> None:
    owner = make_organization(session)
    need = make_need(session, owner, title=WORDS, description=WORDS, domains=["crops"])
    make_capability(session, title=WORDS, description=WORDS, domains=["crops"])
    client = refreshed(client_for(owner))
    made = client.post(
        "/v1/challenges", json={**challenge_body(title="其他"), "need_id": str(need.id)}
    ).json()

    found = client.get(f"/v1/challenges/{made['id']}/suggestions").json()

    assert found["status"] == "ready"
    assert any(reason["kind"] == "fit" for reason in found["items"][0]["matches"][0]["reasons"])


def test_strangers_get_no_suggestions_and_tell_nobody(session: Session, client_for: ClientFor) -> None:
    tender = Tender(session, client_for).opened()
    asked = {"organization_ids": [str(tender.firm.id)]}

    answers = [
        tender.bidder.get(f"{tender.place}/suggestions"),
        tender.bidder.post(f"{tender.place}/invite", json=asked),
        tender.publisher.post(f"{tender.place}/invite", json={"organization_ids": [tender.id]}),
    ]

    assert [answer.status_code for answer in answers] == [403, 403, 404]


def test_where_nobody_bid_it_fails_and_says_why(
    session: Session, client_for: ClientFor, refreshed: Refreshed
) -> None:
    tender = Tender(session, client_for, title=WORDS, goal=WORDS).opened()
    make_capability(session, tender.firm, title=WORDS, description=WORDS)
    refreshed(tender.publisher)

    found = analysis(tender, session)

    assert tender.read(tender.client_for())["status"] == "failed"
    assert (found["suitable"], found["suitable_organizations"], found["eligible_organizations"]) == (1, 1, 1)
    assert (found["told"], found["bids"], found["reward_yuan"], found["days_open"]) == (0, 0, 5_000_000, 0)
    assert [one["code"] for one in found["findings"]] == ["nobody_told", "short"]  # type: ignore[attr-defined]


def test_it_says_that_nothing_on_offer_fits_or_that_the_conditions_exclude_all(
    session: Session, client_for: ClientFor, refreshed: Refreshed
) -> None:
    tender = Tender(session, client_for, title=WORDS, goal=WORDS, eligible_kinds=["hospital"]).opened()
    nothing = analysis(Tender(session, client_for, title="航天发动机", goal="火箭").opened(), session)
    make_capability(session, tender.firm, title=WORDS, description=WORDS)
    refreshed(tender.publisher)

    excluded = analysis(tender, session)

    assert nothing["suitable"] is None  # the index was not ready
    codes = [one["code"] for one in excluded["findings"]]  # type: ignore[attr-defined]
    assert "conditions_exclude_all" in codes
    assert excluded["eligible_organizations"] == 0


def test_it_compares_with_rewards_that_found_somebody_and_names_incomplete_consortia(
    session: Session, client_for: ClientFor, refreshed: Refreshed
) -> None:
    found_somebody = Tender(session, client_for, own_yuan=9_000_000, public_yuan=0).opened()
    found_somebody.bid()
    found_somebody.evaluating().awarded()
    tender = Tender(session, client_for, own_yuan=1_000_000, public_yuan=0).opened()
    tender.bid(members=[{"organization_id": str(tender.panel.id), "role": "pilot"}])
    refreshed(tender.publisher)

    found = analysis(tender, session)

    assert found["usual_reward_yuan"] == 9_000_000
    assert (found["lapsed"], found["bids"]) == (1, 0)
    codes = [one["code"] for one in found["findings"]]  # type: ignore[attr-defined]
    assert {"small_reward", "consortia_incomplete"} <= set(codes)
