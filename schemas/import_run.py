"""One file of postings, taken in row by row."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import DateTime, Text, UniqueConstraint
from sqlmodel import Field

from schemas.base import Row, choice, structured
from schemas.leak import RowLeak
from schemas.sealed import sealed
from schemas.vocabulary import Side


class ImportStatus(StrEnum):
    running = "running"
    finished = "finished"
    failed = "failed"


class RowProblem(BaseModel):
    """Why a row was left out. Rows are counted as the file shows them, its heading being row 1."""

    row: int
    field: str
    code: str
    message: str


class RowGuess(BaseModel):
    """A field that was written in words, and how it was understood: for a person to confirm."""

    row: int
    field: str
    written: Any
    read: Any


class ImportRun(Row, table=True):
    __tablename__ = "import_run"

    organization_id: UUID = Field(foreign_key="organization.id", index=True)
    api_key_id: UUID = Field(foreign_key="api_key.id")
    kind: Side = Field(sa_type=choice(Side))
    publish: bool = False
    file_name: str = Field(sa_type=Text)
    file: str | None = Field(
        default=None, sa_type=Text, nullable=True, description="Written by the release before this one."
    )
    language: str = Field(default="zh", sa_type=Text)
    status: ImportStatus = Field(default=ImportStatus.running, sa_type=choice(ImportStatus))
    failure: str = Field(default="", sa_type=Text)
    rows: int = Field(default=0, description="0 until the file was read through.")
    done: int = Field(default=0, description="Rows dealt with; a run that was killed goes on from here.")
    accepted: int = 0
    rejected: int = 0
    errors: list[RowProblem] = Field(default_factory=list, sa_type=structured(list[RowProblem]))
    guesses: list[RowGuess] = Field(default_factory=list, sa_type=sealed(list[RowGuess]))
    held: int = Field(
        default=0, description="Rows taken in that wait for review, for what they might give away."
    )
    leaks: list[RowLeak] = Field(default_factory=list, sa_type=structured(list[RowLeak]))
    forgotten_at: datetime | None = Field(
        default=None, sa_type=DateTime(timezone=True), description="Since when its guesses are gone."
    )
    finished_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))


class ImportChunk(Row, table=True):
    """A piece of a file, kept until its run has ended: sealed by itself, so that none is ever opened whole."""

    __tablename__ = "import_chunk"
    __table_args__ = (UniqueConstraint("run_id", "number"),)

    run_id: UUID = Field(foreign_key="import_run.id", ondelete="CASCADE")
    number: int
    content: bytes = Field(sa_type=sealed(bytes))


class ImportShown(BaseModel):
    id: UUID
    kind: Side
    publish: bool
    file_name: str
    status: ImportStatus
    failure: str
    rows: int
    done: int
    accepted: int
    rejected: int
    errors: list[RowProblem]
    guesses: list[RowGuess]
    held: int
    leaks: list[RowLeak]
    created_at: datetime
    finished_at: datetime | None
