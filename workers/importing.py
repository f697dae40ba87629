"""Imports a file, a hundred rows in each transaction, and resumes where it stopped."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import BinaryIO, NamedTuple
from uuid import UUID

from pydantic import ValidationError
from sqlmodel import Session

from schemas.base import now
from schemas.capability import Capability, CapabilityCreate
from schemas.import_run import ImportRun, ImportStatus, RowGuess, RowProblem
from schemas.leak import RowLeak
from schemas.need import Need, NeedCreate
from schemas.outbox import OutboxMessage, Urgency
from schemas.posting import AsPosted
from schemas.vocabulary import PostingStatus, Side
from schemas.wording import Wording
from service.access.principal import Principal, principal_of
from service.platform.db import transaction
from service.platform.messages import said
from service.platform.problems import NotThere, Problem, Unauthorized, field_problems, why
from service.platform.settings import settings
from service.postings import actions as postings
from service.postings.files import ReadFile, ReadRow, read_file
from service.postings.import_files import forget_file, kept_file
from service.postings.leaks import to_review
from service.postings.templates import is_example
from service.postings.unreadable_file import UnreadableFile

_ROWS_AT_ONCE = 100
# A file full of mistakes must not produce a report too large to read.
_MOST_LISTED = 1_000
_EXAMPLE = Wording("模板中的示例行，未导入", "The template's example row, which is not imported")
_NOT_YOURS = Wording(
    "平台编号所指的条目不存在，或不属于本单位，未导入",
    "There is no posting of yours with this id; the row was not imported",
)
_UNIT_MISSING = Wording(
    "“{written}”没有写单位，未读取；请写明元或万元",
    "“{written}” has no unit and was not read; write 元 or 万元",
)
_UNREAD = Wording("不认识的列，未读取", "This column is not known and was not read")

_BODIES: dict[Side, type[AsPosted]] = {Side.needs: NeedCreate, Side.capabilities: CapabilityCreate}


def run_import(message_id: str) -> None:
    """Import the file that the outbox row names. Idempotent, and resumes after a kill.

    The rows and the number of rows done are written in the same transaction, so each row is imported once.
    """
    with transaction() as session:
        run = _run_of(session, message_id)
        if run is None:
            return
        file = kept_file(session, run)
    with file:
        rows: Iterator[ReadRow] | None = None
        while True:
            with transaction() as session:
                run = _run_of(session, message_id)
                if run is None:
                    return
                try:
                    caller = principal_of(session, run.api_key_id)
                    if rows is None:
                        rows = _rows_left(run, file)
                except (Unauthorized, UnreadableFile) as refused:
                    run.status, run.finished_at = ImportStatus.failed, now()
                    run.failure = _why(refused, run.language)
                else:
                    _take(session, caller, run, list(islice(rows, _ROWS_AT_ONCE)))
                if run.status is not ImportStatus.running:
                    forget_file(session, run)
                    continue
                # Tells the relay that this task is alive, so that it is not sent again.
                session.get_one(OutboxMessage, UUID(message_id)).sent_at = now()


def _run_of(session: Session, message_id: str) -> ImportRun | None:
    """The run, locked, while it has rows left; otherwise delete the outbox row and return None."""
    message = session.get(OutboxMessage, UUID(message_id), with_for_update=True)
    if message is None:
        return None
    run = session.get_one(ImportRun, message.subject_id, with_for_update=True)
    if run.status is ImportStatus.running:
        return run
    session.delete(message)
    return None


def _rows_left(run: ImportRun, file: BinaryIO) -> Iterator[ReadRow]:
    """The rows still to be imported. The whole file is read first: an unreadable file imports no row."""
    if not run.rows:
        found = _read(run, file)
        run.rows = sum(1 for _ in found.rows)
        run.errors = [_unread_column(name, run.language) for name in found.unknown][:_MOST_LISTED]
    return islice(_read(run, file).rows, run.done, None)


def _read(run: ImportRun, file: BinaryIO) -> ReadFile:
    return read_file(run.file_name, file, run.kind, settings().import_rows_limit)


def _why(refused: Unauthorized | UnreadableFile, language: str) -> str:
    return said(refused.wording, language) if isinstance(refused, UnreadableFile) else why(refused, language)


def _take(session: Session, caller: Principal, run: ImportRun, rows: Sequence[ReadRow]) -> None:
    problems: list[RowProblem] = []
    guesses: list[RowGuess] = []
    leaks: list[RowLeak] = []
    for row in rows:
        taken = _take_row(session, caller, run, row)
        problems += taken.problems
        guesses += taken.guesses
        leaks += taken.leaks
        run.done += 1
        run.accepted += taken.accepted
        run.rejected += not taken.accepted
        run.held += taken.held
    run.errors = [*run.errors, *problems][:_MOST_LISTED]
    run.guesses = [*run.guesses, *guesses][:_MOST_LISTED]
    run.leaks = [*run.leaks, *leaks][:_MOST_LISTED]
    if run.done >= run.rows:
        run.status, run.finished_at = ImportStatus.finished, now()


class _Taken(NamedTuple):
    """The problems of a row for the report."""

    problems: list[RowProblem]
    guesses: Sequence[RowGuess] = ()
    leaks: Sequence[RowLeak] = ()
    held: bool = False
    accepted: bool = False


def _take_row(session: Session, caller: Principal, run: ImportRun, row: ReadRow) -> _Taken:
    if row.problem is not None:
        message = said(row.problem, run.language)
        return _Taken([RowProblem(row=row.number, field="", code="json_invalid", message=message)])
    if is_example(row.fields):
        message = said(_EXAMPLE, run.language)
        return _Taken([RowProblem(row=row.number, field="", code="example_row", message=message)])
    fields = dict(row.fields)
    own_id = fields.pop("id", None)
    try:
        body = _BODIES[run.kind].model_validate(fields)
        asked = body.without_doubtful_sums()
        with session.begin_nested():
            publish = run.publish or getattr(body, "publish", False)
            table = Need if run.kind is Side.needs else Capability
            if own_id:
                posting = postings.post_again(session, caller, table, _id(own_id), body, publish=publish)
            else:
                posting, _ = postings.post(
                    session, caller, table, body, publish=publish, urgency=Urgency.bulk
                )
    except NotThere:
        message = said(_NOT_YOURS, run.language)
        return _Taken([RowProblem(row=row.number, field="id", code="not_there", message=message)])
    except ValidationError as error:
        # As in the API: the columns of a row are the fields of a body.
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
    remarks = [
        RowProblem(
            row=row.number,
            field=one.field,
            code="unit_missing",
            message=said(Wording(_UNIT_MISSING.zh, _UNIT_MISSING.en, {"written": one.written}), run.language),
        )
        for one in asked
    ]
    return _Taken(
        remarks,
        [RowGuess(row=row.number, **reading.model_dump()) for reading in body.readings],
        [RowLeak(row=row.number, **leak.model_dump()) for leak in posting.leaks],
        posting.status is PostingStatus.submitted and bool(to_review(posting.leaks)),
        accepted=True,
    )


def _id(written: object) -> UUID:
    try:
        return UUID(str(written))
    except ValueError:
        raise NotThere from None


def _unread_column(name: str, language: str) -> RowProblem:
    return RowProblem(row=1, field=name, code="unknown_heading", message=said(_UNREAD, language))
