"""What lies in the data folder is its owner's alone: contacts, texts that are not published, keys."""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from service.platform.postgres.account import is_own_number
from service.platform.settings import settings

_FOR_OTHERS = 0o077
_PASSED_THROUGH = 0o010
# Ours in the data folder. What else lies there, should somebody have named a shared folder, is left alone.
_OURS = frozenset({"postgres", "index", "models", "keys.json", "secret.keys", "scoring.json", "backups"})


def close_to_others() -> None:
    """Make what this process writes private, and what earlier releases wrote. Each command begins with it."""
    os.umask(_FOR_OTHERS)
    for path in open_to_others():
        # What belongs to another user stays, and `duijie doctor` tells.
        with suppress(PermissionError, FileNotFoundError):
            _close(path)


def _close(path: Path) -> None:
    """Close a file or folder to others; a database that runs behind it keeps its way, by the group of its number."""
    mode = path.stat().st_mode & ~_FOR_OTHERS
    postgres = settings().data_dir / "postgres"
    cluster = postgres / "data"
    if path in (settings().data_dir, postgres) and cluster.exists() and is_own_number(cluster.stat().st_uid):
        os.chown(path, -1, cluster.stat().st_uid)
        mode |= _PASSED_THROUGH
    path.chmod(mode)


def open_to_others() -> Iterator[Path]:
    """Everything of the service in its data folder that another account of the machine could read or enter."""
    folder = settings().data_dir
    if not folder.is_dir():
        return
    entries = list(folder.iterdir())
    ours = [entry for entry in entries if entry.name in _OURS]
    if ours and len(ours) == len(entries) and _is_open(folder):
        yield folder
    for entry in ours:
        yield from _open_below(entry)


def _open_below(path: Path) -> Iterator[Path]:
    if path.is_symlink():
        return
    with suppress(PermissionError, FileNotFoundError):
        if _is_open(path):
            yield path
        if path.is_dir():
            for entry in path.iterdir():
                yield from _open_below(entry)


def _is_open(path: Path) -> bool:
    found = path.stat()
    # As root's, the embedded database passes through by a group that nobody else is in.
    passed = _PASSED_THROUGH if path.is_dir() and is_own_number(found.st_gid) else 0
    return bool(found.st_mode & _FOR_OTHERS & ~passed)
