"""The database: one engine a process, one transaction a request or a task. Nothing else commits."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

import psycopg
from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlmodel import Session

import schemas.tables  # noqa: F401 - a table finds those that it refers to
import service.platform.ciphers  # noqa: F401 - hands over the cipher before a row is read
from service.platform.postgres.server import embedded_postgres
from service.platform.settings import settings
from service.platform.terminal_language import said
from service.platform.unable import Unable

# By this the database tells who is at work on it.
_PROCESS = f"duijie {socket.gethostname()[:32]}:{os.getpid()}"
# Beside requests or tasks: whoever follows the tables, and whoever asks whether all is well.
_BESIDE = 2


@lru_cache
def database_url() -> str:
    """Where the database is; without a setting, the embedded one, started if need be."""
    given = settings().database_url
    if given is not None:
        return make_url(given).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
    return embedded_postgres().ensure()


#: Whether this process answers requests. Its statements are short, and somebody waits for them.
_answers_requests = False


def answer_requests() -> None:
    """To be called before the first connection: this process is the API."""
    global _answers_requests  # noqa: PLW0603 -- of the process, as its engine is
    _answers_requests = True


@lru_cache
def engine() -> Engine:
    made = create_engine(
        database_url(),
        # Pools are per process; threads wait for a connection rather than open more.
        pool_size=max(settings().api_threads, settings().worker_threads) + _BESIDE,
        max_overflow=0,
        pool_pre_ping=True,
        # Values of rows have no place in a log.
        hide_parameters=True,
        connect_args={"application_name": _PROCESS, "connect_timeout": 10},
    )
    event.listen(made, "connect", _bound)
    return made


def _bound(connection: psycopg.Connection, _: object) -> None:
    """How long the database works or waits for this process before it gives up."""
    bounds = {"statement_timeout": settings().long_seconds}
    if _answers_requests:
        bounds = {
            "statement_timeout": settings().statement_seconds,
            "lock_timeout": settings().lock_seconds,
            "idle_in_transaction_session_timeout": settings().idle_seconds,
        }
    for name, seconds in bounds.items():
        connection.execute("SELECT set_config(%s, %s, false)", (name, f"{seconds * 1000:.0f}"))
    connection.commit()


def take_longer(session: Session) -> None:
    """For what is known to be long: a file with everything."""
    milliseconds = f"{settings().long_seconds * 1000:.0f}"
    session.execute(text("SELECT set_config('statement_timeout', :ms, true)"), {"ms": milliseconds})


def psycopg_connection() -> psycopg.Connection:
    """A connection outside the pool, for LISTEN. The caller closes it."""
    arguments, options = engine().dialect.create_connect_args(make_url(database_url()))
    return psycopg.connect(*arguments, **options, autocommit=True)


@contextmanager
def transaction() -> Iterator[Session]:
    """All or nothing: commits at the end, rolls back on any error."""
    with Session(engine(), expire_on_commit=False) as session, session.begin():
        yield session


class StillRunning(Unable):
    """API or worker use the database; the message says what to do."""


def require_stopped() -> None:
    """Refuse to go on while another process of the service is connected."""
    others = text(
        "SELECT count(DISTINCT application_name) FROM pg_stat_activity "
        "WHERE datname = current_database() AND application_name LIKE 'duijie %' AND application_name <> :ours"
    )
    with engine().connect() as connection:
        if connection.scalar(others, {"ours": _PROCESS}):
            raise StillRunning(said("接口或后台任务正在运行，请先停止它们，再运行此命令"))


@contextmanager
def released() -> Iterator[None]:
    """For commands: an embedded database that had to be started for this one is stopped again."""
    was_up = not settings().embedded or embedded_postgres().running()
    try:
        yield
    finally:
        if not was_up:
            engine().dispose()
            embedded_postgres().stop()
