"""What ``/metrics`` tells of the installation as a whole, read from the tables at each scrape."""

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime

from prometheus_client import Gauge
from sqlalchemy import func, select, text
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, col

from schemas.base import now
from schemas.mail import Mail, MailState
from schemas.operation import WorkerSeen
from schemas.outbox import OutboxMessage
from schemas.posting import IndexStatus
from schemas.webhook import DeliveryState, WebhookDelivery
from service.matches import drift
from service.matches.live_index import LiveIndex
from service.platform.db import transaction
from service.platform.installation import last_backup
from service.postings.access import TABLES

_WORKER_AGE = Gauge("duijie_worker_seen_age_seconds", "Since any worker last reported; NaN: none ever did.")
_JOBS = Gauge("duijie_jobs_waiting", "Jobs that are due and not done.", ["topic"])
_JOB_AGE = Gauge("duijie_job_oldest_age_seconds", "How long the oldest of them is due.", ["topic"])
_FAILED = Gauge("duijie_postings_failed", "Postings that could not be indexed.", ["side"])
_INDEXED = Gauge("duijie_index_postings", "Postings in the index of this process.", ["side"])
_BEHIND = Gauge("duijie_index_behind_seconds", "How long ago the index last looked at the tables.")
_DELIVERIES = Gauge("duijie_deliveries_waiting", "Deliveries that are not sent yet.", ["channel"])
_BACKUP_AGE = Gauge("duijie_backup_age_seconds", "Since the last backup; NaN: there is none.")
_CONNECTIONS = Gauge("duijie_database_connections", "Connections to this database, by state.", ["state"])
_MOST_CONNECTIONS = Gauge("duijie_database_connections_limit", "Connections that the server allows.")


def show_index(index: LiveIndex) -> None:
    """Needs no database."""
    _BEHIND.set(index.behind)
    if index.serving is not None:
        for side, state in index.serving.states.items():
            _INDEXED.labels(side.value).set(len(state.index))


def read_figures() -> None:
    """Bring the figures up to date. They stay as they were while the database is away."""
    with suppress(OperationalError), transaction() as session:
        show_installation(session)
        drift.show_as_metrics(session)


def show_installation(session: Session) -> None:
    _WORKER_AGE.set(_age(session.execute(select(func.max(col(WorkerSeen.seen_at)))).scalar_one()))
    _BACKUP_AGE.set(_age(last_backup(session)))
    due = session.execute(
        select(col(OutboxMessage.topic), func.count(), func.min(col(OutboxMessage.due_at)))
        .where(col(OutboxMessage.due_at) <= now())
        .group_by(col(OutboxMessage.topic))
    ).all()
    _set(_JOBS, ((topic.value, count) for topic, count, _ in due))
    _set(_JOB_AGE, ((topic.value, _age(oldest)) for topic, _, oldest in due))
    for side, table in TABLES.items():
        failed = select(func.count()).where(
            col(table.index_status) == IndexStatus.failed, col(table.deleted_at).is_(None)
        )
        _FAILED.labels(side.value).set(session.execute(failed).scalar_one())
    webhooks = select(func.count()).where(col(WebhookDelivery.state) == DeliveryState.pending)
    mails = select(func.count()).where(col(Mail.state) == MailState.waiting)
    _DELIVERIES.labels("webhook").set(session.execute(webhooks).scalar_one())
    _DELIVERIES.labels("mail").set(session.execute(mails).scalar_one())
    states = session.execute(
        text(
            "SELECT coalesce(state, 'unknown'), count(*) FROM pg_stat_activity "
            "WHERE datname = current_database() GROUP BY 1"
        )
    )
    _set(_CONNECTIONS, ((state, count) for state, count in states))
    limit = session.execute(text("SELECT current_setting('max_connections')::int")).scalar_one()
    _MOST_CONNECTIONS.set(limit)


def _age(moment: datetime | None) -> float:
    return float("nan") if moment is None else (now() - moment).total_seconds()


def _set(gauge: Gauge, figures: Iterable[tuple[str, float]]) -> None:
    """Set one figure a label; what is no longer there goes."""
    gauge.clear()
    for label, figure in figures:
        gauge.labels(label).set(figure)
