"""Which versions of PostgreSQL the service runs on. The tests run on the oldest and on the newest."""

from sqlalchemy import Connection, text

from service.platform.terminal_language import said
from service.platform.unable import Unable

OLDEST, NEWEST = 15, 18


class UnsupportedServer(Unable):
    """The database is of a version on which the service was never run; the message is for its operator."""


def check_server(connection: Connection) -> None:
    """Refuse a server that is too old to run on, or newer than the programs that make and read backups."""
    number: str = connection.execute(text("SHOW server_version_num")).scalar_one()
    major = int(number) // 10_000
    if not OLDEST <= major <= NEWEST:
        raise UnsupportedServer(
            said(
                "数据库是 PostgreSQL {major}，本程序支持 PostgreSQL {oldest} 至 {newest}。请换用受支持的版本",
                major=major,
                oldest=OLDEST,
                newest=NEWEST,
            )
        )
