"""A backup brings everything back, or nothing changes."""

import os
from datetime import timedelta
from pathlib import Path
from unittest.mock import Mock
from uuid import UUID

import psycopg
import pytest
from pydantic import SecretStr
from sqlalchemy import select, text, update
from sqlalchemy.engine import make_url
from sqlmodel import Session, col

from schemas.base import now
from schemas.need import Need
from schemas.operation import Installation
from schemas.outbox import OutboxMessage, Topic
from service.commands import backup, dump
from service.commands.backup import back_up, restore
from service.commands.doctor import examine
from service.commands.dump import BackupFailed
from service.platform import ciphers, db, migrations
from service.platform.ciphers import new_secret
from service.platform.installation import last_backup
from service.platform.postgres import version as server_version
from service.platform.postgres.version import UnsupportedServer, check_server
from tests import postgres
from tests.make import make_need
from tests.telling import set_to
from workers import backups


def installation(session: Session) -> UUID:
    session.commit()
    found: UUID = session.execute(select(col(Installation.id))).scalar_one()
    return found


def test_what_was_there_comes_back_contacts_and_all(session: Session, tmp_path: Path) -> None:
    need = make_need(session, description="电话13800138000", budget="50万")
    file = tmp_path / "duijie.backup"
    back_up(file)
    before = installation(session)
    session.execute(text("UPDATE need SET title = '改坏了', contacts = '[]'"))
    make_need(session, title="备份之后的")
    session.close()

    restore(file)

    (found,) = session.execute(select(Need)).scalars()
    assert (found.id, found.title, found.contacts[0].phone) == (need.id, need.title, "13800138000")
    assert installation(session) != before


def test_a_file_that_is_no_backup_changes_nothing(session: Session, tmp_path: Path) -> None:
    need = make_need(session)
    session.close()
    file = tmp_path / "broken"
    file.write_bytes(b"not a dump at all")

    with pytest.raises(BackupFailed, match="pg_restore"):
        restore(file)

    assert [found.id for found in session.execute(select(Need)).scalars()] == [need.id]


def test_a_truncated_backup_changes_nothing(session: Session, tmp_path: Path) -> None:
    need = make_need(session)
    session.close()
    file = tmp_path / "half"
    back_up(file)
    file.write_bytes(file.read_bytes()[: file.stat().st_size * 2 // 3])

    with pytest.raises(BackupFailed):
        restore(file)

    assert [found.id for found in session.execute(select(Need)).scalars()] == [need.id]


def test_a_backup_that_cannot_be_written_leaves_no_half_file(session: Session, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="nowhere"):
        back_up(tmp_path / "nowhere" / "file")

    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_there_is_not_overwritten(session: Session, tmp_path: Path) -> None:
    file = tmp_path / "duijie.backup"
    file.write_bytes(b"the only copy")

    with pytest.raises(BackupFailed, match="不会覆盖"):
        back_up(file)

    assert file.read_bytes() == b"the only copy"


def test_a_verified_backup_was_restored_beside_the_database(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_need(session, description="电话13800138000")
    session.close()
    played: list[str] = []

    def play_back(file: Path, address: str) -> None:
        played.append(address)
        dump.play_back(file, address)

    monkeypatch.setattr(backup, "play_back", play_back)

    back_up(tmp_path / "duijie.backup", verify=True)

    (address,) = played
    assert make_url(address).database != make_url(db.database_url()).database
    left = session.execute(text("SELECT datname FROM pg_database")).scalars().all()
    assert make_url(address).database not in left


def test_a_backup_that_cannot_be_restored_is_none(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut(file: Path) -> None:
        dump.write_dump(file)
        file.write_bytes(file.read_bytes()[: file.stat().st_size * 2 // 3])

    monkeypatch.setattr(backup, "write_dump", cut)
    before = last_backup(session)

    with pytest.raises(BackupFailed):
        back_up(tmp_path / "duijie.backup", verify=True)

    assert list(tmp_path.iterdir()) == []
    assert last_backup(session) == before
    databases = session.execute(text("SELECT datname FROM pg_database")).scalars().all()
    assert not [name for name in databases if name.startswith("duijie_trial")]


def test_what_no_key_opens_is_not_restored(session: Session, tmp_path: Path) -> None:
    make_need(session, description="电话13800138000")
    file = tmp_path / "duijie.backup"
    back_up(file)
    session.execute(text("UPDATE need SET title = '后来的'"))
    session.commit()

    with set_to(secret_key=SecretStr(new_secret())):
        ciphers.cipher.cache_clear()
        with pytest.raises(BackupFailed, match=r"need\.contacts") as failure:
            restore(file)
    ciphers.cipher.cache_clear()

    assert "DUIJIE_SECRET_KEY" in str(failure.value)
    assert [found.title for found in session.execute(select(Need)).scalars()] == ["后来的"]


@pytest.mark.skipif(not postgres.binaries(postgres.OLDEST).exists(), reason="needs Debian's postgresql-15")
def test_a_backup_is_restored_by_the_oldest_server(session: Session, tmp_path: Path) -> None:
    need = make_need(session, description="电话13800138000")
    session.close()
    file = tmp_path / "duijie.backup"
    back_up(file)

    with postgres.server(postgres.OLDEST) as address:
        dump.play_back(file, address)
        with psycopg.connect(address) as connection:
            row = connection.execute("SELECT id, current_setting('server_version') FROM need").fetchone()

    assert row is not None
    assert (row[0], row[1].split(".")[0]) == (need.id, postgres.OLDEST)


@pytest.mark.parametrize(
    ("number", "fits"), [(140019, False), (150000, True), (180006, True), (190000, False)]
)
def test_only_versions_on_which_it_was_run_are_taken(number: int, fits: bool) -> None:
    connection = Mock(execute=Mock(return_value=Mock(scalar_one=lambda: str(number))))

    if fits:
        check_server(connection)
    else:
        with pytest.raises(UnsupportedServer, match="PostgreSQL 15 至 18"):
            check_server(connection)


def test_migrating_and_backing_up_refuse_another_version(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_version, "NEWEST", 14)

    with pytest.raises(UnsupportedServer):
        migrations.migrate()
    with pytest.raises(UnsupportedServer):
        back_up(tmp_path / "file")
    table, healthy = examine()

    assert not healthy
    assert any("本程序支持" in str(cell) for column in table.columns for cell in column.cells)
    assert list(tmp_path.iterdir()) == []


def test_the_worker_makes_one_backup_a_day_and_keeps_the_newest(session: Session, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    old = [folder / f"duijie-2026010{day}-030000.dump" for day in (1, 2, 3)]
    for file in old:
        file.touch()
        os.utime(file, (0, 0))
    (folder / "by-hand.dump").touch()
    session.add(message := OutboxMessage(topic=Topic.backup))
    session.commit()

    with set_to(backup_dir=folder, backup_keep=2):
        backups.back_up(str(message.id))
        backups.back_up(str(message.id))

    session.expire_all()
    kept = sorted(file.name for file in folder.glob("duijie-*"))
    made = (folder / kept[-1]).stat()
    assert (len(kept), kept[0]) == (2, old[-1].name)
    assert made.st_mode & 0o777 == 0o600
    assert (folder / "by-hand.dump").exists()
    assert message.due_at > now()


def test_the_doctor_tells_the_age_of_the_last_backup(session: Session, tmp_path: Path) -> None:
    def told() -> tuple[str, str]:
        table, _ = examine()
        rows = zip(*(column.cells for column in table.columns), strict=True)
        (found,) = [(str(state), str(remark)) for part, state, remark in rows if part == "备份"]
        return found

    session.execute(update(Installation).values(backed_up_at=None))
    session.commit()
    with set_to(backup_dir=tmp_path):
        never = told()
        back_up(tmp_path / "file")
        fresh = told()
        session.execute(update(Installation).values(backed_up_at=now() - timedelta(days=3)))
        session.commit()
        stale = told()

    assert "异常" in never[0]
    assert "正常" in fresh[0]
    assert "0 小时前" in fresh[1]
    assert "异常" in stale[0]
    assert "3 天前" in stale[1]
