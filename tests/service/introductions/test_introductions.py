"""对接: who sees what, who may answer what, and what is kept."""

from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlmodel import Session

from schemas.introduction import DeclineReason
from schemas.vocabulary import Role
from service.introductions.introductions import expire_overdue
from tests.conftest import ClientFor, Refreshed
from tests.make import make_capability, make_need, make_organization
from tests.service.two_sides import PHONE, TwoSides
from tests.service.two_sides import two as two  # noqa: PLC0414


def listed(client: TestClient, **asked: Any) -> list[str]:
    items = client.get("/v1/introductions", params=asked).json()["items"]
    return [f"/v1/introductions/{one['id']}" for one in items]


def test_both_sides_and_operators_see_it_and_to_others_it_is_absent(two: TwoSides) -> None:
    place = two.ask()

    seen = {
        name: (getattr(two, name).get(place).status_code, listed(getattr(two, name)))
        for name in ("seeker", "provider", "operator", "stranger", "broker")
    }

    assert seen == {
        "seeker": (200, [place]),
        "provider": (200, [place]),
        "operator": (200, [place]),
        "stranger": (404, []),
        "broker": (404, []),
    }


def test_a_colleague_without_the_brokers_role_does_not_see_what_the_broker_proposed(two: TwoSides) -> None:
    place = two.ask(two.broker)

    colleague = two.client_for(two.brokering)

    assert colleague.get(place).status_code == 404
    assert listed(colleague) == []


@pytest.mark.model
def test_score_signals_and_reasons_are_kept_as_the_match_showed_them(
    two: TwoSides, refreshed: Refreshed
) -> None:
    refreshed(two.seeker)
    shown = two.seeker.get(f"/v1/needs/{two.need.id}/matches/{two.capability.id}").json()

    kept = two.seeker.get(two.ask()).json()

    assert shown["score"] > 0
    assert shown["reasons"] != []
    assert kept["score"] == shown["score"]
    assert kept["shown"] == {
        name: shown[name] for name in ("score", "signals", "reasons", "summary", "known")
    }


def test_contacts_are_taken_out_of_the_message_before_anybody_agreed(two: TwoSides) -> None:
    place = two.ask(message=f"请致电 {PHONE}", contacts=[{"name": "王工", "phone": PHONE}])

    for client in (two.seeker, two.provider, two.operator):
        assert PHONE not in client.get(place).text
        assert PHONE not in client.get("/v1/introductions").text


def test_contacts_open_to_both_sides_alone_and_only_by_acceptance(two: TwoSides) -> None:
    place = two.ask(contacts=[{"name": "王工", "phone": PHONE}])
    early = [client.get(f"{place}/contacts").status_code for client in (two.seeker, two.provider)]

    two.provider.post(f"{place}/accept", json={"contacts": [{"email": "li@example.cn"}]})

    to_provider, to_seeker = two.provider.get(f"{place}/contacts"), two.seeker.get(f"{place}/contacts")
    assert early == [409, 409]
    assert to_provider.json()["contacts"][0]["phone"] == PHONE
    assert to_seeker.json()["contacts"][0]["email"] == "li@example.cn"
    assert two.operator.get(f"{place}/contacts").status_code == 403
    assert two.stranger.get(f"{place}/contacts").status_code == 404


def test_the_broker_of_it_reads_no_contacts(two: TwoSides) -> None:
    place = two.brokered()

    assert two.broker.get(f"{place}/contacts").status_code == 403
    assert two.seeker.get(f"{place}/contacts").status_code == 200


def test_each_reading_of_contacts_is_in_the_audit_with_whose_they_were(two: TwoSides) -> None:
    place = two.accepted()
    two.provider.get(f"{place}/contacts")
    for _ in range(2):
        two.seeker.get(f"{place}/contacts")

    seen = [(one.organization_id, one.detail) for one in two.audited("contact.reveal")]

    assert seen == [
        (two.providing.id, {"of": str(two.seeking.id)}),
        (two.seeking.id, {"of": str(two.providing.id)}),
        (two.seeking.id, {"of": str(two.providing.id)}),
    ]


def test_one_pair_has_one_open_introduction_and_after_its_end_another(two: TwoSides) -> None:
    place = two.accepted()

    again = two.provider.post("/v1/introductions", json=two.pair)
    elsewhere = two.broker.post("/v1/introductions", json=two.pair)
    two.seeker.post(f"{place}/end", json={"outcome": "no_agreement", "reason": "budget"})
    after = two.provider.post("/v1/introductions", json=two.pair)

    assert (again.status_code, again.json()["status_now"]) == (409, "accepted")
    assert again.json()["introduction_id"] == place.rsplit("/", 1)[1]
    # A broker has no part in it, and learns no more than that there is one.
    assert elsewhere.status_code == 409
    assert {"status_now", "introduction_id"}.isdisjoint(elsewhere.json())
    assert after.status_code == 201


@pytest.mark.parametrize("reason", list(DeclineReason), ids=str)
def test_the_other_side_reads_neutral_words_in_place_of_the_reason(
    two: TwoSides, reason: DeclineReason
) -> None:
    place = two.ask()

    two.provider.post(f"{place}/decline", json={"reason": reason, "remark": "对方报价虚高"})

    to_other, to_operator = two.seeker.get(place), two.operator.get(place)
    assert to_other.json()["declined"].startswith("对方")
    for told in (reason.zh, reason.en, reason.value, "对方报价虚高"):
        assert f'"{told}"' not in to_other.text
    assert to_operator.json()["declined"] == reason.zh


def test_a_declined_one_keeps_what_there_is_to_learn_from_it(two: TwoSides) -> None:
    place = two.ask()
    row = two.row(place)
    row.score, row.shown = 0.71, {"signals": {"dense": 0.5}}
    two.session.commit()

    two.provider.post(f"{place}/decline", json={"reason": "timing"})

    kept = two.row(place)
    assert (kept.decline_reason, kept.score, kept.shown["signals"]) == ("timing", 0.71, {"dense": 0.5})
    assert kept.declined_by == two.providing.id


def test_what_nobody_answered_in_time_is_expired_before_anybody_wrote_it_down(two: TwoSides) -> None:
    place = two.ask()
    two.long_ago(place, "expires_at", 1)

    late = two.provider.post(f"{place}/accept", json={})

    assert (late.status_code, late.json()["status_now"]) == (409, "expired")
    assert two.seeker.get(place).json()["status"] == "expired"
    assert two.seeker.get(place).json()["may"] == ["read nda"]
    assert listed(two.seeker, status="expired") == [place]
    assert listed(two.seeker, status="awaiting_provider") == []
    assert two.row(place).status == "awaiting_provider"


def test_upkeep_writes_it_down_once_and_tells_both(two: TwoSides) -> None:
    place = two.ask()
    two.long_ago(place, "expires_at", 1)

    for _ in range(2):
        expire_overdue(two.session)
        two.session.commit()

    steps = [step["verb"] for step in two.seeker.get(place).json()["steps"]]
    assert steps == ["ask", "expire"]
    assert sorted(two.notices("introduction.expired")) == sorted([two.seeking.id, two.providing.id])


def test_an_expired_one_stands_in_nobodys_way(two: TwoSides) -> None:
    first = two.ask()
    two.long_ago(first, "expires_at", 1)

    second = two.ask(two.provider)

    assert two.row(first).status == "expired"
    assert two.row(second).status == "awaiting_seeker"


@pytest.mark.parametrize("field", [{"visibility": "private"}, {"publish": False}], ids=str)
def test_private_postings_and_drafts_of_others_look_absent(
    session: Session, two: TwoSides, field: dict[str, Any]
) -> None:
    hidden = make_capability(session, two.providing, **field)
    absent = "00000000-0000-4000-8000-000000000000"

    answers = [
        two.seeker.post("/v1/introductions", json={**two.pair, "capability_id": str(one)})
        for one in (hidden.id, absent)
    ]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].json() == answers[1].json()


def test_what_only_matched_ones_find_may_be_asked_for(session: Session, two: TwoSides) -> None:
    found = make_capability(session, two.providing, visibility="matched_only")

    answer = two.seeker.post("/v1/introductions", json={**two.pair, "capability_id": str(found.id)})

    assert answer.status_code == 201


def test_ones_own_draft_is_to_be_published_first(session: Session, two: TwoSides) -> None:
    draft = make_need(session, two.seeking, publish=False)

    answer = two.seeker.post("/v1/introductions", json={**two.pair, "need_id": str(draft.id)})

    assert (answer.status_code, answer.json()["status_now"]) == (409, "draft")


def test_nobody_is_introduced_to_themselves(session: Session, two: TwoSides) -> None:
    own = make_capability(session, two.seeking)

    answer = two.seeker.post("/v1/introductions", json={**two.pair, "capability_id": str(own.id)})

    assert answer.json()["errors"][0]["code"] == "same_organization"


def test_sent_twice_it_is_asked_once(two: TwoSides) -> None:
    answers = [
        two.seeker.post("/v1/introductions", json=two.pair, headers={"Idempotency-Key": "a"})
        for _ in range(2)
    ]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert len(listed(two.seeker)) == 1


@pytest.mark.parametrize("role", [Role.broker, Role.operator], ids=str)
def test_what_a_third_one_proposes_needs_both_sides(two: TwoSides, role: Role) -> None:
    third = two.broker if role is Role.broker else two.operator
    place = two.ask(third, human_score=0.9)
    row = two.row(place)
    row.score = 0.4
    two.session.commit()

    half = two.provider.post(f"{place}/accept", json={}).json()
    unopened = two.provider.get(f"{place}/contacts").status_code
    again = two.provider.post(f"{place}/accept", json={})
    whole = two.seeker.post(f"{place}/accept", json={}).json()

    assert (half["status"], half["human_score"], half["score"]) == ("awaiting_seeker", 0.9, 0.4)
    assert unopened == 409
    assert (again.status_code, again.json()["status_now"]) == (409, "awaiting_seeker")
    assert whole["status"] == "accepted"
    assert [step["verb"] for step in whole["steps"]] == ["ask", "accept", "accept"]


def test_members_neither_propose_others_nor_score(two: TwoSides, client_for: ClientFor) -> None:
    proposed = two.stranger.post("/v1/introductions", json=two.pair)
    scored = two.seeker.post("/v1/introductions", json={**two.pair, "human_score": 1})
    as_broker = client_for(make_organization(two.session), Role.broker).get("/v1/introductions")

    assert proposed.status_code == 403
    assert scored.json()["errors"][0]["code"] == "brokers_only"
    assert as_broker.json()["items"] == []


def test_each_step_is_told_to_the_others_and_not_to_whoever_takes_it(two: TwoSides) -> None:
    place = two.ask()
    two.provider.post(f"{place}/accept", json={})
    two.seeker.post(f"{place}/stage", json={"stage": "negotiation"})
    two.provider.post(f"{place}/end", json={"outcome": "test"})

    told = [two.notices(f"introduction.{verb}") for verb in ("requested", "accepted", "moved", "ended")]

    assert told == [[two.providing.id], [two.seeking.id], [two.providing.id], [two.seeking.id]]
