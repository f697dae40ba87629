"""Reviewers and what may bind them; sheets that are hidden until all are in; the ranking and its ties."""

from typing import Any

import pytest
from sqlmodel import Session

from schemas.vocabulary import Role
from service.challenges.deadline import close_overdue
from tests.conftest import ClientFor
from tests.make import make_organization
from tests.service.tenders import SECRETS, Tender, bid_body


@pytest.fixture
def tender(session: Session, client_for: ClientFor) -> Tender:
    return Tender(session, client_for).opened()


def assign(tender: Tender, organization: Any, **more: Any) -> Any:
    return tender.operator.post(
        f"{tender.place}/reviewers", json={"organization_id": str(organization.id), **more}
    )


def reviews(tender: Tender, client: Any = None) -> Any:
    return (client or tender.operator).get(f"{tender.place}/reviews").json()


def test_the_publishers_people_review_only_where_the_rules_say_so(
    session: Session, client_for: ClientFor, tender: Tender
) -> None:
    lenient = Tender(session, client_for, publisher_may_review=True).opened()

    refused, taken = assign(tender, tender.owner), assign(lenient, lenient.owner)

    assert (refused.status_code, refused.json()["type"]) == (409, "reviewer-bound")
    assert taken.status_code == 201


def test_whoever_is_among_the_bidders_or_their_members_cannot_be_assigned_once_that_is_known(
    session: Session, tender: Tender
) -> None:
    partner = make_organization(session)
    bid = tender.bid(members=[{"organization_id": str(partner.id), "role": "pilot"}])
    tender.do(tender.client_for(partner), f"bids/{bid}/agree", {})
    tender.pass_deadline()

    answers = [assign(tender, one) for one in (tender.firm, partner, tender.panel)]

    assert [answer.status_code for answer in answers] == [409, 409, 201]


def test_whoever_was_assigned_before_and_is_bound_to_a_bidder_is_recused_when_bids_are_opened(
    session: Session, tender: Tender
) -> None:
    """By its organisation, or by that of a member; even before anybody has written it down."""
    partner = make_organization(session)
    people = [tender.client_for(tender.firm), tender.client_for(partner), tender.reviewer]
    for organization in (tender.firm, partner, tender.panel):
        assert assign(tender, organization).status_code == 201
    rival = tender.client_for(make_organization(session))
    bid = tender.bid(rival, members=[{"organization_id": str(partner.id), "role": "pilot"}])
    tender.do(people[1], f"bids/{bid}/agree", {})
    # Assigned as a whole, an organisation bids no more.
    assert tender.bidder.post(f"{tender.place}/bids", json=bid_body()).status_code == 403
    tender.pass_deadline()

    unwritten = [client.get(f"{tender.place}/reviews").status_code for client in people]
    close_overdue(session)
    session.commit()

    assert unwritten == [200, 403, 200]
    told = {one["organization"]["id"]: one["recused_for"] for one in reviews(tender)["reviewers"]}
    assert told == {str(tender.firm.id): None, str(partner.id): "bidder", str(tender.panel.id): None}
    assert people[1].post(f"{tender.place}/declaration", json={"conflict": False}).status_code == 403


def test_a_reviewer_reads_no_content_before_declaring_and_none_with_a_conflict(tender: Tender) -> None:
    partner = make_organization(tender.session)
    bid = tender.bid(members=[{"organization_id": str(partner.id), "role": "pilot", "task": "中试"}])
    tender.do(tender.client_for(partner), f"bids/{bid}/agree", {})
    assign(tender, tender.panel)
    tender.pass_deadline()
    place = f"{tender.place}/bids/{bid}"

    undeclared = tender.reviewer.get(place).json()
    too_early = tender.reviewer.put(f"{place}/sheet", json={"scores": [1, 2, 3]})
    tender.do(tender.reviewer, "declaration", {"conflict": True})

    assert undeclared["organization"]["id"] == str(tender.firm.id)
    assert (undeclared["content"], undeclared["nonce"], too_early.status_code) == (None, None, 409)
    assert [one["task"] for one in undeclared["members"]] == [None, None]
    assert tender.reviewer.get(place).status_code == 404
    assert reviews(tender)["reviewers"][0]["recused_for"] == "declared"


def test_one_person_reviews_by_key_and_a_colleague_does_not(session: Session, tender: Tender) -> None:
    colleague = tender.client_for(tender.panel)
    listed = tender.operator.get(f"/v1/organizations/{tender.panel.id}/api-keys").json()
    keys = {one["id"] for one in (listed["items"] if isinstance(listed, dict) else listed)}
    mine = next(iter(keys))
    assign(tender, tender.panel, api_key_id=mine)
    stranger = assign(tender, tender.owner, api_key_id=mine)
    tender.bid()
    tender.pass_deadline()

    seen = {client.get(f"{tender.place}/reviews").status_code for client in (tender.reviewer, colleague)}

    assert seen == {200, 403}
    assert stranger.status_code == 404


def test_nobody_reads_anothers_sheet_before_all_are_in(session: Session, client_for: ClientFor) -> None:
    tender = Tender(session, client_for, least_reviewers=2).opened()
    second = make_organization(session)
    other = client_for(second)
    bid = tender.bid()
    assign(tender, second)
    tender.evaluating()
    tender.do(other, "declaration", {"conflict": False})
    tender.score(bid, (90, 80, 70))

    hidden = {
        name: (len(reviews(tender, client)["sheets"]), reviews(tender, client)["ranking"])
        for name, client in (
            ("own", tender.reviewer),
            ("other", other),
            ("operator", tender.operator),
            ("publisher", tender.publisher),
        )
    }
    too_early = tender.operator.post(f"{tender.place}/award")
    tender.score(bid, (50, 40, 30), client=other)

    assert hidden == {"own": (1, []), "other": (0, []), "operator": (0, []), "publisher": (0, [])}
    assert (too_early.status_code, too_early.json()["status_now"]) == (409, "evaluating")
    read = reviews(tender, other)
    assert (read["complete"], read["sheets_in"], read["sheets_wanted"]) == (True, 2, 2)
    assert [sheet["total"] for sheet in read["sheets"]] == [81.0, 41.0]
    assert read["ranking"][0]["score"] == 61.0


def test_sheets_may_be_replaced_until_all_are_in_and_then_stay(session: Session, tender: Tender) -> None:
    first, second = tender.bid(), tender.bid(tender.another_bidder()[1])
    tender.evaluating()
    tender.score(first, (10, 10, 10))
    tender.score(first, (90, 90, 90))
    tender.score(second)

    late = tender.reviewer.put(f"{tender.place}/bids/{first}/sheet", json={"scores": [1, 1, 1]})
    another = assign(tender, make_organization(session))

    assert (late.status_code, late.json()["type"]) == (409, "sheets-in")
    assert another.json()["type"] == "sheets-in"
    assert reviews(tender)["ranking"][0]["score"] == 90


@pytest.mark.parametrize("scores", [[80, 70], [80, 70, 101], [80, 70, -1], [80, 70, 60, 50]])
def test_a_sheet_has_a_score_of_0_to_100_for_each_criterion(tender: Tender, scores: list[int]) -> None:
    bid = tender.bid()
    tender.evaluating()

    answer = tender.reviewer.put(f"{tender.place}/bids/{bid}/sheet", json={"scores": scores})

    assert answer.status_code == 422


def test_sheets_of_the_recused_do_not_count(session: Session, tender: Tender) -> None:
    second = make_organization(session)
    other = tender.client_for(second)
    bid = tender.bid()
    assign(tender, second)
    tender.evaluating()
    tender.do(other, "declaration", {"conflict": False})
    tender.score(bid, (100, 100, 100), client=other)
    reviewer = next(
        one["id"] for one in reviews(tender)["reviewers"] if one["organization"]["id"] == str(second.id)
    )
    by_another = tender.reviewer.post(f"{tender.place}/reviewers/{reviewer}/recuse")

    tender.do(tender.operator, f"reviewers/{reviewer}/recuse")
    tender.score(bid, (50, 50, 50))

    assert by_another.status_code == 404
    assert reviews(tender)["ranking"][0]["score"] == 50


# Weights 40, 30, 30. In each pair the first is to come first.
TIES: list[tuple[str | None, tuple[list[int], int], tuple[list[int], int]]] = [
    (None, ([80, 80, 80], 9), ([79, 80, 80], 1)),
    ("技术先进性与可行性", ([90, 60, 60], 9), ([60, 80, 80], 1)),
    ("团队基础与条件保障", ([60, 90, 70], 9), ([60, 70, 90], 1)),
    ("price", ([60, 70, 80], 1), ([60, 70, 80], 2)),
    ("handed_in_at", ([60, 70, 80], 5), ([60, 70, 80], 5)),
]


@pytest.mark.parametrize(("rule", "best", "next_best"), TIES, ids=lambda value: str(value)[:20])
def test_ties_are_put_in_order_by_a_rule_that_is_told(
    tender: Tender, rule: str | None, best: tuple[list[int], int], next_best: tuple[list[int], int]
) -> None:
    bids = [tender.bid(price_yuan=best[1]), tender.bid(tender.another_bidder()[1], price_yuan=next_best[1])]
    tender.evaluating()
    for bid, (scores, _) in zip(bids, (best, next_best), strict=True):
        tender.score(bid, (scores[0], scores[1], scores[2]))

    read = reviews(tender)

    assert [one["bid_id"] for one in read["ranking"]] == bids
    assert read["ranking"][1]["decided_by"] == rule
    assert "报价" in read["tie_rule"]


def test_an_excluded_bid_is_not_ranked_and_its_bidder_reads_why(tender: Tender) -> None:
    bid, other = tender.bid(), tender.bid(tender.another_bidder()[1])
    tender.evaluating()
    tender.do(tender.operator, f"bids/{bid}/exclude", {"reason": "无相关资质"})
    tender.score(other)

    not_scored = tender.reviewer.put(f"{tender.place}/bids/{bid}/sheet", json={"scores": [1, 1, 1]})

    assert [one["bid_id"] for one in reviews(tender)["ranking"]] == [other]
    assert not_scored.status_code == 404
    assert tender.bidder.get(f"{tender.place}/bids/{bid}").json()["excluded_reason"] == "无相关资质"


def test_strangers_and_losing_bidders_read_no_bid_and_no_review(tender: Tender) -> None:
    first, (_, other) = tender.bid(), tender.another_bidder()
    tender.bid(other)
    tender.evaluating().awarded({first: 90})

    answers = [
        client.get(f"{tender.place}{path}").status_code
        for client in (other, tender.client_for(), tender.client_for(role=Role.integrator))
        for path in (f"/bids/{first}", "/reviews")
    ]

    assert answers == [404, 403, 404, 403, 403, 403]
    assert (
        SECRETS[0] not in other.get(f"{tender.place}/bids").text
        or first not in other.get(f"{tender.place}/bids").text
    )


def test_a_reviewer_of_another_challenge_is_not_taken_off_by_this_one(tender: Tender) -> None:
    other = tender.again().opened()
    assign(other, other.panel)
    [reviewer] = reviews(other)["reviewers"]

    answer = tender.operator.post(f"{tender.place}/reviewers/{reviewer['id']}/recuse")

    assert answer.status_code == 404
    assert reviews(other)["reviewers"][0]["recused_at"] is None
