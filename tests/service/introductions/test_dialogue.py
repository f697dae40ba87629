"""What two sides do once they talk: stages, the thread, milestones; and what happens when they do not."""

from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text
from sqlmodel import Session

from schemas.vocabulary import Role
from service.introductions.stalls import tell_of_stalled
from service.platform.settings import settings
from tests.conftest import ClientFor
from tests.service.two_sides import TwoSides
from tests.service.two_sides import two as two  # noqa: PLC0414

STAGES = ["negotiation", "visit", "intent", "contract", "performance", "acceptance", "effect"]


def stalled(client: TestClient) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = client.get("/v1/introductions", params={"stalled": True}).json()["items"]
    return items


def test_stages_are_moved_by_either_side_its_broker_and_an_operator(two: TwoSides) -> None:
    place = two.brokered()
    movers = [two.seeker, two.provider, two.broker, two.operator]

    for turn, stage in enumerate(STAGES):
        moved = movers[turn % 4].post(f"{place}/stage", json={"stage": stage})
        assert (moved.status_code, moved.json()["stage"]) == (200, stage)

    steps = [step for step in two.seeker.get(place).json()["steps"] if step["verb"] == "move"]
    assert [step["stage"] for step in steps] == STAGES
    assert [step["organization"]["id"] for step in steps[:3]] == [
        str(one.id) for one in (two.seeking, two.providing, two.brokering)
    ]
    assert [step["at"] for step in steps] == sorted(step["at"] for step in steps)
    assert set(two.notices("introduction.moved")) == {two.seeking.id, two.providing.id, two.brokering.id}


def test_the_stage_that_it_has_is_refused_and_one_before_is_not(two: TwoSides) -> None:
    place = two.accepted()

    first = two.seeker.post(f"{place}/stage", json={"stage": "intent"})
    same = two.provider.post(f"{place}/stage", json={"stage": "intent"})
    back = two.provider.post(f"{place}/stage", json={"stage": "negotiation"})

    assert (first.status_code, same.status_code, back.status_code) == (200, 409, 200)
    assert (same.json()["status_now"], same.json()["stage_now"]) == ("accepted", "intent")
    assert len(two.audited("introduction.move")) == 2


def test_the_thread_is_read_by_both_sides_and_its_broker_and_by_nobody_else(two: TwoSides) -> None:
    place = two.brokered()
    document = {"title": "样机参数", "url": "https://www.example.cn/spec.pdf"}

    written = two.provider.post(f"{place}/messages", json={"text": "参数见附件", "documents": [document]})
    two.broker.post(f"{place}/messages", json={"text": "我来约时间"})

    threads = [client.get(f"{place}/messages").json() for client in (two.seeker, two.provider, two.broker)]
    assert threads[0] == threads[1] == threads[2]
    assert [one["text"] for one in threads[0]["items"]] == ["我来约时间", "参数见附件"]
    assert threads[0]["items"][1] == written.json()
    assert written.json()["documents"] == [document]
    assert written.json()["organization"]["id"] == str(two.providing.id)
    others = [client.get(f"{place}/messages").status_code for client in (two.operator, two.stranger)]
    assert others == [403, 404]


def test_a_message_is_told_to_the_others_and_lies_sealed(two: TwoSides) -> None:
    place = two.brokered()

    two.seeker.post(f"{place}/messages", json={"text": "下周三可到现场"})

    assert sorted(two.notices("introduction.written")) == sorted([two.providing.id, two.brokering.id])
    for table in ("introduction_message", "notice", "audit_entry"):
        rows = two.session.execute(text(f"SELECT string_agg({table}::text, '') FROM {table}")).scalar_one()
        assert "下周三" not in rows
    assert len(two.audited("introduction.write")) == 1


def test_the_thread_is_paged_and_sent_twice_a_message_is_there_once(two: TwoSides) -> None:
    place = two.accepted()
    for number in range(3):
        for _ in range(2):
            headers = {"Idempotency-Key": str(number)}
            two.seeker.post(f"{place}/messages", json={"text": f"消息{number}"}, headers=headers)

    first = two.provider.get(f"{place}/messages", params={"limit": 2}).json()
    second = two.provider.get(f"{place}/messages", params={"cursor": first["next_cursor"]}).json()

    assert [one["text"] for one in (*first["items"], *second["items"])] == ["消息2", "消息1", "消息0"]
    assert second["next_cursor"] is None


@pytest.mark.parametrize(
    "body", [{}, {"text": "  "}, {"documents": [{"url": "javascript:alert(1)"}]}], ids=str
)
def test_a_message_says_something_and_links_lead_to_the_web(two: TwoSides, body: dict[str, Any]) -> None:
    assert two.seeker.post(f"{two.accepted()}/messages", json=body).status_code == 422


def test_the_thread_ends_with_the_introduction_and_stays_readable(two: TwoSides) -> None:
    place = two.accepted()
    two.seeker.post(f"{place}/messages", json={"text": "再会"})
    two.seeker.post(f"{place}/end", json={"outcome": "test"})

    late = two.provider.post(f"{place}/messages", json={"text": "还在吗"})

    assert (late.status_code, late.json()["status_now"]) == (409, "ended")
    assert [one["text"] for one in two.provider.get(f"{place}/messages").json()["items"]] == ["再会"]


def test_milestones_are_set_changed_and_done_by_either_side(two: TwoSides) -> None:
    place = two.accepted()
    later = two.seeker.post(f"{place}/milestones", json={"title": "验收", "due": "2027-10-31"}).json()
    first = two.provider.post(f"{place}/milestones", json={"title": "试验", "due": "2027-04-30"}).json()
    someday = two.seeker.post(f"{place}/milestones", json={"title": "推广"}).json()

    two.provider.put(f"{place}/milestones/{later['id']}", json={"title": "现场验收", "due": "2027-11-30"})
    done = two.seeker.post(f"{place}/milestones/{first['id']}/done").json()
    removed = two.seeker.delete(f"{place}/milestones/{someday['id']}")

    kept = two.operator.get(f"{place}/milestones").json()
    assert [(one["title"], one["due"]) for one in kept] == [
        ("试验", "2027-04-30"),
        ("现场验收", "2027-11-30"),
    ]
    assert kept[0] == done
    assert (done["done_by"]["id"], done["done_at"] is not None) == (str(two.seeking.id), True)
    assert removed.status_code == 204


@pytest.mark.parametrize(("method", "more"), [("POST", "/done"), ("PUT", ""), ("DELETE", "")])
def test_a_milestone_is_done_once_and_stays_as_it_is(two: TwoSides, method: str, more: str) -> None:
    place = two.accepted()
    made = two.seeker.post(f"{place}/milestones", json={"title": "试验"}).json()
    done = two.seeker.post(f"{place}/milestones/{made['id']}/done").json()

    again = two.provider.request(
        method, f"{place}/milestones/{made['id']}{more}", json={"title": "别的"} if method == "PUT" else None
    )

    assert (again.status_code, again.json()["milestone_now"]) == (409, "done")
    assert two.seeker.get(f"{place}/milestones").json() == [done]


def test_a_milestone_of_another_introduction_is_absent(two: TwoSides) -> None:
    other = TwoSides(two.session, two.client_for)
    theirs = other.accepted()
    made = other.seeker.post(f"{theirs}/milestones", json={"title": "试验"}).json()

    assert two.seeker.post(f"{two.accepted()}/milestones/{made['id']}/done").status_code == 404


def test_stalled_is_where_nobody_moved_or_wrote_for_long(two: TwoSides) -> None:
    place = two.accepted()
    days = settings().stalled_days
    two.long_ago(place, "moved_at", days - 0.1)
    fresh = stalled(two.seeker)
    two.long_ago(place, "moved_at", days + 0.1)
    old = stalled(two.seeker)

    two.provider.post(f"{place}/messages", json={"text": "我们继续"})

    assert fresh == []
    assert [one["id"] for one in old] == [place.rsplit("/", 1)[1]]
    assert old[0]["may"] != []
    assert stalled(two.seeker) == []


def test_another_broker_sees_of_a_stalled_one_who_about_what_and_since_when(two: TwoSides) -> None:
    place = two.accepted(message="我们很感兴趣")
    two.seeker.post(f"{place}/stage", json={"stage": "visit"})
    two.seeker.post(f"{place}/messages", json={"text": "何时方便"})
    two.long_ago(place, "moved_at", 30)

    (seen,) = stalled(two.broker)

    assert seen == {
        "id": place.rsplit("/", 1)[1],
        "need": {"id": str(two.need.id), "title": two.need.title},
        "capability": {"id": str(two.capability.id), "title": two.capability.title},
        "seeker": seen["seeker"],
        "provider": seen["provider"],
        "stage": "visit",
        "moved_at": two.seeker.get(place).json()["moved_at"],
        "has_broker": False,
    }
    assert (seen["seeker"]["name"], seen["provider"]["name"]) == (two.seeking.name, two.providing.name)
    refused = [two.broker.get(f"{place}{more}").status_code for more in ("", "/messages", "/contacts")]
    assert refused == [404, 404, 404]
    assert two.broker.get("/v1/introductions").json()["items"] == []
    assert stalled(two.stranger) == []


@pytest.mark.parametrize("side", ["need", "capability"])
def test_no_broker_learns_of_a_private_posting_by_its_being_stalled(two: TwoSides, side: str) -> None:
    place = two.accepted()
    getattr(two, side).visibility = "private"
    two.session.commit()
    two.long_ago(place, "moved_at", 30)

    assert stalled(two.broker) == []
    assert len(stalled(two.operator)) == 1


def test_a_stall_is_told_once_to_its_broker_and_operators_and_again_when_it_stalls_again(
    two: TwoSides,
) -> None:
    place = two.brokered()
    two.client_for(role=Role.broker)
    two.long_ago(place, "moved_at", 30)

    for _ in range(2):
        tell_of_stalled(two.session)
        two.session.commit()
    once = two.notices("introduction.stalled")
    two.seeker.post(f"{place}/messages", json={"text": "我们继续"})
    two.long_ago(place, "moved_at", 20)
    two.long_ago(place, "stall_told_at", 25)
    tell_of_stalled(two.session)
    two.session.commit()

    assert len(once) == 2
    assert two.brokering.id in once
    assert {two.seeking.id, two.providing.id}.isdisjoint(once)
    assert len(two.notices("introduction.stalled")) == 4


def test_the_other_side_reads_in_the_audit_what_was_done_to_a_milestone(two: TwoSides) -> None:
    place = two.accepted()
    made = two.seeker.post(f"{place}/milestones", json={"title": "看样机"}).json()
    two.seeker.post(f"{place}/milestones/{made['id']}/done")

    told = two.provider.get("/v1/audit", params={"action": "introduction", "limit": 2}).json()["items"]

    assert [one["action"] for one in told] == ["introduction.finish_milestone", "introduction.add_milestone"]


def test_the_thread_of_another_introduction_is_not_in_it(session: Session, client_for: ClientFor) -> None:
    one, other = TwoSides(session, client_for), TwoSides(session, client_for)
    places = [sides.accepted() for sides in (one, other)]
    for sides, place in zip((one, other), places, strict=True):
        sides.seeker.post(f"{place}/messages", json={"text": f"只给{sides.providing.name}"})

    read = one.provider.get(f"{places[0]}/messages").json()["items"]

    assert [message["text"] for message in read] == [f"只给{one.providing.name}"]
