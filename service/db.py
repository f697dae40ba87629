"""The database: one engine a process, one transaction a request or a task. Nothing else commits."""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Annotated

import psycopg
from anyio import Semaphore
from anyio.lowlevel import RunVar
from fastapi import Depends
from sqlalchemy import Engine, create_engine
from sqlalchemy.engine import make_url
from sqlmodel import Session

import service.ciphers  # noqa: F401 - hands over the cipher before a row is read
from service.embedded_postgres import EmbeddedPostgres
from service.settings import settings

# Beside requests or tasks: whoever follows the tables, and whoever asks whether all is well.
_BESIDE = 2


@lru_cache
def database_url() -> str:
    """Where the database is; without a setting, the embedded one, started if need be."""
    given = settings().database_url
    if given is not None:
        return make_url(given).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
    return embedded_postgres().ensure()


@lru_cache
def embedded_postgres() -> EmbeddedPostgres:
    return EmbeddedPostgres(settings().data_dir / "postgres")


@lru_cache
def engine() -> Engine:
    return create_engine(
        database_url(),
        # Pools are per process; threads wait for a connection rather than open more.
        pool_size=max(settings().api_threads, settings().worker_threads) + _BESIDE,
        max_overflow=0,
        pool_pre_ping=True,
        # Values of rows have no place in a log.
        hide_parameters=True,
        connect_args={"application_name": "duijie", "connect_timeout": 10},
    )


def psycopg_connection() -> psycopg.Connection:
    """A connection outside the pool, for LISTEN. The caller closes it."""
    arguments, options = engine().dialect.create_connect_args(make_url(database_url()))
    return psycopg.connect(*arguments, **options, autocommit=True)


@contextmanager
def transaction() -> Iterator[Session]:
    """All or nothing: commits at the end, rolls back on any error."""
    with Session(engine(), expire_on_commit=False) as session, session.begin():
        yield session


_turns: RunVar[Semaphore] = RunVar("turns")


async def _turn() -> AsyncIterator[None]:
    """Wait here, on no thread, until there is a connection to be had.

    A request gives its thread back between one dependency and the next, and keeps its connection. Let in without
    end, those that wait for a connection hold all threads, and those that have one wait for a thread.
    """
    turns = _turns.get(None)
    if turns is None:
        turns = Semaphore(settings().api_threads)
        _turns.set(turns)
    async with turns:
        yield


def _request_transaction(_: Annotated[None, Depends(_turn, scope="function")]) -> Iterator[Session]:
    with transaction() as session:
        yield session


# By default FastAPI ends a dependency after the reply has left, so that a commit that failed was
# still a 201. With this scope the commit comes first.
SessionDep = Annotated[Session, Depends(_request_transaction, scope="function")]


@contextmanager
def released() -> Iterator[None]:
    """For commands: an embedded database that had to be started for this one is stopped again."""
    was_up = not settings().embedded or embedded_postgres().alive()
    try:
        yield
    finally:
        if not was_up:
            engine().dispose()
            embedded_postgres().stop()
