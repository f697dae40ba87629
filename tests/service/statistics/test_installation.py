"""/metrics tells what an operator has to act on: the worker, jobs, failures, the index, deliveries, the backup."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from prometheus_client.parser import text_string_to_metric_families
from sqlmodel import Session, select

from schemas.base import now
from schemas.operation import Installation, WorkerSeen
from schemas.outbox import OutboxMessage, Topic
from schemas.posting import IndexStatus
from tests.conftest import ClientFor, Refreshed
from tests.make import make_capability, make_need


def figures(client: Any) -> dict[tuple[str, str], float]:
    """By name of the figure and its label, if it has one."""
    answer = client.get("/metrics")
    assert answer.status_code == 200
    return {
        (sample.name, next(iter(sample.labels.values()), "")): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_what_waits_and_since_when(session: Session, client_for: ClientFor) -> None:
    client = client_for()
    session.add(WorkerSeen(name="a", seen_at=now() - timedelta(seconds=90)))
    session.add(WorkerSeen(name="b", seen_at=now() - timedelta(seconds=40)))
    due = now() - timedelta(minutes=10)
    session.add(OutboxMessage(topic=Topic.webhook_due, subject_id=uuid4(), due_at=due))
    session.add(OutboxMessage(topic=Topic.webhook_due, subject_id=uuid4(), due_at=due + timedelta(minutes=5)))
    session.add(OutboxMessage(topic=Topic.mail_made, subject_id=uuid4(), due_at=now() + timedelta(hours=1)))
    session.commit()

    told = figures(client)

    assert 40 <= told["duijie_worker_seen_age_seconds", ""] < 60
    assert told["duijie_jobs_waiting", "webhook.due"] == 2
    assert 600 <= told["duijie_job_oldest_age_seconds", "webhook.due"] < 620
    assert ("duijie_jobs_waiting", "mail.made") not in told


def test_work_that_is_done_is_told_no_more(session: Session, client_for: ClientFor) -> None:
    client = client_for()
    waiting = OutboxMessage(topic=Topic.webhook_due, subject_id=uuid4())
    session.add(waiting)
    session.commit()
    before = figures(client)
    session.delete(waiting)
    session.commit()

    after = figures(client)

    assert ("duijie_jobs_waiting", "webhook.due") in before
    assert ("duijie_jobs_waiting", "webhook.due") not in after


def test_failed_postings_and_the_size_of_the_index(
    session: Session, client_for: ClientFor, refreshed: Refreshed
) -> None:
    make_capability(session)
    make_need(session)
    client = refreshed(client_for())
    broken = make_need(session)
    broken.index_status = IndexStatus.failed
    session.commit()

    told = figures(client)

    assert (told["duijie_index_postings", "needs"], told["duijie_index_postings", "capabilities"]) == (1, 1)
    assert (told["duijie_postings_failed", "needs"], told["duijie_postings_failed", "capabilities"]) == (1, 0)
    assert told["duijie_index_behind_seconds", ""] >= 0


def test_the_last_backup_and_the_connections(session: Session, client_for: ClientFor) -> None:
    client = client_for()
    installation = session.exec(select(Installation)).one()
    before, installation.backed_up_at = installation.backed_up_at, now() - timedelta(days=2)
    session.commit()

    told = figures(client)
    installation.backed_up_at = before
    session.commit()

    assert 172_800 <= told["duijie_backup_age_seconds", ""] < 172_900
    assert told["duijie_database_connections", "active"] >= 1
    assert told["duijie_database_connections_limit", ""] >= 10
