"""``duijie run``: database, worker and API on one machine, started and stopped as one."""

import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from types import FrameType

import structlog

from service.db import embedded_postgres
from service.settings import settings

log = structlog.get_logger()

_STOP_PATIENCE = 15.0
_RESTART_PAUSE = 1.0


class Child:
    """One process that is started again when it dies."""

    def __init__(self, name: str, command: Sequence[str]) -> None:
        self.name = name
        self.command = [sys.executable, *command]
        self.process = self._start()
        self.died_at: float | None = None

    def _start(self) -> subprocess.Popen[bytes]:
        # A session of its own: Ctrl-C reaches the supervisor alone, which then stops things in order.
        return subprocess.Popen(self.command, start_new_session=True)

    def mind(self) -> None:
        if self.process.poll() is None:
            return
        if self.died_at is None:
            log.error("process ended, starting it again", name=self.name, code=self.process.returncode)
            self.died_at = time.monotonic()
        elif time.monotonic() - self.died_at > _RESTART_PAUSE:
            self.process, self.died_at = self._start(), None

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(_STOP_PATIENCE)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


class Interrupted(BaseException):
    """Somebody asked for an end, by Ctrl-C or by a signal."""


def _interrupt(_: int, __: FrameType | None) -> None:
    raise Interrupted


def run(when_ready: Callable[[str], None]) -> None:
    """Start worker and API, call ``when_ready`` with the address once both can be used, mind them until told to end."""
    signal.signal(signal.SIGTERM, _interrupt)
    signal.signal(signal.SIGINT, _interrupt)
    children: list[Child] = []
    try:
        port = settings().port or _free_port()
        address = f"http://{settings().host}:{port}"
        children.append(Child("worker", ["-m", "workers"]))
        children.append(Child("api", ["-m", "service", "api", "--port", str(port)]))
        _wait_until_ready(address, children)
        when_ready(address)
        while True:
            _mind(children)
            time.sleep(0.5)
    except Interrupted:
        # The second Ctrl-C of an impatient person must not leave processes behind.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    finally:
        for child in reversed(children):
            child.stop()
        if settings().embedded:
            embedded_postgres().stop()


def _mind(children: Sequence[Child]) -> None:
    for child in children:
        child.mind()
    if settings().embedded and not embedded_postgres().alive():
        embedded_postgres().ensure()


def _wait_until_ready(address: str, children: Sequence[Child]) -> None:
    while True:
        for child in children:
            if child.process.poll() is not None:
                raise SystemExit(f"{child.name}: {child.process.returncode}")
        try:
            with urllib.request.urlopen(f"{address}/readyz", timeout=5):  # noqa: S310
                return
        except (urllib.error.URLError, OSError):
            # Not listening yet, or 503 for not ready.
            time.sleep(0.2)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((settings().host, 0))
        port: int = probe.getsockname()[1]
        return port
