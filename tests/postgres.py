"""A PostgreSQL of another version than the package's own, as Debian installs it beside others."""

import os
import pwd
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL

# Which version the whole run is to use; without it, the one that the package brings.
CHOSEN = os.environ.get("DUIJIE_TEST_POSTGRES")
OLDEST = "15"


def binaries(version: str) -> Path:
    return Path(f"/usr/lib/postgresql/{version}/bin")


@contextmanager
def server(version: str) -> Iterator[str]:
    """The address of an empty database on a server of this version."""
    programs = binaries(version)
    user = pwd.getpwnam("postgres").pw_uid if os.geteuid() == 0 else None
    with tempfile.TemporaryDirectory(prefix="pg") as folder:
        if user is not None:
            os.chown(folder, user, -1)

        def run(program: str, *arguments: str) -> None:
            command = [str(programs / program), *arguments]
            subprocess.run(command, check=True, user=user, cwd="/", stdout=subprocess.DEVNULL)

        data = f"{folder}/data"
        run(
            "initdb",
            "-D",
            data,
            "-U",
            "duijie",
            "--auth=trust",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
        )
        options = f"-c listen_addresses= -c unix_socket_directories={folder} -c fsync=off"
        run("pg_ctl", "-D", data, "-l", f"{folder}/log", "-o", options, "-w", "start")
        try:
            run("createdb", "-h", folder, "-U", "duijie", "duijie")
            yield address(folder, "duijie")
        finally:
            run("pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")


def address(host: str, database: str) -> str:
    url = URL.create("postgresql", username="duijie", database=database, query={"host": host, "port": "5432"})
    return url.render_as_string(hide_password=False)
