import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from celery import Celery
from kombu.exceptions import EncodeError
from pgmq.base import PGMQConfig
from psycopg.conninfo import conninfo_to_dict

from service.platform.postgres.server import EmbeddedPostgres
from workers.app import install_queue, make_app, queue_conninfo

# A worker as it runs in production, with one task that says where it was and waits until it may go on.
_WORKER = """
import os, pathlib, sys, time
from workers.app import make_app, worker_arguments
broker, database, visibility = sys.argv[1:]
app = make_app(broker or None, database)
app.conf.broker_transport_options |= {"visibility_timeout": int(visibility)}
@app.task(name="note")
def note(folder, word):
    begun = pathlib.Path(folder) / f"{word}.begun"
    begun.with_suffix(".new").write_text(str(os.getpid()))
    begun.with_suffix(".new").replace(begun)  # never seen half written
    while (pathlib.Path(folder) / f"{word}.hold").exists():
        time.sleep(0.01)
    (pathlib.Path(folder) / word).touch()
app.worker_main(worker_arguments(2))
"""

StartWorker = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture(scope="module")
def database_url() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o711)  # for root, who lends the server to another account
        server = EmbeddedPostgres(Path(folder) / "postgres")
        yield server.ensure()
        server.stop()


@pytest.fixture
def queue_url(database_url: str) -> str:
    """The URL of a database whose queue is there, and empty."""
    install_queue(database_url)
    with psycopg.connect(database_url.replace("+psycopg", "")) as connection:
        connection.execute("SELECT pgmq.purge_queue(queue_name) FROM pgmq.list_queues()")
    return database_url


@pytest.fixture
def redis_url(tmp_path: Path) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    where = ["--bind", "127.0.0.1", "--port", str(port), "--dir", str(tmp_path)]
    server = subprocess.Popen(["redis-server", *where, "--save", ""], stdout=subprocess.DEVNULL)
    yield f"redis://127.0.0.1:{port}/0"
    server.terminate()
    server.wait()


@pytest.fixture
def start_worker() -> Iterator[StartWorker]:
    started: list[subprocess.Popen[bytes]] = []

    def start(broker_url: str | None, database_url: str, visibility: int = 900) -> "subprocess.Popen[bytes]":
        arguments = [broker_url or "", database_url, str(visibility)]
        started.append(
            subprocess.Popen([sys.executable, "-c", _WORKER, *arguments], stderr=subprocess.DEVNULL)
        )
        return started[-1]

    yield start
    for worker in started:
        worker.kill()
        worker.wait()


def _send(app: Celery, folder: Path, word: str) -> None:
    app.send_task("note", [str(folder), word])


def _wait_for(path: Path) -> None:
    deadline = time.monotonic() + 60
    while not path.exists():
        assert time.monotonic() < deadline, f"{path.name} did not come"
        time.sleep(0.01)


def test_the_database_carries_tasks_to_a_worker(
    queue_url: str, start_worker: StartWorker, tmp_path: Path
) -> None:
    start_worker(None, queue_url)

    with make_app(None, queue_url) as app:
        _send(app, tmp_path, "done")

        _wait_for(tmp_path / "done")


@pytest.mark.skipif(
    shutil.which("redis-server") is None, reason="no redis-server here: apt-get install redis-server"
)
def test_redis_carries_tasks_to_a_worker(
    redis_url: str, database_url: str, start_worker: StartWorker, tmp_path: Path
) -> None:
    start_worker(redis_url, database_url)

    with make_app(redis_url, database_url) as app:
        _send(app, tmp_path, "done")

        _wait_for(tmp_path / "done")


def test_the_task_of_a_killed_worker_goes_to_another(
    queue_url: str, start_worker: StartWorker, tmp_path: Path
) -> None:
    (tmp_path / "done.hold").touch()
    start_worker(None, queue_url, visibility=2)
    with make_app(None, queue_url) as app:
        _send(app, tmp_path, "done")
    _wait_for(tmp_path / "done.begun")
    killed = int((tmp_path / "done.begun").read_text())

    os.kill(killed, signal.SIGKILL)
    (tmp_path / "done.hold").unlink()
    start_worker(None, queue_url, visibility=2)

    _wait_for(tmp_path / "done")
    assert int((tmp_path / "done.begun").read_text()) != killed


def test_a_worker_that_is_told_to_stop_finishes_its_task(
    queue_url: str, start_worker: StartWorker, tmp_path: Path
) -> None:
    (tmp_path / "done.hold").touch()
    worker = start_worker(None, queue_url)
    with make_app(None, queue_url) as app:
        _send(app, tmp_path, "done")
    _wait_for(tmp_path / "done.begun")

    worker.terminate()
    (tmp_path / "done.hold").unlink()

    assert worker.wait(timeout=60) == 0
    assert (tmp_path / "done").exists()
    with psycopg.connect(queue_url.replace("+psycopg", "")) as connection:
        assert connection.execute("SELECT message FROM pgmq.q_duijie").fetchall() == []


def test_the_queue_is_installed_once_by_many_at_once(database_url: str) -> None:
    with psycopg.connect(database_url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("CREATE DATABASE bare")
    bare = database_url.replace("/duijie", "/bare")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(install_queue, [bare] * 4))

    with psycopg.connect(bare.replace("+psycopg", "")) as connection:
        assert connection.execute("SELECT count(*) FROM pgmq.list_queues()").fetchone() == (0,)


@pytest.mark.parametrize(
    ("url", "meant"),
    [
        (
            "postgresql+psycopg://postgres@/duijie?host=%2Fa%20folder%27s%2Frun&port=5432",
            {"host": "/a folder's/run", "port": "5432", "dbname": "duijie", "user": "postgres"},
        ),
        (
            "postgresql://me:p%40ss%20w%27o%5Crd@db.example:6543/duijie?sslmode=require&connect_timeout=3",
            {"host": "db.example", "port": "6543", "dbname": "duijie", "user": "me"}
            | {"password": "p@ss w'o\\rd", "sslmode": "require", "connect_timeout": "3"},
        ),
        (
            "postgresql+psycopg://me@/duijie?host=one.example&host=two.example&target_session_attrs=read-write",
            {"host": "one.example,two.example", "port": ",", "dbname": "duijie", "user": "me"}
            | {"target_session_attrs": "read-write"},
        ),
    ],
)
def test_the_queue_is_sought_where_the_database_url_points(
    url: str, meant: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PG_HOST", "elsewhere.example")
    monkeypatch.setenv("DATABASE_URL", "postgresql://elsewhere.example/other")

    dialled = conninfo_to_dict(PGMQConfig(conn_string=queue_conninfo(url)).dsn)

    assert {name: value for name, value in dialled.items() if value} == meant


def test_messages_are_json_or_nothing(queue_url: str) -> None:
    with make_app(None, queue_url) as app, pytest.raises(EncodeError):
        app.send_task("note", [object()])
