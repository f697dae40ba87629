"""A backup brings everything back, or nothing changes."""

from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlmodel import Session, col

from schemas.need import Need
from schemas.operation import Installation
from service.backup import BackupFailed, backup, restore
from tests.make import make_need


def installation(session: Session) -> UUID:
    session.commit()
    found: UUID = session.execute(select(col(Installation.id))).scalar_one()
    return found


def test_what_was_there_comes_back_contacts_and_all(session: Session, tmp_path: Path) -> None:
    need = make_need(session, description="电话13800138000", budget="50万")
    file = tmp_path / "duijie.backup"
    backup(file)
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
    backup(file)
    file.write_bytes(file.read_bytes()[: file.stat().st_size * 2 // 3])

    with pytest.raises(BackupFailed):
        restore(file)

    assert [found.id for found in session.execute(select(Need)).scalars()] == [need.id]


def test_a_backup_that_cannot_be_written_leaves_no_half_file(session: Session, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="nowhere"):
        backup(tmp_path / "nowhere" / "file")

    assert list(tmp_path.iterdir()) == []
