"""/healthz, /readyz, /metrics: for those who run the service."""

import secrets
from typing import Literal

from anyio import CapacityLimiter
from anyio.lowlevel import RunVar
from anyio.to_thread import run_sync
from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel, Field

from schemas.wording import Wording
from service.http.callers import is_on_this_machine
from service.http.dependencies import LiveIndexDep
from service.platform.problems import Forbidden
from service.platform.settings import settings
from service.statistics.installation import read_figures, show_index
from service.statistics.readiness import look

router = APIRouter(tags=["operations"])

_NOT_FROM_HERE = Wording(
    "运行指标只向本机提供；从其他机器读取请设置 DUIJIE_METRICS_TOKEN，并在 Authorization: Bearer 中给出",
    "Figures are given to this machine alone; from another one, set DUIJIE_METRICS_TOKEN and send it as "
    "Authorization: Bearer",
)
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
    database, worker, storage = await run_sync(look, limiter=_own_threads())
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
    read_figures()
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
