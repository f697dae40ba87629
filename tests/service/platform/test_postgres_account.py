import os
import pwd
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from service.platform.postgres import account as postgres_account
from service.platform.postgres.server import EmbeddedPostgres, PostgresUnavailable


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """Where every account may enter, unlike ``tmp_path``."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o711)
        yield Path(folder)


def test_a_folder_closed_to_others_works_and_stays_closed(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    above = {folder: folder.stat().st_mode for folder in [closed, *closed.parents]}

    server = EmbeddedPostgres(closed / "postgres")
    server.ensure()
    server.stop()

    assert {folder: folder.stat().st_mode for folder in above} == above


@pytest.mark.parametrize("umask", [0o022, 0o077])
def test_binaries_that_others_cannot_reach_are_copied_for_them(
    open_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, umask: int
) -> None:
    package = postgres_account.wheel_binaries().parents[1]
    shutil.copytree(package / "pginstall", tmp_path / package.name / "pginstall", symlinks=True)
    shutil.copytree(package.with_name(f"{package.name}.libs"), tmp_path / f"{package.name}.libs")
    tmp_path.chmod(0o700)
    closed = tmp_path / package.name / "pginstall" / "bin"
    monkeypatch.setattr(postgres_account, "wheel_binaries", lambda: closed)

    os.umask(umask)
    server = EmbeddedPostgres(open_folder / "postgres")
    server.ensure()
    server.stop()

    assert tmp_path.stat().st_mode & 0o777 == 0o700
    assert len(list(server.folder.glob("binaries-*"))) == (1 if os.geteuid() == 0 else 0)


def test_where_nobody_may_run_it_the_way_out_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(postgres_account, "_opened_to", lambda *_: False)
    monkeypatch.setattr(postgres_account, "_NAMESPACE", ("false",))

    with pytest.raises(PostgresUnavailable, match="DUIJIE_DATABASE_URL"):
        EmbeddedPostgres(tmp_path / "postgres").ensure()


as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root lends the server a user number")


def _owners(folder: Path) -> set[int]:
    return {path.lstat().st_uid for path in [folder, *folder.rglob("*")]}


@as_root
def test_no_account_of_the_machine_is_lent_to_the_server(open_folder: Path) -> None:
    open_folder.chmod(0o755)
    closed = open_folder / "var"
    closed.mkdir(mode=0o700)
    server = EmbeddedPostgres(closed / "postgres")

    server.ensure()
    owners = _owners(server.folder / "data")
    (postmaster,) = {
        Path(f"/proc/{(server.folder / 'data' / 'postmaster.pid').read_text().split()[0]}").stat().st_uid
    }
    server.stop()

    assert owners == {postmaster}
    assert postmaster not in {entry.pw_uid for entry in pwd.getpwall()}
    # Its group, which nobody is in, passes through; no other account does.
    assert [(path.stat().st_mode & 0o777, path.stat().st_gid) for path in (closed, server.folder)] == [
        (0o710, postmaster)
    ] * 2


@as_root
def test_a_cluster_that_was_lent_to_an_account_changes_over(open_folder: Path) -> None:
    server = EmbeddedPostgres(open_folder / "postgres")
    with psycopg.connect(server.ensure().replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
    server.stop()
    nobody = pwd.getpwnam("nobody")
    for path in [server.folder / "data", *(server.folder / "data").rglob("*")]:
        os.chown(path, nobody.pw_uid, nobody.pw_gid)

    with psycopg.connect(server.ensure().replace("+psycopg", "")) as connection:
        row = connection.execute("SELECT number FROM kept").fetchone()
    server.stop()

    assert row == (7,)
    assert nobody.pw_uid not in _owners(server.folder)
