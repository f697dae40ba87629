"""Working off an import, a hundred rows a transaction, from wherever it was left."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from pydantic import ValidationError
from sqlmodel import Session

from schemas.base import Wording, now
from schemas.capability import Capability, CapabilityCreate
from schemas.embedding import Side
from schemas.import_run import ImportRun, ImportStatus, RowGuess, RowProblem
from schemas.leak import RowLeak
from schemas.need import Need, NeedCreate
from schemas.outbox import OutboxMessage, Urgency
from schemas.posting import AsPosted
from schemas.vocabulary import PostingStatus
from service import postings
from service.auth import Principal, principal_of
from service.db import transaction
from service.errors import Problem, Unauthorized, field_problems, why
from service.leaks import to_review
from service.messages import said
from service.settings import settings
from service.tabular import ReadFile, ReadRow, read_file

_ROWS_AT_ONCE = 100
# A file of nothing but mistakes must not make a row of the database that nobody can read.
_MOST_LISTED = 1_000
_UNREAD = Wording("不认识的列，未读取", "This column is not known and was not read")

_BODIES: dict[Side, type[AsPosted]] = {Side.needs: NeedCreate, Side.capabilities: CapabilityCreate}


def run_import(message_id: str) -> None:
    """Take in the file that the outbox row names. Runs twice, or killed half-way, without harm.

    Rows and the count of rows dealt with are written in one transaction, so each row is taken once.
    """
    found: ReadFile | None = None
    while True:
        with transaction() as session:
            message = session.get(OutboxMessage, UUID(message_id), with_for_update=True)
            if message is None:
                return
            run = session.get_one(ImportRun, message.subject_id, with_for_update=True)
            if run.status is not ImportStatus.running or run.file is None:
                session.delete(message)
                return
            found = found or read_file(run.file_name, run.file, run.kind, settings().import_rows_limit)
            try:
                caller = principal_of(session, run.api_key_id)
            except Unauthorized as refused:
                run.status, run.finished_at = ImportStatus.failed, now()
                run.failure = why(refused, run.language)
                run.file = None
                continue
            _take(session, caller, run, found)
            # It lives, and is not to be sent again.
            message.sent_at = now()


def _take(session: Session, caller: Principal, run: ImportRun, found: ReadFile) -> None:
    problems: list[RowProblem] = []
    guesses: list[RowGuess] = []
    leaks: list[RowLeak] = []
    if run.done == 0:
        problems += [_unread_column(name, run.language) for name in found.unknown]
    for row in found.rows[run.done : run.done + _ROWS_AT_ONCE]:
        taken = _take_row(session, caller, run, row)
        problems += taken.problems
        guesses += taken.guesses
        leaks += taken.leaks
        run.done += 1
        run.accepted += not taken.problems
        run.rejected += bool(taken.problems)
        run.held += taken.held
    run.errors = [*run.errors, *problems][:_MOST_LISTED]
    run.guesses = [*run.guesses, *guesses][:_MOST_LISTED]
    run.leaks = [*run.leaks, *leaks][:_MOST_LISTED]
    if run.done >= len(found.rows):
        run.status, run.finished_at, run.file = ImportStatus.finished, now(), None


class _Taken(NamedTuple):
    """What is to be told of a row."""

    problems: list[RowProblem]
    guesses: Sequence[RowGuess] = ()
    leaks: Sequence[RowLeak] = ()
    held: bool = False


def _take_row(session: Session, caller: Principal, run: ImportRun, row: ReadRow) -> _Taken:
    if row.problem is not None:
        message = said(row.problem, run.language)
        return _Taken([RowProblem(row=row.number, field="", code="json_invalid", message=message)])
    try:
        body = _BODIES[run.kind].model_validate(row.fields)
        with session.begin_nested():
            posting, _ = postings.post(
                session,
                caller,
                Need if run.kind is Side.needs else Capability,
                body,
                publish=run.publish or getattr(body, "publish", False),
                urgency=Urgency.bulk,
            )
    except ValidationError as error:
        # Told as the API tells them; a row's fields stand where a body's do.
        located = [{**one, "loc": ("body", *one["loc"])} for one in error.errors()]
        return _Taken(
            [
                RowProblem(row=row.number, field=one.pointer.lstrip("/"), code=one.code, message=one.message)
                for one in field_problems(located, run.language)
            ]
        )
    except Problem as problem:
        message = why(problem, run.language)
        return _Taken([RowProblem(row=row.number, field="", code=problem.type, message=message)])
    return _Taken(
        [],
        [RowGuess(row=row.number, **reading.model_dump()) for reading in body.readings],
        [RowLeak(row=row.number, **leak.model_dump()) for leak in posting.leaks],
        posting.status is PostingStatus.submitted and bool(to_review(posting.leaks)),
    )


def _unread_column(name: str, language: str) -> RowProblem:
    return RowProblem(row=1, field=name, code="unknown_heading", message=said(_UNREAD, language))
