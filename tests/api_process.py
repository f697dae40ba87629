"""``duijie api`` in a process of its own, on a database that a test may hurt. There is no worker, and no model."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2 as httpx
from cryptography.fernet import Fernet

from tests.rates import UNLIMITED
from tests.running import OPERATOR_KEY, wait_for
from tests.serving import HOST, free_port

_COMMAND = [sys.executable, "-m", "service"]
_SECRET = Fernet.generate_key().decode()


@contextmanager
def api_process(folder: Path, database_url: str, **given: str) -> Iterator[httpx.Client]:
    """An operator's client of it, once it answers. The database has its tables already: ``migrate``."""
    port = free_port()
    process = subprocess.Popen(
        [*_COMMAND, "api", "--port", str(port)], env=_environment(folder, database_url, **given)
    )
    try:
        with httpx.Client(
            base_url=f"http://{HOST}:{port}",
            headers={"Authorization": f"Bearer {OPERATOR_KEY}"},
            timeout=60,
            limits=httpx.Limits(max_connections=100),
        ) as client:
            wait_for(lambda: _healthy(client))
            yield client
    finally:
        process.terminate()
        process.wait(60)


def migrate(folder: Path, database_url: str) -> None:
    subprocess.run(
        [*_COMMAND, "migrate"],
        env=_environment(folder, database_url),
        check=True,
        stdout=subprocess.DEVNULL,
    )


def _environment(folder: Path, database_url: str, **given: str) -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("DUIJIE_")}
    wanted = {
        "DATA_DIR": str(folder),
        "DATABASE_URL": database_url,
        "DEMO": "0",
        "OPERATOR_KEY": OPERATOR_KEY,
        "SECRET_KEY": _SECRET,
        "RATE_LIMITS": UNLIMITED,
        **given,
    }
    return {**clean, **{f"DUIJIE_{name}": value for name, value in wanted.items()}}


def _healthy(client: httpx.Client) -> bool:
    try:
        return client.get("/healthz").status_code == httpx.codes.OK
    except httpx.TransportError:
        return False
