"""The whole program as a person starts it, and ways to hurt it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import httpx2 as httpx
import psutil

from service.platform.ciphers import new_secret
from tests import postgres
from tests.model import model_cache
from tests.rates import UNLIMITED

OPERATOR_KEY = "operator-key-of-the-tests-8c1f0d9e"
# Waiting ends with what is waited for; a loaded machine takes minutes to load the model.
PATIENCE = 600.0


def wait_for(what: Callable[[], Any], patience: float = PATIENCE) -> Any:
    """What ``what`` returns once it is true. Fails the test after ``patience`` seconds."""
    deadline = time.monotonic() + patience
    while not (found := what()):
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)
    return found


class Program:
    """``duijie run`` on a data folder of its own."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.command = [sys.executable, "-m", "service", "run"]
        self.cwd: Path | None = None
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o755)
        if not (folder / "models").exists():
            (folder / "models").symlink_to(model_cache().resolve())
        self.own = ExitStack()
        if postgres.CHOSEN:
            address = self.own.enter_context(postgres.server(postgres.CHOSEN))
            settings = {"DATABASE_URL": address, "SECRET_KEY": new_secret(), **settings}
        given = {
            "DATA_DIR": str(folder),
            "PORT": "0",
            "DEMO": "0",
            "OPERATOR_KEY": OPERATOR_KEY,
            "RATE_LIMITS": UNLIMITED,
            **settings,
        }
        clean = {name: value for name, value in os.environ.items() if not name.startswith("DUIJIE_")}
        self.environment = {**clean, **{f"DUIJIE_{name}": value for name, value in given.items()}}
        self.output = folder / "output"
        self.address = ""
        self.process: subprocess.Popen[bytes] | None = None
        self.clients: list[httpx.Client] = []

    def start(self) -> None:
        self.launch()
        self.await_ready()

    def launch(self) -> None:
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                self.command,
                cwd=self.cwd,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=self.environment,
                start_new_session=True,
            )

    def await_ready(self) -> None:
        wait_for(lambda: "Ctrl-C" in self.said() or self.process is None or self.process.poll() is not None)
        assert "对接已启动：" in self.said(), self.said()
        self.address = self.said().split("对接已启动：")[1].split()[0]

    def said(self) -> str:
        return self.output.read_text(encoding="utf-8", errors="replace")

    def children(self) -> list[psutil.Process]:
        assert self.process is not None
        found: list[psutil.Process] = psutil.Process(self.process.pid).children(recursive=True)
        return found

    def stop(self) -> int:
        """Ctrl-C, and the code it ends with."""
        assert self.process is not None
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(60)

    def end(self) -> None:
        for client in self.clients:
            client.close()
        if self.process is not None and self.process.poll() is None:
            self.stop()
        self.own.close()

    def kill(self, part: str) -> None:
        """``kill -9`` the "worker", the "api", or the "database"."""
        if part == "database":
            os.kill(
                int((self.folder / "postgres" / "data" / "postmaster.pid").read_text().split()[0]),
                signal.SIGKILL,
            )
            return
        wait_for(lambda: self.part(part)).kill()

    def part(self, name: str) -> psutil.Process | None:
        """The process of the "worker" or the "api", once it is there."""
        argument = {"worker": "workers", "api": "api"}[name]
        for child in self.children():
            # Others of its children come and go while the database is started.
            with suppress(psutil.Error):
                if argument in child.cmdline():
                    return child
        return None

    def client(self, key: str = OPERATOR_KEY) -> httpx.Client:
        made = httpx.Client(base_url=self.address, headers={"Authorization": f"Bearer {key}"}, timeout=60)
        self.clients.append(made)
        return made

    def member(self) -> httpx.Client:
        """A client of a new, verified organisation."""
        with self.client() as operator:
            body = {"name": "示例企业", "kind": "enterprise", "affiliation": "corps"}
            organization = operator.post("/v1/organizations", json=body).json()["id"]
            operator.post(f"/v1/organizations/{organization}/verify")
            key = operator.post(f"/v1/organizations/{organization}/api-keys", json={"role": "member"}).json()[
                "key"
            ]
        return self.client(key)


def answers(request: Callable[[], httpx.Response]) -> httpx.Response | None:
    """The answer, or None while the server is away or not able."""
    try:
        answer = request()
    except httpx.TransportError:
        return None
    return answer if answer.status_code < httpx.codes.INTERNAL_SERVER_ERROR else None
