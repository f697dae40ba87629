"""Webhooks against a real receiver: signed, retried, one at a time, and never lost."""

from datetime import datetime, timedelta
from threading import Event, Thread
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from sqlmodel import Session, select
from standardwebhooks import Webhook as Verifier
from standardwebhooks.webhooks import WebhookVerificationError

from schemas.account import ApiKey, Organization
from schemas.base import now
from schemas.notice import Notice, NoticeKind
from schemas.outbox import OutboxMessage, Topic
from schemas.webhook import DeliveryState, Webhook, WebhookDelivery
from service.notices.feed import notify
from service.platform.settings import Settings
from tests.conftest import ClientFor
from tests.make import make_key, make_organization
from tests.receiver import PAUSES, Receiver, receiver
from tests.telling import make_due, set_to, tell
from tests.workers.hooks import deliveries, happen, hook, try_again
from workers import events, notices
from workers.owed import _slots


@pytest.fixture
def client(owner: Organization, client_for: ClientFor) -> TestClient:
    return client_for(owner)


def test_an_event_is_signed_as_standard_webhooks_has_it(
    session: Session, owner: Organization, client: TestClient, hooked: Receiver
) -> None:
    made = hook(client, hooked)
    subject = happen(session, owner)

    tell(session)

    [one] = hooked.received
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
    session: Session, owner: Organization, client: TestClient, hooked: Receiver
) -> None:
    old = hook(client, hooked)
    new = client.post(f"/v1/webhooks/{old['id']}/rotate").json()
    assert datetime.fromisoformat(new["old_secret_until"]) <= now() + timedelta(days=1)
    happen(session, owner)
    tell(session)
    session.get_one(Webhook, UUID(old["id"])).old_secret_until = now() - timedelta(seconds=1)
    session.commit()
    happen(session, owner)
    tell(session)

    during, after = hooked.received
    for secret in (old["secret"], new["secret"]):
        Verifier(secret).verify(during.body, during.headers)
    Verifier(new["secret"]).verify(after.body, after.headers)
    with pytest.raises(WebhookVerificationError):
        Verifier(old["secret"]).verify(after.body, after.headers)
    assert new["secret"] != old["secret"]


def test_a_failure_is_tried_again_after_growing_pauses_with_the_same_id_and_body(
    session: Session, owner: Organization, client: TestClient, hooked: Receiver
) -> None:
    made = hook(client, hooked)
    hooked.answers = [500, 503]
    happen(session, owner)
    tell(session)
    [first] = deliveries(client, made)
    tell(session)
    before = len(hooked.received)
    try_again(session)
    [second] = deliveries(client, made)
    try_again(session)

    [delivered] = deliveries(client, made)
    assert before == 1
    assert [one["state"] for one in (first, second, delivered)] == ["pending", "pending", "delivered"]
    assert [one["problem"] for one in (first, second, delivered)] == ["status", "status", "none"]
    assert len(set(hooked.ids())) == 1
    assert len({one.body for one in hooked.received}) == 1
    assert len(hooked.received) == 3


def test_the_pauses_are_those_of_the_settings_and_make_up_a_day(
    session: Session, owner: Organization, client: TestClient, hooked: Receiver
) -> None:
    hook(client, hooked)
    hooked.decide = lambda _: 500
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


@pytest.mark.parametrize("manner", ["stall", "drip"])
def test_a_slow_receiver_costs_no_more_than_its_time_and_is_asked_one_at_a_time(
    session: Session, owner: Organization, client: TestClient, hooked: Receiver, manner: str
) -> None:
    made = hook(client, hooked)
    hooked.answers = [manner]
    happen(session, owner), happen(session, owner)

    with set_to(webhook_seconds=0.5):
        tell(session)

    assert len(hooked.received) == 1
    assert {one["state"] for one in deliveries(client, made)} == {"pending"}
    assert [one["problem"] for one in deliveries(client, made)] == ["none", "timeout"]


def test_a_redirect_inward_is_a_failure_and_not_followed(
    session: Session, owner: Organization, client: TestClient, hooked: Receiver
) -> None:
    made = hook(client, hooked)
    with receiver() as inside:
        hooked.answers, hooked.location = [302], inside.url
        happen(session, owner)
        tell(session)

        assert inside.received == []
    assert [one["problem"] for one in deliveries(client, made)] == ["redirect"]


def test_a_target_that_is_no_longer_allowed_is_not_called(
    session: Session, owner: Organization, client: TestClient, hooked: Receiver
) -> None:
    made = hook(client, hooked)
    happen(session, owner)

    with set_to(webhook_allow=[]):
        tell(session)

    assert hooked.received == []
    assert [one["problem"] for one in deliveries(client, made)] == ["forbidden"]


def test_only_events_of_the_wished_kinds_and_of_ones_own_are_sent(
    session: Session, owner: Organization, client: TestClient, hooked: Receiver
) -> None:
    hook(client, hooked, kinds=["introduction.accepted"])
    happen(session, owner)
    wished = happen(session, owner, NoticeKind.introduction_accepted)
    happen(session, make_organization(session), NoticeKind.introduction_accepted)

    tell(session)

    assert [str(wished).encode() in one.body for one in hooked.received] == [True]


def test_tasks_that_run_twice_send_nothing_twice(
    session: Session, owner: Organization, client: TestClient, hooked: Receiver
) -> None:
    hook(client, hooked)
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

    assert len(hooked.received) == 1


def test_a_worker_that_dies_after_sending_sends_the_same_id_again(
    session: Session,
    owner: Organization,
    client: TestClient,
    hooked: Receiver,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hook(client, hooked)
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

    assert len(hooked.received) == 2
    assert len(set(hooked.ids())) == 1
    assert session.exec(select(WebhookDelivery)).one().state is DeliveryState.delivered


def test_while_all_places_are_taken_a_task_puts_itself_off(
    session: Session, owner: Organization, client: TestClient, hooked: Receiver
) -> None:
    hook(client, hooked)
    happen(session, owner)
    taken = 0
    while _slots().acquire(blocking=False):
        taken += 1
    try:
        tell(session)
        assert hooked.received == []
    finally:
        for _ in range(taken):
            _slots().release()
    make_due(session)
    tell(session)

    assert taken == 2
    assert len(hooked.received) == 1


def test_a_webhook_gets_one_request_at_a_time(
    session: Session, owner: Organization, client: TestClient, hooked: Receiver
) -> None:
    hook(client, hooked)
    happen(session, owner)
    [written] = session.exec(select(OutboxMessage.id)).all()
    session.commit()
    notices.spread(str(written))
    [due] = session.exec(select(OutboxMessage.id)).all()
    session.commit()
    arrived = Event()

    def hold(_: object) -> int:
        arrived.set()
        hooked.released.wait(30)
        return 204

    hooked.decide = hold
    with set_to(webhook_seconds=30.0):
        first = Thread(target=events.send_events, args=(str(due),))
        first.start()
        assert arrived.wait(30)
        events.send_events(str(due))
        meanwhile = len(hooked.received)
        hooked.released.set()
        first.join()
    make_due(session)
    tell(session)

    assert meanwhile == len(hooked.received) == 1


def test_what_two_of_an_organisation_are_told_is_one_event(
    session: Session, owner: Organization, client: TestClient, hooked: Receiver
) -> None:
    hook(client, hooked)
    make_key(session, owner)
    subject = uuid4()
    for key in session.exec(select(ApiKey.id).where(ApiKey.organization_id == owner.id)).all():
        notify(
            session, NoticeKind.introduction_stalled, subject, [owner.id], api_key_id=key, once="stalled:1"
        )

    tell(session)

    assert len(session.exec(select(Notice)).all()) == 2
    assert len(hooked.received) == 1
