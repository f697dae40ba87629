"""The index on disk, so that a start need not read every posting. Losing it costs nothing but time."""

import io
import json
import os
import zipfile
from pathlib import Path
from uuid import UUID

import structlog

from matching.index import MatchIndex
from schemas.embedding import EncoderModel, Side
from service.settings import settings

log = structlog.get_logger()


def save_snapshot(
    side: Side, index: MatchIndex, running_from: int, installation: UUID, model: EncoderModel
) -> None:
    """Write one side whole or not at all. Two processes that do so at once write the same."""
    folder = settings().data_dir / "index"
    folder.mkdir(parents=True, exist_ok=True)
    about = {"installation": str(installation), "model": model.name, "running_from": running_from}
    beside = folder / f".{side}.{os.getpid()}"
    with beside.open("wb") as file:
        file.write(json.dumps(about).encode() + b"\n")
        index.save(file)
    beside.replace(_path(side))


def load_snapshot(side: Side, installation: UUID, model: EncoderModel) -> tuple[MatchIndex, int] | None:
    """The index, and from which transaction on it has to catch up; None when there is none to believe."""
    try:
        with _path(side).open("rb") as file:
            about = json.loads(file.readline())
            if (about["installation"], about["model"]) != (str(installation), model.name):
                return None
            content = io.BytesIO(file.read())
        return MatchIndex.load(content, model.dim), int(about["running_from"])
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
        log.warning("index snapshot is damaged, reading the tables instead", side=str(side), error=str(error))
        return None


def _path(side: Side) -> Path:
    return settings().data_dir / "index" / f"{side}.snapshot"
