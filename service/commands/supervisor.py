"""``duijie run``: database, worker and API on one machine, started and stopped as one."""

import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Sequence
from http.client import HTTPException
from threading import Event
from types import FrameType

import structlog

from service.commands import attached
from service.platform.loops import growing_pause, keep_doing
from service.platform.postgres.server import embedded_postgres
from service.platform.settings import settings
from service.platform.terminal_language import said
from service.platform.unable import Unable

log = structlog.get_logger()

_STOP_PATIENCE = 15.0
# What has run for so long and then dies has not failed to start.
_RAN_WELL = 60.0
_LOOK_EVERY = 0.5


class PortTaken(Unable):
    """Somebody else listens where this is to listen; the message says what to do."""


class Child:
    """One process that is started again when it dies, after pauses that grow while it keeps dying."""

    def __init__(self, name: str, module: str, *arguments: str) -> None:
        self.name = name
        self.command = attached.command(settings().data_dir, module, *arguments)
        self.failures = 0
        self.due_at: float | None = None
        self.process = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        self.started_at, self.due_at = time.monotonic(), None
        # A session of its own: Ctrl-C reaches the supervisor alone, which then stops things in order.
        return subprocess.Popen(self.command, start_new_session=True)

    def mind(self) -> None:
        if self.process.poll() is None:
            return
        moment = time.monotonic()
        if self.due_at is None:
            self.failures = 1 if moment - self.started_at > _RAN_WELL else self.failures + 1
            pause = growing_pause(self.failures)
            self.due_at = moment + pause
            log.error(
                "process ended, is started again",
                name=self.name,
                code=self.process.returncode,
                pause=pause,
                time_in_a_row=self.failures,
            )
        elif moment >= self.due_at:
            self.process = self._start()

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
    """Start worker and API, call ``when_ready`` with the address once both can be used, mind them until told to end.

    What dies is started again, and what else goes wrong is waited for: only a person ends it.
    """
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, _interrupt)
    children: list[Child] = []
    port = settings().port or _free_port()
    address = f"http://{settings().host}:{port}"
    told = False

    def mind() -> None:
        nonlocal told
        _mind(children)
        if not told and _is_ready(address):
            told = True
            when_ready(address)
        time.sleep(_LOOK_EVERY)

    try:
        children.append(Child("worker", "workers"))
        children.append(Child("api", "service", "api", "--port", str(port)))
        keep_doing("supervisor", mind, Event())
    except Interrupted:
        # The second Ctrl-C of an impatient person must not leave processes behind.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    finally:
        for child in reversed(children):
            child.stop()
        if settings().embedded:
            embedded_postgres().stop()


def clear_the_way() -> int:
    """End what a killed run left behind in this data folder; how many processes it was.

    Raises:
        PortTaken: some other program listens on the port.
    """
    ended = attached.end_orphans(settings().data_dir, _STOP_PATIENCE)
    if settings().port:
        _require_free(settings().host, settings().port)
    return ended


def _mind(children: Sequence[Child]) -> None:
    for child in children:
        child.mind()
    # One that is there and slow to answer is left to its work.
    if settings().embedded and not embedded_postgres().running():
        log.error("database ended, is started again")
        embedded_postgres().ensure()


def _is_ready(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/readyz", timeout=5):  # noqa: S310
            return True
    except (OSError, HTTPException):
        # Not listening yet, or 503 for not ready.
        return False


def _require_free(host: str, port: int) -> None:
    family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    with socket.socket(family, kind) as probe:
        # As the API listens: ports of connections that have ended are free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as error:
            raise PortTaken(
                said(
                    "端口 {port} 不可用（{strerror}）：请停止占用它的程序，或用 DUIJIE_PORT 换一个端口",
                    port=port,
                    strerror=error.strerror,
                )
            ) from error


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((settings().host, 0))
        port: int = probe.getsockname()[1]
        return port
