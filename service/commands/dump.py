"""A dump of the database in one file: written and played back by PostgreSQL's own programs, and looked into."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from cryptography.fernet import InvalidToken
from sqlalchemy.engine import URL, make_url

from schemas.sealed import TOKEN_MARK
from service.platform.ciphers import cipher, sealed_columns
from service.platform.db import database_url
from service.platform.postgres.server import embedded_postgres
from service.platform.terminal_language import said
from service.platform.unable import Unable

# Servers before 17 do not know this setting, which newer programs put first into every script.
_UNKNOWN_TO_OLD_SERVERS = b"SET transaction_timeout = 0;\n"
_HEAD = 65_536


class BackupFailed(Unable):
    """A backup or its restoration did not succeed; the message says why."""


def write_dump(file: Path) -> None:
    """Write everything that is kept to ``file``. The queue is not: it can be made again from the outbox."""
    beside = file.with_name(f".{file.name}.part")
    beside.touch(mode=0o600)
    try:
        # Into a file, not a pipe: only then does the dump say where each table lies, and a shortened one is noticed.
        kind = ["--format=custom", "--no-owner", "--no-acl", "--schema=public", f"--file={beside}"]
        with _program("pg_dump", *kind, address=database_url()):
            pass
        beside.replace(file)
    finally:
        beside.unlink(missing_ok=True)


def play_back(file: Path, address: str) -> None:
    """Replace what is in the database at ``address`` by what is in ``file``: all of it, or, on any error, nothing."""
    how = ["--no-owner", "--no-acl", "--clean", "--if-exists", "--file=-", str(file)]
    run = ["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--single-transaction", "--file=-"]
    # At the end of its input psql commits, so it is killed where pg_restore fails before the end.
    # Where psql itself ends early, on an error, it tells why.
    with (
        _program("psql", *run, address=address, reads=True) as script,
        suppress(BrokenPipeError),
        _program("pg_restore", *how, writes=True) as written,
    ):
        script.write(written.read(_HEAD).replace(_UNKNOWN_TO_OLD_SERVERS, b"", 1))
        shutil.copyfileobj(written, script)


def closed_columns(file: Path) -> list[str]:
    """The sealed columns in a dump, of which some row opens with none of our keys."""
    sealed: dict[str, set[str]] = {}
    for table, column in sealed_columns():
        sealed.setdefault(table.name, set()).add(column.name)
    closed: set[str] = set()
    only = [f"--table={name}" for name in sealed]
    with _program("pg_restore", "--data-only", *only, "--file=-", str(file), writes=True) as written:
        for name, row in _rows(written):
            found = {column for column in sealed.get(name, ()) if not _opens(row.get(column, b""))}
            closed |= {f"{name}.{column}" for column in found}
    return sorted(closed)


def _opens(value: bytes) -> bool:
    if not value.startswith(TOKEN_MARK.encode()):
        return True
    try:
        cipher().decrypt(value)
    except InvalidToken:
        return False
    return True


def _rows(script: Iterable[bytes]) -> Iterator[tuple[str, dict[str, bytes]]]:
    """The rows of a script's COPY commands, by table and column. Tokens have nothing that would be escaped."""
    table, columns = "", list[str]()
    for line in script:
        if columns and line == b"\\.\n":
            columns = []
        elif columns:
            yield table, dict(zip(columns, line.rstrip(b"\n").split(b"\t"), strict=True))
        elif line.startswith(b"COPY public."):
            head, _, rest = line.decode().removeprefix("COPY public.").partition(" (")
            table, columns = head, [name.strip('" ') for name in rest.partition(")")[0].split(",")]


@contextmanager
def _program(
    name: str, *arguments: str, address: str | None = None, reads: bool = False, writes: bool = False
) -> Iterator[IO[bytes]]:
    """Run one of PostgreSQL's programs, and its standard input or output.

    Raises:
        BackupFailed: it did not succeed. The words are its own.
    """
    environment = {**os.environ, "PGCONNECT_TIMEOUT": "10"}
    command = [str(embedded_postgres().binary(name)), *arguments]
    if address is not None:
        url: URL = make_url(address).set(drivername="postgresql")
        # The password goes by the environment: arguments can be read by anybody on the machine.
        environment |= {"PGPASSWORD": str(url.password)} if url.password else {}
        command.append(f"--dbname={url.set(password=None).render_as_string()}")
    with tempfile.TemporaryFile() as complaints:
        process = subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.PIPE if reads else subprocess.DEVNULL,
            stdout=subprocess.PIPE if writes else subprocess.DEVNULL,
            stderr=complaints,
        )
        stream = process.stdin if reads else process.stdout
        try:
            yield stream or complaints
        except BaseException:
            process.kill()
            raise
        finally:
            # Closed last of all: for psql it is the word to commit.
            if stream is not None:
                with suppress(BrokenPipeError):
                    stream.close()
            process.wait()
        if process.returncode:
            complaints.seek(0)
            raise BackupFailed(
                said(
                    "{program}：{complaint}",
                    program=name,
                    complaint=complaints.read().decode(errors="replace").strip(),
                )
            )
