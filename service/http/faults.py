"""What is told when the database, or the disk, cannot do what was asked: never a bare 500, and what helps."""

import errno
from http import HTTPStatus
from typing import Any, ClassVar

import psycopg.errors
import structlog
from fastapi import FastAPI, Request
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from schemas.wording import Wording
from service.platform.problems import Busy, Problem

log = structlog.get_logger()

_FULL = {errno.ENOSPC, errno.EDQUOT}
# What the database refuses for a while, though it is there.
_BUSY = (
    psycopg.errors.QueryCanceled,
    psycopg.errors.LockNotAvailable,
    psycopg.errors.DeadlockDetected,
    psycopg.errors.SerializationFailure,
    psycopg.errors.TooManyConnections,
    psycopg.errors.OutOfMemory,
)


class StorageFull(Problem):
    status, type = HTTPStatus.INSUFFICIENT_STORAGE, "storage-full"
    title = Wording(
        "存储空间已满，暂时无法保存；未保存任何内容，请联系平台管理方",
        "The storage is full, and nothing was saved; please tell the operators of the platform",
    )
    headers: ClassVar[dict[str, str]] = {"Retry-After": "60"}


class DatabaseAway(Problem):
    status, type = HTTPStatus.SERVICE_UNAVAILABLE, "database-away"
    title = Wording(
        "数据库暂时无法使用，请稍后再试", "The database cannot be used at the moment; try again shortly"
    )
    headers: ClassVar[dict[str, str]] = {"Retry-After": "10"}


def problem_of(error: Exception) -> Problem | None:
    """What to tell of a failure that is no bug; None for any other."""
    if isinstance(error, PoolTimeout):
        return Busy()
    if isinstance(error, OSError):
        return StorageFull() if error.errno in _FULL else None
    cause = error.orig if isinstance(error, OperationalError) else error
    if isinstance(cause, psycopg.errors.DiskFull):
        return StorageFull()
    if isinstance(cause, _BUSY) or "too many" in str(cause) or "remaining connection slots" in str(cause):
        return Busy()
    return DatabaseAway() if isinstance(cause, psycopg.OperationalError) else None


def add_fault_errors(app: FastAPI) -> None:
    """After all other handlers: what they make of a problem, page or not, is what is told."""

    def handle(request: Request, error: Exception) -> Any:
        problem = problem_of(error)
        if problem is None:
            raise error
        log.error("not able", problem=problem.type, cause=str(getattr(error, "orig", error)).splitlines()[0])
        return app.exception_handlers[Problem](request, problem)

    for kind in (OperationalError, PoolTimeout, OSError):
        app.add_exception_handler(kind, handle)
