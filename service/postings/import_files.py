"""Files of imports in the database, piece by piece: neither process holds one whole."""

import tempfile
from typing import BinaryIO, cast

from sqlalchemy import delete, text
from sqlmodel import Session, col, select

from schemas.import_run import ImportChunk, ImportRun

_CHUNK = 1 << 20


def keep_file(session: Session, run: ImportRun, file: BinaryIO) -> None:
    file.seek(0)
    number = 0
    while some := file.read(_CHUNK):
        chunk = ImportChunk(run_id=run.id, number=number, content=some)
        session.add(chunk)
        session.flush()
        session.expunge(chunk)
        number += 1


def kept_file(session: Session, run: ImportRun) -> BinaryIO:
    """The file again, on a disk of this machine under no name. The caller closes it."""
    _adopt_old(session, run)
    numbers = session.exec(
        select(ImportChunk.number).where(ImportChunk.run_id == run.id).order_by(col(ImportChunk.number))
    ).all()
    file = tempfile.TemporaryFile()  # noqa: SIM115
    for number in numbers:
        chunk = select(ImportChunk.content).where(ImportChunk.run_id == run.id, ImportChunk.number == number)
        file.write(session.exec(chunk).one())
    return cast("BinaryIO", file)


def forget_file(session: Session, run: ImportRun) -> None:
    session.execute(delete(ImportChunk).where(col(ImportChunk.run_id) == run.id))


def _adopt_old(session: Session, run: ImportRun) -> None:
    """The release before kept a file whole, sealed as a piece is: it is one large piece."""
    if run.file is None:
        return
    session.execute(
        text(
            "INSERT INTO import_chunk (id, created_at, updated_at, run_id, number, content)"
            " SELECT gen_random_uuid(), created_at, updated_at, id, 0, file FROM import_run WHERE id = :run"
        ),
        {"run": run.id},
    )
    run.file = None
