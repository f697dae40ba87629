"""``duijie backup`` and ``duijie restore``: the database in one file, by PostgreSQL's own programs."""

import os
import subprocess
from pathlib import Path

from sqlalchemy import text, update
from sqlalchemy.engine import make_url
from sqlmodel import col
from uuid_utils.compat import uuid7

from schemas.operation import Installation
from service import audit
from service.db import database_url, embedded_postgres, engine, transaction
from service.migrations import migrate
from service.postings import TABLES


class BackupFailed(Exception):
    """``pg_dump`` or ``pg_restore`` did not succeed; the message is theirs."""


def backup(file: Path) -> None:
    """Write everything that is kept to ``file``. The queue is not: it can be made again from the outbox."""
    beside = file.with_name(f".{file.name}.part")
    beside.touch(mode=0o600)
    try:
        # Into a file, not a pipe: only then does the dump say where each table lies, and a shortened one is noticed.
        _run("pg_dump", "--format=custom", "--no-owner", "--no-acl", "--schema=public", f"--file={beside}")
        beside.replace(file)
    finally:
        beside.unlink(missing_ok=True)


def restore(file: Path) -> None:
    """Replace everything by what is in ``file``: all of it, or, on any error, nothing."""
    _run(
        "pg_restore",
        "--no-owner",
        "--no-acl",
        "--clean",
        "--if-exists",
        "--single-transaction",
        "--exit-on-error",
        str(file),
    )
    engine().dispose()
    migrate()
    with transaction() as session:
        # Another installation from now on: index snapshots of before tell of other rows.
        session.execute(update(Installation).values(id=uuid7()))
        for table in TABLES.values():
            # Transaction ids are of the database they were written in.
            session.execute(update(table).values(version=col(table.version)))
        session.execute(text("UPDATE notice SET written_xid = pg_current_xact_id()"))
        session.execute(text("UPDATE outbox SET sent_at = NULL, sent_by = ''"))
        # The chain that came back with the rest goes on from here.
        audit.note(session, None, "database.restore", None)


def _run(program: str, *arguments: str) -> None:
    url = make_url(database_url()).set(drivername="postgresql")
    # The password goes by the environment: arguments can be read by anybody on the machine.
    environment = {**os.environ, **({"PGPASSWORD": str(url.password)} if url.password else {})}
    place = url.set(password=None).render_as_string()
    command = [str(embedded_postgres().binary(program)), *arguments, f"--dbname={place}"]
    done = subprocess.run(
        command, check=False, env=environment, stdin=subprocess.DEVNULL, capture_output=True
    )
    if done.returncode:
        raise BackupFailed(f"{program}: {done.stderr.decode(errors='replace').strip()}")
