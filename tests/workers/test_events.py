"""Webhooks against a real receiver: signed, retried, given up, delivered again, and never lost."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from sqlmodel import Session, select
from standardwebhooks import Webhook as Verifier
from standardwebhooks.webhooks import WebhookVerificationError

from schemas.account import Organization
from schemas.base import now
from schemas.notice import Notice, NoticeKind
from schemas.outbox import OutboxMessage, Topic
from schemas.webhook import DeliveryState, Webhook, WebhookDelivery
from service.notices import notify
from service.settings import Settings
from tests.conftest import ClientFor
from tests.make import make_organization
from tests.receiver import Receiver, receiver
from tests.telling import make_due, set_to, tell
from workers import events
from workers.owed import _places

PAUSES = [5.0, 60.0]


@pytest.fixture(autouse=True)
def quick() -> Iterator[None]:
    with set_to(webhook_allow=["127.0.0.1"], webhook_pauses=PAUSES, webhook_seconds=1.0):
        yield


@pytest.fixture
def there() -> Iterator[Receiver]:
    with receiver() as made:
        yield made


@pytest.fixture
def client(owner: Organization, client_for: ClientFor) -> TestClient:
    return client_for(owner)


def hook(client: TestClient, there: Receiver, **more: Any) -> dict[str, Any]:
    answer = client.post("/v1/webhooks", json={"url": there.url, **more})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def happen(
    session: Session, owner: Organization, kind: NoticeKind = NoticeKind.introduction_requested
) -> UUID:
    subject = uuid4()
    notify(session, kind, subject, [owner.id], status="proposed")
    session.commit()
    return subject


def try_again(session: Session) -> None:
    """As if the pause were over."""
    for delivery in session.exec(
        select(WebhookDelivery).where(WebhookDelivery.state == DeliveryState.pending)
    ):
        delivery.due_at = now()
    make_due(session)
    tell(session)


def deliveries(client: TestClient, made: dict[str, Any], **asked: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get(f"/v1/webhooks/{made['id']}/deliveries", params=asked).json()[
        "items"
    ]
    return found


def test_an_event_is_signed_as_standard_webhooks_has_it(
    session: Session, owner: Organization, client: TestClient, there: Receiver
) -> None:
    made = hook(client, there)
    subject = happen(session, owner)

    tell(session)

    [one] = there.received
    body = Verifier(made["secret"]).verify(one.body, one.headers)
    notice = session.exec(select(Notice)).one()
    assert body["type"] == "introduction.requested"
    assert body["data"] == {
        "notice_id": str(notice.id),
        "organization_id": str(owner.id),
        "subject_id": str(subject),
        "status": "proposed",
    }
    assert one.headers["webhook-id"] == f"msg_{notice.id.hex}"
    [delivery] = deliveries(client, made)
    assert (delivery["state"], delivery["status"], delivery["event_id"]) == (
        "delivered",
        204,
        one.headers["webhook-id"],
    )
    with pytest.raises(WebhookVerificationError):
        Verifier(made["secret"]).verify(one.body + b" ", one.headers)
    assert session.exec(select(OutboxMessage)).all() == []


def test_for_a_day_after_a_rotation_both_secrets_verify_and_then_the_new_one_alone(
    session: Session, owner: Organization, client: TestClient, there: Receiver
) -> None:
    old = hook(client, there)
    new = client.post(f"/v1/webhooks/{old['id']}/rotate").json()
    happen(session, owner)
    tell(session)
    session.get_one(Webhook, UUID(old["id"])).old_secret_until = now() - timedelta(seconds=1)
    session.commit()
    happen(session, owner)
    tell(session)

    during, after = there.received
    for secret in (old["secret"], new["secret"]):
        Verifier(secret).verify(during.body, during.headers)
    Verifier(new["secret"]).verify(after.body, after.headers)
    with pytest.raises(WebhookVerificationError):
        Verifier(old["secret"]).verify(after.body, after.headers)
    assert new["secret"] != old["secret"]


def test_a_failure_is_tried_again_after_growing_pauses_with_the_same_id_and_body(
    session: Session, owner: Organization, client: TestClient, there: Receiver
) -> None:
    made = hook(client, there)
    there.answers = [500, 503]
    happen(session, owner)
    tell(session)
    [first] = deliveries(client, made)
    tell(session)
    before = len(there.received)
    try_again(session)
    [second] = deliveries(client, made)
    try_again(session)

    [delivered] = deliveries(client, made)
    assert before == 1
    assert [one["state"] for one in (first, second, delivered)] == ["pending", "pending", "delivered"]
    assert [one["problem"] for one in (first, second, delivered)] == ["status", "status", "none"]
    assert len(set(there.ids())) == 1
    assert len({one.body for one in there.received}) == 1
    assert len(there.received) == 3


def test_the_pauses_are_those_of_the_settings_and_make_up_a_day(
    session: Session, owner: Organization, client: TestClient, there: Receiver
) -> None:
    hook(client, there)
    there.decide = lambda _: 500
    happen(session, owner)
    seen = []
    for turn in range(2):
        moment = now()
        tell(session) if turn == 0 else try_again(session)
        seen.append((session.exec(select(WebhookDelivery)).one().due_at - moment).total_seconds())

    assert seen == pytest.approx(PAUSES, abs=2)
    default = Settings.model_fields["webhook_pauses"].default
    assert default == sorted(default)
    assert 23 * 3600 < sum(default) < 26 * 3600


def test_what_cannot_be_delivered_is_given_up_the_webhook_turned_off_and_its_owner_told(
    session: Session, owner: Organization, client: TestClient, there: Receiver
) -> None:
    made = hook(client, there)
    there.decide = lambda _: 500
    happen(session, owner)
    tell(session)
    for _ in PAUSES:
        try_again(session)
    attempts = len(there.received)
    happen(session, owner)
    tell(session)

    [webhook] = client.get("/v1/webhooks").json()
    dead = deliveries(client, made, state="dead")
    kinds = [one["kind"] for one in client.get("/v1/notifications").json()["items"]]
    assert attempts == len(there.received) == 1 + len(PAUSES)
    assert (webhook["off"], webhook["dead"]) == ("failing", 3)
    assert [one["problem"] for one in dead] == ["off", "off", "status"]
    assert kinds.count("webhook.disabled") == 1
    assert session.exec(select(OutboxMessage)).all() == []


def test_what_was_given_up_is_delivered_once_it_is_asked_for(
    session: Session, owner: Organization, client: TestClient, there: Receiver
) -> None:
    made = hook(client, there, kinds=["introduction.requested"])
    there.decide = lambda _: 500
    happen(session, owner)
    tell(session)
    for _ in PAUSES:
        try_again(session)
    there.decide = None

    again = client.post(f"/v1/webhooks/{made['id']}/redeliver", json={})
    tell(session)

    [webhook] = client.get("/v1/webhooks").json()
    assert again.json() == {"redelivered": 1}
    assert len(set(there.ids())) == 1
    assert deliveries(client, made, state="dead") == []
    assert (webhook["off"], webhook["dead"]) == (None, 0)


def test_a_time_is_replayed_and_a_single_event_with_the_ids_it_had(
    session: Session, owner: Organization, client: TestClient, there: Receiver
) -> None:
    made = hook(client, there)
    happen(session, owner), happen(session, owner)
    tell(session)
    first = list(there.ids())

    client.post(
        f"/v1/webhooks/{made['id']}/redeliver", json={"since": (now() - timedelta(hours=1)).isoformat()}
    )
    tell(session)
    [newest, _] = deliveries(client, made)
    client.post(f"/v1/webhooks/{made['id']}/deliveries/{newest['id']}/redeliver")
    tell(session)

    assert there.ids() == [*first, *first, newest["event_id"]]


def test_a_receiver_that_says_gone_is_left_alone_at_once(
    session: Session, owner: Organization, client: TestClient, there: Receiver
) -> None:
    hook(client, there)
    there.answers = [410]
    happen(session, owner)

    tell(session)

    [webhook] = client.get("/v1/webhooks").json()
    assert webhook["off"] == "gone"
    assert len(there.received) == 1


def test_one_event_given_up_does_not_turn_off_a_webhook_that_takes_the_others(
    session: Session, owner: Organization, client: TestClient, there: Receiver
) -> None:
    hook(client, there)
    bad = happen(session, owner)
    there.decide = lambda one: 500 if str(bad).encode() in one.body else 204
    tell(session)
    for _ in PAUSES:
        happen(session, owner)
        try_again(session)

    [webhook] = client.get("/v1/webhooks").json()
    assert (webhook["off"], webhook["dead"]) == (None, 1)


@pytest.mark.parametrize("manner", ["stall", "drip"])
def test_a_slow_receiver_costs_no_more_than_its_time_and_is_asked_one_at_a_time(
    session: Session, owner: Organization, client: TestClient, there: Receiver, manner: str
) -> None:
    made = hook(client, there)
    there.answers = [manner]
    happen(session, owner), happen(session, owner)

    with set_to(webhook_seconds=0.5):
        tell(session)

    assert len(there.received) == 1
    assert {one["state"] for one in deliveries(client, made)} == {"pending"}
    assert [one["problem"] for one in deliveries(client, made)] == ["none", "timeout"]


def test_a_redirect_inward_is_a_failure_and_not_followed(
    session: Session, owner: Organization, client: TestClient, there: Receiver
) -> None:
    made = hook(client, there)
    with receiver() as inside:
        there.answers, there.location = [302], inside.url
        happen(session, owner)
        tell(session)

        assert inside.received == []
    assert [one["problem"] for one in deliveries(client, made)] == ["redirect"]


def test_a_target_that_is_no_longer_allowed_is_not_called(
    session: Session, owner: Organization, client: TestClient, there: Receiver
) -> None:
    made = hook(client, there)
    happen(session, owner)

    with set_to(webhook_allow=[]):
        tell(session)

    assert there.received == []
    assert [one["problem"] for one in deliveries(client, made)] == ["forbidden"]


def test_only_events_of_the_wished_kinds_and_of_ones_own_are_sent(
    session: Session, owner: Organization, client: TestClient, there: Receiver
) -> None:
    hook(client, there, kinds=["introduction.accepted"])
    happen(session, owner)
    wished = happen(session, owner, NoticeKind.introduction_accepted)
    happen(session, make_organization(session), NoticeKind.introduction_accepted)

    tell(session)

    assert [str(wished).encode() in one.body for one in there.received] == [True]


def test_tasks_that_run_twice_send_nothing_twice(
    session: Session, owner: Organization, client: TestClient, there: Receiver
) -> None:
    hook(client, there)
    happen(session, owner)
    [written] = session.exec(
        select(OutboxMessage.id).where(OutboxMessage.topic == Topic.notice_written)
    ).all()
    tell(session)
    session.add(
        OutboxMessage(
            id=written, topic=Topic.notice_written, subject_id=session.exec(select(Notice.id)).one()
        )
    )

    tell(session)

    assert len(there.received) == 1


def test_a_worker_that_dies_after_sending_sends_the_same_id_again(
    session: Session,
    owner: Organization,
    client: TestClient,
    there: Receiver,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hook(client, there)
    happen(session, owner)

    class Killed(BaseException):
        pass

    def die(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(events, "_note", die)
        with pytest.raises(Killed):
            tell(session)
    tell(session)

    assert len(there.received) == 2
    assert len(set(there.ids())) == 1
    assert session.exec(select(WebhookDelivery)).one().state is DeliveryState.delivered


def test_while_all_places_are_taken_a_task_puts_itself_off(
    session: Session, owner: Organization, client: TestClient, there: Receiver
) -> None:
    hook(client, there)
    happen(session, owner)
    taken = 0
    while _places().acquire(blocking=False):
        taken += 1
    try:
        tell(session)
        assert there.received == []
    finally:
        for _ in range(taken):
            _places().release()
    make_due(session)
    tell(session)

    assert taken == 2
    assert len(there.received) == 1
