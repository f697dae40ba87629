"""The Celery application: which broker, and how tasks are taken from it.

The broker holds nothing of value. An outbox row stays until the work is done, and is sent again when that
takes too long: a lost broker or a killed worker delays work and loses none.
"""

from functools import lru_cache
from typing import Any

import psycopg
from celery import Celery
from pgmq.install import install_pgmq_from_sql
from psycopg.conninfo import make_conninfo
from sqlalchemy.engine import make_url

from service.platform.db import database_url
from service.platform.settings import settings

# How long a task may be under way before the broker gives it to another worker.
VISIBILITY = 900
_INSTALLING = 0x64756A_70676D  # an advisory lock of our own: "duj", "pgm"
# What pgmq knows of a connection; the rest it drops.
_KNOWN_TO_PGMQ = ("host", "port", "dbname", "user", "password")


@lru_cache
def celery_app() -> Celery:
    """Give the application of this process; where the database is the queue, the queue is there."""
    if settings().broker_url is None:
        install_queue(database_url())
    return make_app(settings().broker_url, database_url())


def make_app(broker_url: str | None, database_url: str) -> Celery:
    """Build the application for Redis or RabbitMQ by its URL, or else for the database as the queue.

    It connects to nothing. Tasks are not registered yet.
    """
    app = Celery("duijie", set_as_current=False)
    app.conf.update(
        broker_url=broker_url or "pgmq://localhost",
        broker_transport_options=_transport_options(broker_url, database_url),
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        task_default_queue="duijie",
        # JSON only: a message must never be able to run code of its own.
        accept_content=["json"],
        task_serializer="json",
        task_ignore_result=True,
        # One task a thread, taken back from a worker that dies.
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        worker_prefetch_multiplier=1,
        # A lost connection to the broker stops no task; whoever gets it too finds the work done.
        worker_cancel_long_running_tasks_on_connection_loss=False,
        # PGMQ has no room for the names of the reply queues, and nobody asks.
        worker_enable_remote_control=False,
        worker_send_task_events=False,
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
    )
    return app


def worker_arguments(threads: int, log_level: str = "warning") -> list[str]:
    """Write what ``Celery.worker_main`` takes: threads that share one model, no chat between workers."""
    pool = ["--pool", "threads", "--concurrency", str(threads), "--loglevel", log_level]
    return ["--quiet", "worker", *pool, "--without-gossip", "--without-mingle", "--without-heartbeat"]


def install_queue(database_url: str) -> None:
    """Make the tables and functions of PGMQ where they are missing. Many processes may try at once."""
    with psycopg.connect(**_connect_arguments(database_url)) as connection:
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [_INSTALLING])
        found = connection.execute("SELECT to_regclass('pgmq.meta')").fetchone()
        if found == (None,):
            install_pgmq_from_sql(conn=connection)


def _transport_options(broker_url: str | None, database_url: str) -> dict[str, object]:
    if broker_url is None:
        return {
            "conn_string": queue_conninfo(database_url),
            "visibility_timeout": VISIBILITY,
            # The schema comes from install_queue, without an extension that a server would have to offer.
            "init_extension": False,
            # NOTIFY brings a task at once. Polling is for a thread that falls free while others wait,
            # and waiting inside the database would keep an acknowledgement from going out.
            "use_notify": True,
            "notify_throttle_interval_ms": 0,
            "wait_time_seconds": 0,
            "polling_interval": 0.1,
            "pool_size": 4,
            "pool_timeout": 10,
        }
    if broker_url.startswith("redis"):
        return {"visibility_timeout": VISIBILITY}
    # RabbitMQ: a message counts as sent when the broker says that it has it.
    return {"confirm_publish": True}


def _connect_arguments(database_url: str) -> dict[str, Any]:
    # As SQLAlchemy takes a URL apart, for it writes passwords in a way that libpq does not read.
    url = make_url(database_url).set(drivername="postgresql+psycopg")
    _, arguments = url.get_dialect()().create_connect_args(url)
    return {name: value for name, value in arguments.items() if name != "context"}


def queue_conninfo(database_url: str) -> str:
    """Write a database URL so that pgmq's client connects to the same place.

    It takes the string apart, keeps five values, and joins them again without quotes. So each value goes in
    quoted once more, and the options that it does not keep, such as sslmode, ride on the database's name.
    """
    given = {name: str(value) for name, value in _connect_arguments(database_url).items()}
    options = {name: value for name, value in given.items() if name not in _KNOWN_TO_PGMQ}
    quoted = {name: _quoted(given.get(name, "")) for name in _KNOWN_TO_PGMQ}
    return make_conninfo(**quoted | {"dbname": f"{quoted['dbname']} {make_conninfo(**options)}"})


def _quoted(value: str) -> str:
    escaped = value.replace("\\", r"\\").replace("'", r"\'")
    return f"'{escaped}'"
