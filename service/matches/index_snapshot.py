"""The index on disk, so that a start need not read every posting. Losing it costs nothing but time."""

import fcntl
import json
import os
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

import structlog

from matching.content import Content
from matching.index import MatchIndex
from matching.index_file import write_content
from schemas.embedding import EncoderModel
from schemas.vocabulary import Side
from service.platform.settings import settings

log = structlog.get_logger()

# What is in the file, and in which order; another release's is not read.
_LAYOUT = 2


def save_snapshot(
    side: Side, content: Content, running_from: int, installation: UUID, model: EncoderModel
) -> bool:
    """Write one side whole or not at all; False where another process is writing it at this moment."""
    about = {**_about(installation, model), "running_from": running_from}
    folder = settings().data_dir / "index"
    folder.mkdir(parents=True, exist_ok=True)
    beside = folder / f".{side}.unfinished"
    with _alone(beside) as file:
        if file is None:
            return False
        try:
            file.write(json.dumps(about).encode() + b"\n")
            write_content(content, file)
            file.flush()
            beside.replace(_path(side))
        except OSError:
            # A full disk is not to be kept full by what came of the attempt.
            file.truncate(0)
            raise
    return True


def load_snapshot(side: Side, installation: UUID, model: EncoderModel) -> tuple[MatchIndex, int] | None:
    """The index, and from which transaction on it has to catch up; None when there is none to believe."""
    try:
        with _path(side).open("rb") as file:
            about = json.loads(file.readline())
            running_from = int(about.pop("running_from"))
            if about != _about(installation, model):
                return None
            return MatchIndex.load(file, model.dim), running_from
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
        log.warning("index snapshot is damaged, reading the tables instead", side=str(side), error=str(error))
        return None


def _about(installation: UUID, model: EncoderModel) -> dict[str, object]:
    return {"layout": _LAYOUT, "installation": str(installation), "model": model.name}


@contextmanager
def _alone(path: Path) -> Iterator[BinaryIO | None]:
    """The file, emptied, for one process at a time; None for any other. A lock goes with its holder."""
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "wb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield None
            return
        file.truncate(0)
        yield file


def _path(side: Side) -> Path:
    return settings().data_dir / "index" / f"{side}.snapshot"
