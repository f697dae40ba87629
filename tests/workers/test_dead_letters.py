"""What a webhook does not take is given up in the end, kept, and sent again when it is asked for."""

from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlmodel import Session, select

from schemas.account import Organization
from schemas.base import now
from schemas.outbox import OutboxMessage
from tests.conftest import ClientFor
from tests.receiver import PAUSES, Receiver
from tests.telling import tell
from tests.workers.hooks import deliveries, happen, hook, try_again
from workers import notices


@pytest.fixture
def client(owner: Organization, client_for: ClientFor) -> TestClient:
    return client_for(owner)


def test_what_cannot_be_delivered_is_given_up_the_webhook_turned_off_and_its_owner_told(
    session: Session, owner: Organization, client: TestClient, hooked: Receiver
) -> None:
    made = hook(client, hooked)
    hooked.decide = lambda _: 500
    happen(session, owner)
    tell(session)
    for _ in PAUSES:
        try_again(session)
    attempts = len(hooked.received)
    happen(session, owner)
    tell(session)

    [webhook] = client.get("/v1/webhooks").json()
    dead = deliveries(client, made, state="dead")
    kinds = [one["kind"] for one in client.get("/v1/notifications").json()["items"]]
    assert attempts == len(hooked.received) == 1 + len(PAUSES)
    assert (webhook["off"], webhook["dead"]) == ("failing", 3)
    assert [one["problem"] for one in dead] == ["off", "off", "status"]
    assert kinds.count("webhook.disabled") == 1
    told = client.get("/v1/audit", params={"action": "webhook.disable"}).json()["items"]
    assert [(one["organization_id"], one["detail"]) for one in told] == [(None, {"why": "failing"})]
    assert session.exec(select(OutboxMessage)).all() == []


def test_what_was_given_up_is_delivered_once_it_is_asked_for(
    session: Session, owner: Organization, client: TestClient, hooked: Receiver
) -> None:
    made = hook(client, hooked, kinds=["introduction.requested"])
    hooked.decide = lambda _: 500
    happen(session, owner)
    tell(session)
    for _ in PAUSES:
        try_again(session)
    hooked.decide = None

    again = client.post(f"/v1/webhooks/{made['id']}/redeliver", json={})
    tell(session)

    [webhook] = client.get("/v1/webhooks").json()
    assert again.json() == {"redelivered": 1}
    assert len(set(hooked.ids())) == 1
    assert deliveries(client, made, state="dead") == []
    assert (webhook["off"], webhook["dead"]) == (None, 0)


def test_a_time_is_replayed_and_a_single_event_with_the_ids_it_had(
    session: Session, owner: Organization, client: TestClient, hooked: Receiver
) -> None:
    made = hook(client, hooked)
    happen(session, owner), happen(session, owner)
    tell(session)
    first = list(hooked.ids())

    client.post(
        f"/v1/webhooks/{made['id']}/redeliver", json={"since": (now() - timedelta(hours=1)).isoformat()}
    )
    tell(session)
    [newest, _] = deliveries(client, made)
    client.post(f"/v1/webhooks/{made['id']}/deliveries/{newest['id']}/redeliver")
    tell(session)

    assert hooked.ids() == [*first, *first, newest["event_id"]]


def test_a_receiver_that_says_gone_is_left_alone_at_once(
    session: Session, owner: Organization, client: TestClient, hooked: Receiver
) -> None:
    hook(client, hooked)
    hooked.answers = [410]
    happen(session, owner)

    tell(session)

    [webhook] = client.get("/v1/webhooks").json()
    assert webhook["off"] == "gone"
    assert len(hooked.received) == 1


def test_one_event_given_up_does_not_turn_off_a_webhook_that_takes_the_others(
    session: Session, owner: Organization, client: TestClient, hooked: Receiver
) -> None:
    hook(client, hooked)
    bad = happen(session, owner)
    hooked.decide = lambda one: 500 if str(bad).encode() in one.body else 204
    tell(session)
    for _ in PAUSES:
        happen(session, owner)
        try_again(session)

    [webhook] = client.get("/v1/webhooks").json()
    assert (webhook["off"], webhook["dead"]) == (None, 1)


def test_what_waits_when_its_owner_turns_a_webhook_off_is_kept_and_goes_out_on_request(
    session: Session, owner: Organization, client: TestClient, hooked: Receiver
) -> None:
    made = hook(client, hooked)
    happen(session, owner)
    [written] = session.exec(select(OutboxMessage.id)).all()
    session.commit()
    notices.spread(str(written))

    off = client.post(f"/v1/webhooks/{made['id']}/disable").json()
    tell(session)
    waiting = [(one["state"], one["problem"]) for one in deliveries(client, made)]
    client.post(f"/v1/webhooks/{made['id']}/enable")
    client.post(f"/v1/webhooks/{made['id']}/redeliver", json={})
    before = len(hooked.received)
    tell(session)

    assert off["off"] == "owner"
    assert waiting == [("dead", "off")]
    assert (before, len(hooked.received)) == (0, 1)
