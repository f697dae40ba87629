"""A service of a benchmark's own: a temporary data folder, and the processes that it starts in it."""

import os
import shutil
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import chdir, closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from types import FrameType
from typing import NoReturn

from sqlalchemy import func, select
from sqlmodel import col

from schemas.base import now
from schemas.operation import WorkerSeen
from service.commands.first_start import prepare
from service.commands.model_folder import ensure_default_model
from service.commands.supervisor import Child
from service.platform import db, migrations
from service.platform.postgres.server import embedded_postgres
from service.platform.settings import settings
from tests.model import model_cache
from tests.rates import UNLIMITED

Progress = Callable[[str, float], None]

HOST = "127.0.0.1"
OPERATOR_KEY = "operator-key-of-the-benchmarks-3b7a"
# Settings of a person's own service, which a benchmark must not touch. Others, such as DUIJIE_ENCODER_THREADS,
# are what is measured.
_NOT_TAKEN = ("DUIJIE_DATABASE_URL", "DUIJIE_BROKER_URL", "DUIJIE_HOST", "DUIJIE_PORT")
_READY_LIMIT = 240.0
_PAUSE = 0.02


@contextmanager
def stage(progress: Progress) -> Iterator[Path]:
    """An empty, migrated database with an operator, in a folder that is gone afterwards, however it ends."""
    signal.signal(signal.SIGTERM, _leave)
    folder = Path(tempfile.mkdtemp(prefix="duijie-benchmark-"))
    # Under root the database runs under another account, which must come in.
    folder.chmod(0o755)
    models = model_cache()
    models.mkdir(parents=True, exist_ok=True)
    (folder / "models").symlink_to(models.resolve())
    for name in _NOT_TAKEN:
        os.environ.pop(name, None)
    os.environ |= {
        "DUIJIE_DATA_DIR": str(folder),
        "DUIJIE_OPERATOR_KEY": OPERATOR_KEY,
        "DUIJIE_DEMO": "0",
        "DUIJIE_RATE_LIMITS": UNLIMITED,
        "DUIJIE_LOG_LEVEL": "error",
    }
    settings.cache_clear()
    try:
        # Away from the .env that may lie in the checkout.
        with chdir(folder):
            progress("starting the database", 0)
            migrations.migrate()
            progress("starting the database", 1)
            ensure_default_model(progress)
            prepare(progress)
            yield folder
    finally:
        if db.engine.cache_info().currsize:
            db.engine().dispose()
        embedded_postgres().stop()
        shutil.rmtree(folder)


@contextmanager
def worker() -> Iterator[None]:
    """A worker process that has its model loaded and takes work."""
    child = Child("worker", "workers")
    try:
        _wait_until(_worker_works, child)
        yield
    finally:
        child.stop()


@contextmanager
def api() -> Iterator[tuple[int, float]]:
    """An API process that is ready: its port, and the seconds from its start until then."""
    port = _free_port()
    started = time.perf_counter()
    child = Child("api", "service", "api", "--host", HOST, "--port", str(port))
    try:
        _wait_until(lambda: _answers(port), child)
        yield port, time.perf_counter() - started
    finally:
        child.stop()


def wait(done: Callable[[], bool], limit: float = _READY_LIMIT, pause: float = _PAUSE) -> None:
    """Look again and again. Raises ``SystemExit`` when it takes longer than ``limit`` seconds."""
    deadline = time.monotonic() + limit
    while not done():
        if time.monotonic() > deadline:
            sys.exit(f"Waited {limit:.0f} s in vain.")
        time.sleep(pause)


def _wait_until(done: Callable[[], bool], child: Child) -> None:
    def look() -> bool:
        if child.process.poll() is not None:
            sys.exit(f"The {child.name} ended with {child.process.returncode}.")
        return done()

    wait(look)


def _worker_works() -> bool:
    with db.transaction() as session:
        seen = session.execute(select(func.max(col(WorkerSeen.seen_at)))).scalar_one()
    return seen is not None and seen <= now()


def _answers(port: int) -> bool:
    try:
        with closing(HTTPConnection(HOST, port, timeout=5)) as connection:
            connection.request("GET", "/readyz")
            return connection.getresponse().status == 200
    except OSError:
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def _leave(_: int, __: FrameType | None) -> NoReturn:
    sys.exit("Told to end.")
