"""``duijie move``: everything into another database, and the keys with it."""

import secrets
from pathlib import Path

from sqlalchemy import Engine, create_engine, func, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, SQLModel

from service.access import audit
from service.commands.backup import TABLES_THERE, become_another, require_keys
from service.commands.dump import BackupFailed, play_back, write_dump
from service.platform.ciphers import secret_keys
from service.platform.db import engine, require_stopped
from service.platform.migrations import migrate
from service.platform.postgres.version import check_server
from service.platform.settings import settings
from service.platform.terminal_language import said


def move(address: str) -> Path:
    """Copy everything to the empty database at ``address``; what is here stays. The file with the new settings.

    Raises:
        BackupFailed: something would be lost or overwritten; nothing was moved.
    """
    url = make_url(address).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
    file = settings().data_dir / "moved.env"
    if file.exists():
        raise BackupFailed(said("{file} 已经存在：请先收好其中的密钥，再改名或移走它", file=file))
    migrate()
    require_stopped()
    there = create_engine(url, hide_parameters=True)
    try:
        _require_empty(there)
        _copy(url)
        _require_all_there(there)
        with Session(there) as session, session.begin():
            become_another(session)
            audit.note(session, None, "database.move", None)
    finally:
        there.dispose()
    settings().data_dir.mkdir(parents=True, exist_ok=True)
    file.touch(mode=0o600)
    written = make_url(address).set(drivername="postgresql").render_as_string(hide_password=False)
    file.write_text(
        f"DUIJIE_DATABASE_URL={written}\nDUIJIE_SECRET_KEY={','.join(secret_keys())}\n", encoding="utf-8"
    )
    return file


def _require_empty(there: Engine) -> None:
    try:
        with there.connect() as connection:
            check_server(connection)
            found = connection.scalars(text(TABLES_THERE)).all()
    except OperationalError as error:
        raise BackupFailed(said("连接不上目标数据库：{orig}", orig=error.orig)) from error
    if found:
        raise BackupFailed(
            said(
                "目标数据库不是空的（有 {table} 等 {count} 个表），不会覆盖", table=found[0], count=len(found)
            )
        )


def _copy(url: str) -> None:
    dump = settings().data_dir / f".move-{secrets.token_hex(4)}.dump"
    try:
        write_dump(dump)
        require_keys(dump)
        play_back(dump, url)
    finally:
        dump.unlink(missing_ok=True)


def _require_all_there(there: Engine) -> None:
    with engine().connect() as ours, there.connect() as theirs:
        for table in SQLModel.metadata.sorted_tables:
            count = select(func.count()).select_from(table)
            if ours.scalar(count) != theirs.scalar(count):
                raise BackupFailed(
                    said("目标数据库的 {name} 行数不符，请清空目标数据库后重试", name=table.name)
                )
