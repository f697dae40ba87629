"""Whether the service can do its work: database, worker, room to write."""

from datetime import timedelta
from tempfile import TemporaryFile

from psycopg.errors import DiskFull
from sqlalchemy import func, select, text
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, col

from schemas.base import now
from schemas.operation import WorkerSeen
from service.platform.db import transaction

_WORKER_SILENT = timedelta(seconds=30)


# Sorting more than fits into its memory makes the database write a temporary file, beside its tables.
_WRITE = (
    "SELECT count(*) FROM (SELECT n FROM generate_series(1, 20000) n ORDER BY md5(n::text) OFFSET 0) sorted"
)


def look() -> tuple[bool, bool, bool]:
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
