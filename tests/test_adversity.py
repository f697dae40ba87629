"""A full disk, a database that restarts, hangs or has no connection left: what is told, and that nothing is lost."""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx2 as httpx
import psycopg
import pytest
from sqlalchemy.engine import make_url

from service.platform.postgres.server import EmbeddedPostgres
from tests.api_process import api_process, migrate
from tests.running import wait_for

pytestmark = pytest.mark.journey

_ROOM = "260m"


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """Where every account may enter, unlike ``tmp_path``: so root lends it to the database's."""
    with tempfile.TemporaryDirectory() as made:
        Path(made).chmod(0o711)
        yield Path(made)


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[EmbeddedPostgres]:
    """With tables and an operator."""
    made = EmbeddedPostgres(folder / "postgres")
    migrate(folder, made.ensure())
    yield made
    made.stop()


@pytest.fixture
def small_disk() -> Iterator[Path]:
    if os.geteuid() != 0:
        pytest.skip("only root may mount a small file system")
    with tempfile.TemporaryDirectory() as made:
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={_ROOM},mode=0711", "none", made],
            capture_output=True,
            text=True,
            check=False,
        )
        if mounted.returncode:
            pytest.skip(f"no small file system could be mounted: {mounted.stderr.strip()}")
        yield Path(made)
        subprocess.run(["umount", "--lazy", made], check=True)


def connect(server: EmbeddedPostgres) -> psycopg.Connection:
    return psycopg.connect(server.ensure().replace("+psycopg", ""), autocommit=True)


def body(number: int, length: int = 0) -> dict[str, Any]:
    # Numbers, which are not squeezed: so that rows take room.
    words = "".join(os.urandom(length // 2).hex()) if length else "膜"
    return {"title": f"残膜 {number}", "external_id": f"A-{number}", "description": words}


def post(client: httpx.Client, number: int, length: int = 0) -> httpx.Response:
    return client.post("/v1/needs", json=body(number, length), headers={"Accept-Language": "en"})


def told(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["type"]


def test_a_full_disk_is_told_and_nothing_is_saved_by_halves(
    folder: Path, server: EmbeddedPostgres, small_disk: Path
) -> None:
    server.stop()
    subprocess.run(["cp", "-a", folder / "postgres", small_disk], check=True)
    small = EmbeddedPostgres(small_disk / "postgres")
    try:
        with api_process(folder, small.ensure()) as client:
            before = client.get("/readyz").json()["storage"]
            filler = small_disk / "filler"
            room = os.statvfs(small_disk)
            with filler.open("wb") as file:
                os.posix_fallocate(file.fileno(), 0, room.f_bavail * room.f_frsize)
            answers = [post(client, number, 18_000) for number in range(100)]
            ready = client.get("/readyz")
            page = client.get("/needs", headers={"Accept": "text/html"})
            filler.unlink()
            wait_for(lambda: client.get("/readyz").json()["storage"])
            after = post(client, 1_000)
            kept = client.get("/v1/needs", params={"limit": 200, "mine": True}).json()["items"]

        refused = [one for one in answers if one.status_code != 201]
        assert before is True
        assert len(refused) > 50
        assert {told(one) for one in refused} == {(507, "storage-full")}
        assert refused[0].json()["title"].startswith("The storage is full, and nothing was saved")
        assert (ready.status_code, ready.json()["database"], ready.json()["storage"]) == (503, True, False)
        # Reading goes on.
        assert page.status_code == 200
        assert after.status_code == 201
        taken = {one.json()["external_id"] for one in answers if one.status_code == 201}
        assert {one["external_id"] for one in kept} == taken | {"A-1000"}
    finally:
        small.stop()


def test_the_database_restarts_under_load_and_nothing_is_lost(folder: Path, server: EmbeddedPostgres) -> None:
    with api_process(folder, server.ensure()) as client, ThreadPoolExecutor(8) as clients:
        asked = [clients.submit(post, client, number) for number in range(400)]
        for _ in range(2):
            wait_for(lambda: sum(one.done() for one in asked) > 50)
            server.stop()
            server.ensure()
        answers = [one.result() for one in asked]
        wait_for(lambda: client.get("/v1/needs").status_code == 200)
        kept: set[str] = set()
        cursor = None
        while True:
            page = client.get(
                "/v1/needs", params={"limit": 200, **({"cursor": cursor} if cursor else {})}
            ).json()
            kept |= {one["external_id"] for one in page["items"]}
            if (cursor := page["next_cursor"]) is None:
                break

    others = {told(one) for one in answers if one.status_code != 201}
    assert others <= {(503, "database-away"), (503, "busy")}
    assert others
    assert {one.headers["Retry-After"] for one in answers if one.status_code == 503} == {"10"}
    # What was said to be saved is; of what was interrupted, the commit may have come through.
    assert kept >= {f"A-{number}" for number, one in enumerate(answers) if one.status_code == 201}


def test_no_connection_left_is_told_and_passes(folder: Path, server: EmbeddedPostgres) -> None:
    url = make_url(server.ensure())
    with connect(server) as database:
        database.execute("CREATE ROLE few LOGIN CONNECTION LIMIT 4")
        database.execute(f'GRANT "{url.username}" TO few')
        few = url.set(username="few").render_as_string(hide_password=False)
        with api_process(folder, few) as client:
            database.execute("ALTER ROLE few CONNECTION LIMIT 0")
            database.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'few'")
            answers = [client.get("/v1/needs") for _ in range(5)]
            page = client.get("/needs", headers={"Accept": "text/html"})
            database.execute("ALTER ROLE few CONNECTION LIMIT 4")
            after = client.get("/v1/needs")

    assert {told(one) for one in answers} <= {(503, "busy"), (503, "database-away")}
    assert told(answers[-1]) == (503, "busy")
    assert page.status_code == 503
    assert after.status_code == 200


def test_a_lock_that_is_held_is_waited_for_not_for_ever(folder: Path, server: EmbeddedPostgres) -> None:
    with (
        api_process(folder, server.ensure(), LOCK_SECONDS="0.3", STATEMENT_SECONDS="60") as client,
        connect(server) as database,
        database.transaction(),
    ):
        database.execute("LOCK TABLE need IN ACCESS EXCLUSIVE MODE")
        answer = client.get("/v1/needs", headers={"Accept-Language": "en"})
        health = client.get("/healthz")

    assert told(answer) == (503, "busy")
    assert answer.headers["Retry-After"] == "10"
    assert health.status_code == 200


def test_a_statement_that_takes_too_long_is_ended(folder: Path, server: EmbeddedPostgres) -> None:
    with (
        api_process(folder, server.ensure(), LOCK_SECONDS="60", STATEMENT_SECONDS="0.3") as client,
        connect(server) as database,
        database.transaction(),
    ):
        database.execute("LOCK TABLE need IN ACCESS EXCLUSIVE MODE")
        answer = client.get("/v1/needs")

    assert told(answer) == (503, "busy")
