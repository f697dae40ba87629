"""No other account of the machine reads the data folder."""

import os
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from service.commands import doctor
from service.platform import private_files
from service.platform.postgres.server import EmbeddedPostgres
from tests.telling import set_to


@pytest.fixture
def data(session: object) -> Iterator[Path]:
    """A data folder where every account may enter the one above it, so that root's server gets its own number."""
    with tempfile.TemporaryDirectory() as above:
        Path(above).chmod(0o755)
        folder = Path(above) / "var"
        folder.mkdir()
        yield folder


def duijie(folder: Path, *words: str) -> None:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("DUIJIE_")}
    environment = {**clean, "DUIJIE_DATA_DIR": str(folder), "DUIJIE_DEMO": "0"}
    subprocess.run([sys.executable, "-m", "service", *words], env=environment, umask=0o022, check=True)


def open_to_others(folder: Path) -> list[str]:
    """Whatever somebody else could read, write or enter, but for the way of the database's own group."""
    found = []
    for path in [folder, *folder.rglob("*")]:
        mode = path.lstat().st_mode
        passed = 0o010 if path in {folder, folder / "postgres"} else 0
        if not stat.S_ISLNK(mode) and mode & 0o077 & ~passed:
            found.append(f"{path.relative_to(folder)} {stat.S_IMODE(mode):o}")
    return found


def test_what_a_command_writes_is_private_whatever_the_umask(data: Path) -> None:
    data.rmdir()

    duijie(data, "migrate")

    assert {"keys.json", "secret.keys", "postgres"} <= {path.name for path in data.iterdir()}
    assert open_to_others(data) == []


def test_what_an_earlier_release_left_open_is_closed_by_any_command(data: Path) -> None:
    (data / "index").mkdir(mode=0o755)
    (data / "index" / "needs.snapshot").write_bytes(b"private words")
    (data / "keys.json").write_text("{}")
    assert len(open_to_others(data)) == 4

    duijie(data, "secrets", "new")

    assert open_to_others(data) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="root alone gives the server a number of its own")
def test_a_running_database_keeps_its_way_through_a_folder_that_is_closed(data: Path) -> None:
    server = EmbeddedPostgres(data / "postgres")
    server.ensure()
    data.chmod(0o755)
    try:
        duijie(data, "secrets", "new")

        assert open_to_others(data) == []
        assert server.alive()
        with psycopg.connect(server.url.replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute("CHECKPOINT")
    finally:
        server.stop()


def test_a_shared_folder_that_was_named_keeps_its_mode_and_what_is_not_ours(data: Path) -> None:
    data.chmod(0o755)
    (data / "index").mkdir(mode=0o755)
    (data / "others.txt").write_text("of somebody else")

    duijie(data, "secrets", "new")

    assert sorted(open_to_others(data)) == [". 755", "others.txt 644"]


def test_the_doctor_tells_what_others_can_read(data: Path) -> None:
    (data / "index").mkdir(mode=0o700)
    with set_to(data_dir=data):
        data.chmod(0o700)
        before = list(private_files.open_to_others())
        (data / "index").chmod(0o755)
        table, healthy = doctor.examine()

    said = [str(cell) for column in table.columns for cell in column.cells]
    assert before == []
    assert not healthy
    assert any("他人可读 1 处" in cell and "index" in cell for cell in said)
