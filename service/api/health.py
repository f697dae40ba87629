"""/healthz, /readyz, /metrics: for those who run the service."""

import secrets
from contextlib import suppress
from datetime import timedelta
from tempfile import TemporaryFile
from typing import Literal

from anyio import CapacityLimiter
from anyio.lowlevel import RunVar
from anyio.to_thread import run_sync
from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from psycopg.errors import DiskFull
from pydantic import BaseModel, Field
from sqlalchemy import func, select, text
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, col

from schemas.base import Wording, now
from schemas.operation import WorkerSeen
from service.http.callers import is_on_this_machine
from service.http.dependencies import LiveIndexDep
from service.matches import drift
from service.platform.db import transaction
from service.platform.problems import Forbidden
from service.platform.settings import settings
from service.statistics.installation import show_index, show_installation

router = APIRouter(tags=["operations"])

_NOT_FROM_HERE = Wording(
    "运行指标只向本机提供；从其他机器读取请设置 DUIJIE_METRICS_TOKEN，并在 Authorization: Bearer 中给出",
    "Figures are given to this machine alone; from another one, set DUIJIE_METRICS_TOKEN and send it as "
    "Authorization: Bearer",
)
_WORKER_SILENT = timedelta(seconds=30)
_threads: RunVar[CapacityLimiter] = RunVar("threads of health")


class Health(BaseModel):
    status: Literal["ok"] = "ok"


class Readiness(BaseModel):
    status: Literal["ready", "not ready"]
    database: bool
    index: bool
    worker: bool
    storage: bool = Field(description="Whether anything can be written, there and here.")


@router.get("/healthz")
async def get_health() -> Health:
    """The process answers; from the event loop, whatever else it has to do."""
    return Health()


@router.get("/readyz", responses={503: {"model": Readiness}})
async def get_readiness(response: Response, index: LiveIndexDep) -> Readiness:
    """200 when postings can be made and matched.

    A worker that falls silent later does not take the API out of service: postings are still taken,
    and are indexed when it returns. ``worker`` shows it.
    """
    database, worker, storage = await run_sync(_look, limiter=_own_threads())
    index.worker_was_seen |= worker
    ready = database and storage and index.ready and index.worker_was_seen
    if not ready:
        response.status_code = 503
    return Readiness(
        status="ready" if ready else "not ready",
        database=database,
        index=index.ready,
        worker=worker,
        storage=storage,
    )


# Sorting more than fits into its memory makes the database write a temporary file, beside its tables.
_WRITE = (
    "SELECT count(*) FROM (SELECT n FROM generate_series(1, 20000) n ORDER BY md5(n::text) OFFSET 0) sorted"
)


def _look() -> tuple[bool, bool, bool]:
    """Whether the database answers, whether a worker has been at work of late, and whether there is room to write."""
    try:
        with transaction() as session:
            session.execute(text("SET LOCAL statement_timeout = '3s'"))
            seen = session.execute(select(func.max(col(WorkerSeen.seen_at)))).scalar_one()
            worker = seen is not None and now() - seen < _WORKER_SILENT
            storage = _can_write(session)
    except OperationalError:
        return False, False, False
    return True, worker, storage


def _can_write(session: Session) -> bool:
    try:
        with TemporaryFile() as file:
            file.write(bytes(65_536))
            file.flush()
        with session.begin_nested():
            session.execute(text("SET LOCAL work_mem = '64kB'"))
            session.execute(text(_WRITE))
    except OSError:
        return False
    except OperationalError as error:
        if isinstance(error.orig, DiskFull):
            return False
        raise
    return bool(session.execute(text("SHOW transaction_read_only")).scalar_one() == "off")


def _own_threads() -> CapacityLimiter:
    """Requests may hold all others. The pool has connections for these beside those of requests."""
    found = _threads.get(None)
    if found is None:
        found = CapacityLimiter(1)
        _threads.set(found)
    return found


@router.get("/metrics", response_class=Response)
async def get_metrics(request: Request, index: LiveIndexDep) -> Response:
    """Prometheus text format, for this machine alone, or with the token of `DUIJIE_METRICS_TOKEN`."""
    if not (is_on_this_machine(request) or _has_token(request)):
        raise Forbidden(_NOT_FROM_HERE)
    # What the tables tell stays as it was while the database is away.
    show_index(index)
    return Response(await run_sync(_figures, limiter=_own_threads()), media_type=CONTENT_TYPE_LATEST)


def _figures() -> bytes:
    with suppress(OperationalError), transaction() as session:
        show_installation(session)
        drift.show_as_metrics(session)
    return generate_latest()


def _has_token(request: Request) -> bool:
    token = settings().metrics_token
    given = request.headers.get("authorization", "").removeprefix("Bearer ")
    # One that is empty is none.
    return (
        token is not None
        and bool(token)
        and secrets.compare_digest(given.encode(), token.get_secret_value().encode())
    )
