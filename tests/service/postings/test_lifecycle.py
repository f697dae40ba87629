"""How a need or a capability goes from draft to published and away, and who may see it meanwhile."""

import pytest
from sqlmodel import Session

from schemas.vocabulary import PostingStatus, Role, Side
from tests.conftest import ClientFor
from tests.make import make_organization
from tests.service.sides import body_of, both_sides, make_posting


@both_sides
@pytest.mark.parametrize(("verified", "status"), [(True, "published"), (False, "submitted")])
def test_an_unverified_organisation_hands_in_where_others_publish(
    session: Session, client_for: ClientFor, side: Side, *, verified: bool, status: str
) -> None:
    client = client_for(make_organization(session, verified=verified))
    draft = client.post(f"/v1/{side}", json=body_of(side)).json()

    at_once = client.post(f"/v1/{side}", json=body_of(side, publish=True)).json()
    later = client.post(f"/v1/{side}/{draft['id']}/publish").json()

    assert (draft["status"], at_once["status"], later["status"]) == ("draft", status, status)
    assert (at_once["published_at"] is not None) is verified


@both_sides
def test_an_operator_publishes_what_was_handed_in(
    session: Session, client_for: ClientFor, side: Side
) -> None:
    posting = make_posting(session, side, make_organization(session, verified=False))

    answer = client_for(role=Role.operator).post(f"/v1/{side}/{posting.id}/publish")

    assert answer.json()["status"] == "published"
    assert client_for().get(f"/v1/{side}/{posting.id}").status_code == 200


@both_sides
def test_a_rejected_posting_tells_its_poster_why_and_can_be_handed_in_again(
    session: Session, client_for: ClientFor, side: Side
) -> None:
    owner = make_organization(session, verified=False)
    address = f"/v1/{side}/{make_posting(session, side, owner).id}"
    poster = client_for(owner)

    client_for(role=Role.operator).post(f"{address}/reject", json={"reason": "请补充指标"})
    rejected = poster.get(address).json()
    again = poster.post(f"{address}/submit").json()

    assert (rejected["status"], rejected["status_reason"]) == ("rejected", "请补充指标")
    assert (again["status"], again["status_reason"]) == ("submitted", "")


@both_sides
@pytest.mark.parametrize("reason", ["", "  ", None])
def test_a_rejection_needs_a_reason(
    session: Session, client_for: ClientFor, side: Side, reason: str | None
) -> None:
    posting = make_posting(session, side, make_organization(session, verified=False))

    answer = client_for(role=Role.operator).post(f"/v1/{side}/{posting.id}/reject", json={"reason": reason})

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/reason"


@both_sides
def test_a_rejected_published_posting_is_taken_from_sight(
    session: Session, client_for: ClientFor, side: Side
) -> None:
    address = f"/v1/{side}/{make_posting(session, side).id}"
    stranger = client_for()
    assert stranger.get(address).status_code == 200

    client_for(role=Role.operator).post(f"{address}/reject", json={"reason": "不符"})

    assert stranger.get(address).status_code == 404


POSSIBLE = {
    "submit": {"draft", "rejected"},
    "publish": {"draft", "submitted", "rejected", "expired"},
    "reject": {"submitted", "published"},
    "close": {"draft", "submitted", "published", "expired"},
}
LEADS_TO = {"submit": "submitted", "publish": "published", "reject": "rejected", "close": "closed"}


@both_sides
@pytest.mark.parametrize("action", list(POSSIBLE))
def test_an_action_is_possible_from_some_states_only(
    session: Session, client_for: ClientFor, side: Side, action: str
) -> None:
    postings = {status: make_posting(session, side) for status in PostingStatus}
    for status, posting in postings.items():
        posting.status = status
    session.commit()
    operator = client_for(role=Role.operator)
    body = {"reason": "不符"} if action == "reject" else None

    answers = {
        status: operator.post(f"/v1/{side}/{posting.id}/{action}", json=body)
        for status, posting in postings.items()
    }

    session.expire_all()
    left = {status: postings[status].status for status in postings}
    assert {status for status, answer in answers.items() if answer.is_success} == POSSIBLE[action]
    assert left == {status: LEADS_TO[action] if status in POSSIBLE[action] else status for status in postings}
    for status in set(PostingStatus) - POSSIBLE[action]:
        assert answers[status].status_code == 409
        assert answers[status].json().items() >= {"type": "wrong-state", "status_now": status}.items()


@both_sides
@pytest.mark.parametrize(
    ("verified", "by", "status"),
    [
        (True, Role.member, "published"),
        (False, Role.member, "submitted"),
        (False, Role.operator, "published"),
    ],
)
def test_changed_words_of_an_unverified_organisation_are_reviewed_again(
    session: Session, client_for: ClientFor, side: Side, *, verified: bool, by: Role, status: str
) -> None:
    owner = make_organization(session, verified=verified)
    posting = make_posting(session, side, owner)
    client_for(role=Role.operator).post(f"/v1/{side}/{posting.id}/publish")

    client = client_for(owner if by is Role.member else None, by)
    changed = client.patch(f"/v1/{side}/{posting.id}", json={"title": "新名"}).json()

    assert changed["status"] == status


@both_sides
def test_reposting_an_external_id_of_an_unverified_organisation_is_reviewed_again(
    session: Session, client_for: ClientFor, side: Side
) -> None:
    owner = make_organization(session, verified=False)
    posting = make_posting(session, side, owner, external_id="A-1")
    client_for(role=Role.operator).post(f"/v1/{side}/{posting.id}/publish")

    again = client_for(owner).post(f"/v1/{side}", json=body_of(side, external_id="A-1", publish=True)).json()

    assert (again["id"], again["status"]) == (str(posting.id), "submitted")


# Who reads a published posting of somebody else; its owner and operators always do.
READS = {
    "public": {Role.member, Role.broker, Role.integrator},
    "members": {Role.member, Role.broker},
    "matched_only": set(),
    "private": set(),
}


@both_sides
@pytest.mark.parametrize("visibility", list(READS))
def test_a_published_posting_is_seen_by_those_it_is_meant_for(
    session: Session, client_for: ClientFor, side: Side, visibility: str
) -> None:
    posting = make_posting(session, side, visibility=visibility)
    clients = {role: client_for(role=role) for role in Role}

    read = {role: client.get(f"/v1/{side}/{posting.id}").status_code for role, client in clients.items()}
    listed = {role: client.get(f"/v1/{side}").json()["items"] for role, client in clients.items()}

    seen = READS[visibility] | {Role.operator}
    assert read == {role: 200 if role in seen else 404 for role in Role}
    assert {role for role, items in listed.items() if items} == seen


@both_sides
@pytest.mark.parametrize("visibility", list(READS))
def test_the_owner_sees_its_posting_however_hidden(
    session: Session, client_for: ClientFor, side: Side, visibility: str
) -> None:
    owner = make_organization(session)
    posting = make_posting(session, side, owner, visibility=visibility, publish=False)

    assert client_for(owner).get(f"/v1/{side}/{posting.id}").status_code == 200


@both_sides
def test_what_is_not_published_is_seen_by_no_stranger(
    session: Session, client_for: ClientFor, side: Side
) -> None:
    postings = {status: make_posting(session, side) for status in PostingStatus}
    for status, posting in postings.items():
        posting.status = status
    session.commit()

    seen = {
        (role, status)
        for role in Role
        for client in [client_for(role=role)]
        for status, posting in postings.items()
        if client.get(f"/v1/{side}/{posting.id}").is_success
    }

    published = {(role, PostingStatus.published) for role in Role}
    assert seen == published | {(Role.operator, status) for status in PostingStatus}
