import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from service import postgres_account
from service.embedded_postgres import EmbeddedPostgres, PostgresUnavailable


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


def test_binaries_that_others_cannot_reach_are_copied_for_them(
    open_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = postgres_account.wheel_binaries().parents[1]
    shutil.copytree(package / "pginstall", tmp_path / package.name / "pginstall", symlinks=True)
    shutil.copytree(package.with_name(f"{package.name}.libs"), tmp_path / f"{package.name}.libs")
    tmp_path.chmod(0o700)
    closed = tmp_path / package.name / "pginstall" / "bin"
    monkeypatch.setattr(postgres_account, "wheel_binaries", lambda: closed)

    server = EmbeddedPostgres(open_folder / "postgres")
    server.ensure()
    server.stop()

    assert tmp_path.stat().st_mode & 0o777 == 0o700
    assert len(list(server.folder.glob("binaries-*"))) == (1 if os.geteuid() == 0 else 0)


def test_where_nobody_may_run_it_the_way_out_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(postgres_account, "_account", lambda _: None)
    monkeypatch.setattr(postgres_account, "_NAMESPACE", ("false",))

    with pytest.raises(PostgresUnavailable, match="DUIJIE_DATABASE_URL"):
        EmbeddedPostgres(tmp_path / "postgres").ensure()
