"""``duijie backup`` and ``duijie restore``, and the backups that the worker makes by itself."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import psycopg
from sqlalchemy import create_engine, text, update
from sqlalchemy.engine import make_url
from sqlmodel import Session, col
from uuid_utils.compat import uuid7

from schemas.base import now
from schemas.operation import Installation
from service.access import audit
from service.commands.dump import BackupFailed, closed_columns, play_back, write_dump
from service.platform.db import database_url, engine, psycopg_connection, transaction
from service.platform.migrations import migrate
from service.platform.postgres.version import check_server
from service.platform.settings import settings
from service.platform.terminal_language import said
from service.postings.access import TABLES

__all__ = [
    "BackupFailed",
    "back_up",
    "back_up_if_due",
    "become_another",
    "require_keys",
    "restore",
]

_HERE = ZoneInfo("Asia/Shanghai")
TABLES_THERE = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"


def back_up(file: Path, *, verify: bool = False) -> None:
    """Write everything that is kept to a new file, and, where it is asked for, restore it on trial.

    Raises:
        BackupFailed: there is a file already, or it could not be written, or the trial failed; no file is left.
    """
    if file.exists():
        raise BackupFailed(said("{file} 已经存在，不会覆盖；请换一个文件名", file=file))
    with engine().connect() as connection:
        check_server(connection)
    write_dump(file)
    if verify:
        try:
            _restore_on_trial(file)
        except BackupFailed:
            file.unlink()
            raise
    with transaction() as session:
        session.execute(update(Installation).values(backed_up_at=now()))


def restore(file: Path) -> None:
    """Replace everything by what is in ``file``: all of it, or, on any error, nothing.

    Raises:
        BackupFailed: it is no backup, or holds what none of the present keys opens.
    """
    with engine().connect() as connection:
        check_server(connection)
    require_keys(file)
    play_back(file, database_url())
    engine().dispose()
    migrate()
    with transaction() as session:
        become_another(session)
        # The chain that came back with the rest goes on from here.
        audit.note(session, None, "database.restore", None)


def become_another(session: Session) -> None:
    """What has to change in rows that came from another database."""
    # Another installation from now on: index snapshots of before tell of other rows.
    session.execute(update(Installation).values(id=uuid7()))
    for table in TABLES.values():
        # Transaction ids are of the database they were written in.
        session.execute(update(table).values(version=col(table.version)))
    session.execute(text("UPDATE notice SET written_xid = pg_current_xact_id()"))
    session.execute(text("UPDATE outbox SET sent_at = NULL, sent_by = ''"))


def back_up_if_due(folder: Path) -> Path | None:
    """Make today's backup, once its hour has come, and remove the oldest above the number that is kept."""
    moment = datetime.now(_HERE)
    due_at = moment.replace(hour=settings().backup_hour, minute=0, second=0, microsecond=0)
    if due_at > moment:
        due_at -= timedelta(days=1)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    made = _made_by_itself(folder)
    if made and datetime.fromtimestamp(made[-1].stat().st_mtime, _HERE) >= due_at:
        return None
    file = folder / f"duijie-{moment:%Y%m%d-%H%M%S}.dump"
    back_up(file, verify=_may_make_databases())
    for old in [*made, file][: -settings().backup_keep]:
        old.unlink()
    return file


def _made_by_itself(folder: Path) -> list[Path]:
    # The names have the same length, and sort by time.
    return sorted(folder.glob("duijie-????????-??????.dump"))


def require_keys(file: Path) -> None:
    """Refuse a dump of which some sealed value opens with none of our keys."""
    closed = closed_columns(file)
    if closed:
        raise BackupFailed(
            said(
                "备份中的 {columns} 用现有的密钥打不开，联系方式等内容将永远无法读取，因此未恢复。"
                "请先把备份当时的密钥加到 DUIJIE_SECRET_KEY 末尾（用逗号隔开）；内置数据库的密钥在当时"
                "的 secret.keys 中",
                columns=said("、").join(closed),
            )
        )


def _restore_on_trial(file: Path) -> None:
    require_keys(file)
    with _scratch_database() as address:
        play_back(file, address)
        scratch = create_engine(address)
        with scratch.connect() as there, engine().connect() as here:
            missing = set(here.scalars(text(TABLES_THERE))) - set(there.scalars(text(TABLES_THERE)))
        scratch.dispose()
    if missing:
        raise BackupFailed(said("试恢复后缺少 {tables}，备份不可用", tables=said("、").join(sorted(missing))))


def _may_make_databases() -> bool:
    with engine().connect() as connection:
        may = text("SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user")
        return bool(connection.scalar(may))


@contextmanager
def _scratch_database() -> Iterator[str]:
    """The address of an empty database beside ours, which goes at the end."""
    name = f"duijie_trial_{secrets.token_hex(4)}"
    with psycopg_connection() as connection:
        try:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE template0")
        except psycopg.errors.InsufficientPrivilege as error:
            raise BackupFailed(
                said("试恢复需要临时建一个数据库，当前账号没有这项权限：请由管理员执行 ALTER ROLE … CREATEDB")
            ) from error
        try:
            url = make_url(database_url()).set(database=name)
            yield url.render_as_string(hide_password=False)
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
