import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.engine import make_url

from service.platform.postgres.server import EmbeddedPostgres, PostgresUnavailable

Place = Callable[[Path], EmbeddedPostgres]

# As pid 1 of a container that reaps nothing: whatever it inherits stays a zombie.
_UNREAPED_KILL = """
import ctypes, os, pathlib, signal, sys, time
from service.platform.postgres.server import EmbeddedPostgres
PR_SET_CHILD_SUBREAPER = 36
assert ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0
folder = pathlib.Path(sys.argv[1])
server = EmbeddedPostgres(folder)
server.ensure()
pid = int((folder / "data" / "postmaster.pid").read_text().split()[0])
os.kill(pid, signal.SIGKILL)
while pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z":
    time.sleep(0.01)
server.ensure()
print(pid, pathlib.Path(f"/proc/{pid}/stat").exists())
"""

_ENSURE = """
import pathlib, sys
from service.platform.postgres.server import EmbeddedPostgres
print(EmbeddedPostgres(pathlib.Path(sys.argv[1])).ensure())
"""


@pytest.fixture
def place() -> Iterator[Place]:
    """Make servers, and stop them at the end."""
    made: list[EmbeddedPostgres] = []

    def at(folder: Path) -> EmbeddedPostgres:
        made.append(EmbeddedPostgres(folder))
        return made[-1]

    yield at
    for server in made:
        server.stop()


@pytest.fixture
def server(place: Place) -> Iterator[EmbeddedPostgres]:
    """Lies where every account may enter, unlike ``tmp_path``: so root lends it to one."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o711)
        server = place(Path(folder) / "postgres")
        yield server
        server.stop()


@pytest.fixture(scope="module")
def running() -> Iterator[EmbeddedPostgres]:
    """One for the tests that leave it as it is."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o711)
        server = EmbeddedPostgres(Path(folder) / "postgres")
        server.ensure()
        yield server
        server.stop()


def _connect(server: EmbeddedPostgres) -> psycopg.Connection:
    return psycopg.connect(server.ensure().replace("+psycopg", ""), autocommit=True)


def _postmaster(server: EmbeddedPostgres) -> int:
    return int((server.folder / "data" / "postmaster.pid").read_text().split()[0])


def _setting(connection: psycopg.Connection, name: str) -> str:
    row = connection.execute("SELECT current_setting(%s)", [name]).fetchone()
    assert row is not None
    return str(row[0])


def _python(script: str, *arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen([sys.executable, "-c", script, *arguments], stdout=subprocess.PIPE, text=True)


def _output(process: "subprocess.Popen[str]") -> str:
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    return output


def test_a_new_folder_gets_a_database_reached_by_its_socket_alone(server: EmbeddedPostgres) -> None:
    assert not server.alive()

    with _connect(server) as connection:
        listens_on = _setting(connection, "listen_addresses")
        database = connection.info.dbname

    assert server.alive()
    assert (database, listens_on) == ("duijie", "")
    assert (server.folder / "run").stat().st_mode & 0o777 == 0o700


def test_what_was_acknowledged_is_on_the_disk(running: EmbeddedPostgres) -> None:
    with _connect(running) as connection:
        durable = [_setting(connection, name) for name in ("fsync", "synchronous_commit", "data_checksums")]

    assert durable == ["on", "on", "on"]


def test_the_environment_of_the_caller_moves_nothing(
    server: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPORT", "6543")
    monkeypatch.setenv("PGDATA", "/nowhere")

    url = server.ensure()

    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        assert connection.info.port == 5432


def test_rows_survive_a_killed_postmaster(server: EmbeddedPostgres) -> None:
    with _connect(server) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
    os.kill(_postmaster(server), signal.SIGKILL)

    with _connect(server) as connection:
        row = connection.execute("SELECT number FROM kept").fetchone()

    assert row == (7,)


def test_children_that_outlive_their_postmaster_are_waited_for(server: EmbeddedPostgres) -> None:
    with _connect(server) as connection, ThreadPoolExecutor() as pool:
        child = connection.info.backend_pid
        os.kill(child, signal.SIGSTOP)
        os.kill(_postmaster(server), signal.SIGKILL)

        start = pool.submit(server.ensure)
        with pytest.raises(TimeoutError):
            start.result(timeout=1)
        os.kill(child, signal.SIGCONT)

        assert start.result(timeout=60) == server.url


def test_a_killed_postmaster_that_nobody_reaps_is_replaced(server: EmbeddedPostgres) -> None:
    killed, is_still_there = _output(_python(_UNREAPED_KILL, str(server.folder))).split()

    assert is_still_there == "True"
    assert server.alive()
    assert _postmaster(server) != int(killed)


def test_a_server_that_answers_slowly_is_not_taken_for_none(
    server: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.ensure()
    before = (server.folder / "data" / "postmaster.pid").read_text().split()[0]
    answers = server._answers
    asked: list[str] = []

    def slow(database: str) -> bool:
        """Answers in time only every third time."""
        asked.append(database)
        return len(asked) % 3 == 0 and answers(database)

    monkeypatch.setattr(server, "_answers", slow)
    server.ensure()
    there = server.running()

    assert there
    assert len(asked) == 3
    assert (server.folder / "data" / "postmaster.pid").read_text().split()[0] == before


def test_a_stale_pid_file_that_names_another_process_harms_neither(server: EmbeddedPostgres) -> None:
    server.ensure()
    server.stop()
    owner = (server.folder / "data").stat().st_uid
    stranger = subprocess.Popen(["sleep", "60"], user=owner if os.geteuid() == 0 else None)
    (server.folder / "data" / "postmaster.pid").write_text(f"{stranger.pid}\n{server.folder / 'data'}\n")

    server.stop()
    server.ensure()

    assert server.alive()
    assert stranger.poll() is None
    stranger.kill()
    stranger.wait()


def test_processes_that_race_a_cold_start_share_one_server(server: EmbeddedPostgres) -> None:
    racers = [_python(_ENSURE, str(server.folder)) for _ in range(3)]

    urls = {_output(racer).strip() for racer in racers}

    assert urls == {server.url}
    assert server.alive()


def test_an_interrupted_first_start_is_begun_again(server: EmbeddedPostgres) -> None:
    unfinished = server.folder / "data.unfinished"
    unfinished.mkdir(parents=True)
    (unfinished / "PG_VERSION").write_text("18\n")

    server.ensure()

    assert server.alive()
    assert not unfinished.exists()


def test_a_stopped_server_is_gone_and_comes_back_with_its_rows(server: EmbeddedPostgres) -> None:
    with _connect(server) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS number")

    server.stop()

    assert not server.alive()
    with _connect(server) as connection:
        assert connection.execute("SELECT number FROM kept").fetchone() == (7,)


def test_stopping_what_never_ran_leaves_no_trace(server: EmbeddedPostgres) -> None:
    server.stop()

    assert not server.folder.exists()


def test_the_server_is_out_of_reach_of_the_starters_interrupt(running: EmbeddedPostgres) -> None:
    assert os.getsid(_postmaster(running)) != os.getsid(0)


def test_a_moved_folder_works_where_it_is_now(server: EmbeddedPostgres, place: Place) -> None:
    server.ensure()
    server.stop()
    moved = server.folder.rename(server.folder.with_name("moved"))

    there = place(moved)
    there.ensure()

    assert there.alive()
    there.stop()


@pytest.mark.parametrize("name", ["x" * 150, "a,b's 数据"])
def test_a_path_that_a_socket_address_cannot_hold_works(
    server: EmbeddedPostgres, place: Place, name: str
) -> None:
    elsewhere = place(server.folder.with_name(name))

    url = make_url(elsewhere.ensure())

    assert elsewhere.alive()
    elsewhere.stop()
    assert not Path(str(url.query["host"])).exists()


def test_client_programs_work_on_the_database(running: EmbeddedPostgres, tmp_path: Path) -> None:
    with _connect(running) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
    dump = tmp_path / "dump"

    running.run("pg_dump", "--format=custom", f"--file={dump}")
    contents = running.run("pg_restore", "--list", str(dump))

    assert "TABLE DATA public kept" in contents


def test_a_client_program_that_fails_says_why(running: EmbeddedPostgres) -> None:
    with pytest.raises(subprocess.CalledProcessError) as failure:
        running.run("psql", "-c", "SELECT nothing")

    assert 'column "nothing" does not exist' in failure.value.__notes__[0]


def test_damaged_files_are_reported_with_the_servers_words(server: EmbeddedPostgres) -> None:
    server.ensure()
    server.stop()
    (server.folder / "data" / "PG_VERSION").write_text("9\n")

    with pytest.raises(PostgresUnavailable, match="not compatible"):
        server.ensure()


def test_a_folder_that_cannot_be_written_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(PostgresUnavailable, match="DUIJIE_DATA_DIR"):
        EmbeddedPostgres(tmp_path / "file" / "postgres").ensure()
