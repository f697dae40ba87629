"""/healthz, /readyz, /metrics: for those who run the service."""

from contextlib import suppress
from datetime import timedelta
from typing import Literal

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError
from sqlmodel import col

from schemas.base import now
from schemas.operation import WorkerSeen
from service import drift
from service.db import transaction
from service.live_index import LiveIndexDep

router = APIRouter(tags=["operations"])

_WORKER_SILENT = timedelta(seconds=30)


class Health(BaseModel):
    status: Literal["ok"] = "ok"


class Readiness(BaseModel):
    status: Literal["ready", "not ready"]
    database: bool
    index: bool
    worker: bool


@router.get("/healthz")
def get_health() -> Health:
    """The process answers."""
    return Health()


@router.get("/readyz", responses={503: {"model": Readiness}})
def get_readiness(response: Response, index: LiveIndexDep) -> Readiness:
    """200 when postings can be made and matched.

    A worker that falls silent later does not take the API out of service: postings are still taken,
    and are indexed when it returns. ``worker`` shows it.
    """
    try:
        with transaction() as session:
            seen = session.execute(select(func.max(col(WorkerSeen.seen_at)))).scalar_one()
    except OperationalError:
        database, worker = False, False
    else:
        database, worker = True, seen is not None and now() - seen < _WORKER_SILENT
    index.worker_was_seen |= worker
    ready = database and index.ready and index.worker_was_seen
    if not ready:
        response.status_code = 503
    return Readiness(
        status="ready" if ready else "not ready", database=database, index=index.ready, worker=worker
    )


@router.get("/metrics", response_class=Response)
def get_metrics() -> Response:
    """Prometheus text format. What the nightly look found is read from the tables; without them it stays."""
    with suppress(OperationalError), transaction() as session:
        drift.show_as_metrics(session)
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
