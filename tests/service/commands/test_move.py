"""Everything into another database, and the keys with it."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from cryptography.fernet import Fernet
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlmodel import Session
from typer.testing import CliRunner

from service.commands.cli import app
from service.commands.dump import BackupFailed
from service.commands.move import move
from service.platform import db
from service.platform.db import StillRunning, psycopg_connection
from service.platform.settings import settings
from tests.make import make_need
from tests.telling import set_to


@pytest.fixture
def target(session: Session, tmp_path: Path) -> Iterator[str]:
    """An empty database beside ours."""
    with psycopg_connection() as connection:
        connection.execute("CREATE DATABASE moved_to TEMPLATE template0")
        yield make_url(db.database_url()).set(database="moved_to").render_as_string(hide_password=False)
        connection.execute("DROP DATABASE moved_to WITH (FORCE)")
    (settings().data_dir / "moved.env").unlink(missing_ok=True)


def connected(address: str) -> psycopg.Connection:
    return psycopg.connect(
        make_url(address).set(drivername="postgresql").render_as_string(hide_password=False)
    )


def test_contacts_open_in_the_new_place_with_what_was_written_for_it(session: Session, target: str) -> None:
    make_need(session, title="搬家的需求", description="电话13800138000")

    done = CliRunner().invoke(app, ["move", "--to", target])

    file = settings().data_dir / "moved.env"
    given = dict(line.split("=", 1) for line in file.read_text().splitlines())
    key = Fernet(given["DUIJIE_SECRET_KEY"].split(",")[0])
    with connected(given["DUIJIE_DATABASE_URL"]) as there:
        row = there.execute("SELECT title, contacts FROM need").fetchone()
        last = there.execute("SELECT action FROM audit_entry ORDER BY number DESC LIMIT 1").fetchone()
    assert done.exit_code == 0, done.output
    assert str(file) in done.output.replace("\n", "")
    assert given["DUIJIE_SECRET_KEY"] not in done.output
    assert file.stat().st_mode & 0o777 == 0o600
    assert row is not None
    assert row[0] == "搬家的需求"
    assert b"13800138000" in key.decrypt(row[1])
    assert last == ("database.move",)
    assert session.execute(text("SELECT title FROM need")).scalar_one() == "搬家的需求"
    assert not list(settings().data_dir.glob(".move-*"))


def test_a_database_that_holds_something_is_not_overwritten(session: Session, target: str) -> None:
    with connected(target) as there:
        there.execute("CREATE TABLE somebodys AS SELECT 1 AS number")

    with pytest.raises(BackupFailed, match="somebodys"):
        move(target)

    with connected(target) as there:
        assert there.execute("SELECT number FROM somebodys").fetchone() == (1,)


def test_what_our_keys_do_not_open_is_not_moved(session: Session, target: str) -> None:
    make_need(session, description="电话13800138000")
    token = Fernet(Fernet.generate_key()).encrypt(b"[]").decode()
    session.execute(text("UPDATE need SET contacts = :token"), {"token": token})
    session.commit()

    with pytest.raises(BackupFailed, match=r"need\.contacts"):
        move(target)

    with connected(target) as there:
        assert there.execute("SELECT to_regclass('need')").fetchone() == (None,)
    assert not (settings().data_dir / "moved.env").exists()


def test_nothing_is_moved_while_the_service_runs(
    session: Session, target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    session.execute(text("SELECT 1"))
    monkeypatch.setattr(db, "_PROCESS", "duijie another process")

    with pytest.raises(StillRunning):
        move(target)


def test_a_server_that_is_not_there_is_told(session: Session, target: str, tmp_path: Path) -> None:
    away = make_url(target).set(query={"host": str(tmp_path), "port": "5432"})

    with set_to(), pytest.raises(BackupFailed, match="连接不上"):
        move(away.render_as_string(hide_password=False))
