"""Reading JSONL, CSV and XLSX into rows that look like the API's bodies, a row at a time."""

import codecs
import csv
import io
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, BinaryIO

from schemas.vocabulary import Side
from schemas.wording import Wording
from service.platform.sheets import FORMULA_SIGNS
from service.postings.bounded_sheets import require_archive, sheet_lines
from service.postings.headings import Column, column_for
from service.postings.unreadable_file import UnreadableFile

_MOST_COLUMNS = 200
# Characters, of one row or of one line of it.
_LONGEST_ROW = 1_000_000
# In so many bytes a heading stands, whatever a form has above it.
_BEGINNING = 65_536
_BYTES_AT_ONCE = 1 << 20
_JSON, _ENDINGS = {"jsonl", "ndjson", "json"}, {"jsonl", "ndjson", "json", "csv", "xlsx"}
_ITEM_BREAK = re.compile(r"[\n；;]+")
_NO_HEADING = Wording(
    "找不到表头：缺少名称列，请使用模板",
    "No heading was found: a title column is missing; use the template",
)
_NO_ROWS = Wording("文件中没有数据行", "The file has no rows")


@dataclass(frozen=True)
class ReadRow:
    """A row as the file numbers it, and its fields; or, with ``problem``, why it is none."""

    number: int
    fields: dict[str, Any]
    problem: Wording | None = None


@dataclass(frozen=True)
class ReadFile:
    """``rows`` are read as they are asked for. Asking raises ``UnreadableFile`` where the file goes wrong."""

    rows: Iterator[ReadRow]
    #: Headings of columns that are not read; complete once the first row is.
    unknown: list[str] = field(default_factory=list)


def read_file(name: str, file: BinaryIO, side: Side, most_rows: int) -> ReadFile:
    """All rows of a file, by its ending. Raises ``UnreadableFile``, as do its rows."""
    ending = _ending(name)
    unknown: list[str] = []
    if ending == "xlsx":
        return ReadFile(_counted(_table(sheet_lines(file), side, unknown), most_rows), unknown)
    encoding = _encoding(file)
    text = io.TextIOWrapper(_Kept(file), encoding=encoding, newline="" if ending == "csv" else "\n")
    rows = _json_lines(text) if ending in _JSON else _table(_csv_lines(text), side, unknown)
    return ReadFile(_counted(rows, most_rows), unknown)


def look_at_file(name: str, file: BinaryIO, side: Side) -> None:
    """Refuse what can be told from its first bytes, in bounded time. Raises ``UnreadableFile``."""
    ending = _ending(name)
    if ending == "xlsx":
        require_archive(file)
        return
    file.seek(0)
    beginning = file.read(_BEGINNING)
    whole = len(beginning) < _BEGINNING
    if not whole:
        # What the cut left of the last line is no line.
        beginning = beginning[: beginning.rfind(b"\n") + 1]
    if whole or ending == "csv":
        found = read_file(name, io.BytesIO(beginning), side, _BEGINNING)
        if whole:
            for _ in found.rows:
                pass
        else:
            next(found.rows)


def _ending(name: str) -> str:
    ending = name.lower().rsplit(".", 1)[-1]
    if ending not in _ENDINGS:
        raise UnreadableFile(
            Wording("只接受 .jsonl、.csv 和 .xlsx 文件", "Only .jsonl, .csv and .xlsx files are taken")
        )
    return ending


class _Kept(io.BufferedReader):
    """Stays open when the text that is read from it is done with."""

    def __init__(self, file: BinaryIO) -> None:
        file.seek(0)
        super().__init__(_Raw(file))


class _Raw(io.RawIOBase):
    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._file.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


def _counted(rows: Iterable[ReadRow], most: int) -> Iterator[ReadRow]:
    count = 0
    for count, row in enumerate(rows, 1):
        if count > most:
            raise UnreadableFile(
                Wording("文件超过 {most} 行", "The file has more than {most} rows", {"most": most})
            )
        yield row
    if not count:
        raise UnreadableFile(_NO_ROWS)


def _encoding(file: BinaryIO) -> str:
    """UTF-8, with or without its mark, or else GB18030, which is what Excel writes in China."""
    for encoding in ("utf-8-sig", "gb18030"):
        decoder = codecs.getincrementaldecoder(encoding)()
        file.seek(0)
        try:
            while some := file.read(_BYTES_AT_ONCE):
                decoder.decode(some)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        return encoding
    raise UnreadableFile(
        Wording("文件编码既不是 UTF-8 也不是 GB18030", "The file is neither UTF-8 nor GB18030")
    )


def _lines(text: io.TextIOWrapper) -> Iterator[str]:
    """Each line, with what ends it; none is held that is longer than a row may be."""
    number = 0
    while line := text.readline(_LONGEST_ROW + 1):
        number += 1
        if len(line) > _LONGEST_ROW:
            raise _too_long(number)
        yield line


def _too_long(number: int) -> UnreadableFile:
    return UnreadableFile(
        Wording(
            "第 {number} 行超过 {most} 个字符",
            "Row {number} has more than {most} characters",
            {"number": number, "most": _LONGEST_ROW},
        )
    )


def _json_lines(text: io.TextIOWrapper) -> Iterator[ReadRow]:
    for number, line in enumerate(_lines(text), 1):
        if not line.strip():
            continue
        try:
            fields = json.loads(line)
        except (ValueError, RecursionError):
            yield ReadRow(number, {}, Wording("不是有效的 JSON", "Not valid JSON"))
            continue
        if isinstance(fields, dict):
            yield ReadRow(number, fields)
        else:
            yield ReadRow(number, {}, Wording("应为 JSON 对象", "Not a JSON object"))


def _csv_lines(text: io.TextIOWrapper) -> Iterator[list[Any]]:
    since, number = 0, 1

    def lines() -> Iterator[str]:
        """A row goes over several lines where a quoted cell does."""
        nonlocal since
        for line in _lines(text):
            since += len(line)
            if since > _LONGEST_ROW:
                raise _too_long(number)
            yield line

    try:
        for row in csv.reader(lines(), strict=True):
            since, number = 0, number + 1
            yield row
    except csv.Error as error:
        raise UnreadableFile(
            Wording("CSV 格式有误", "The CSV is malformed: {error}", {"error": error})
        ) from error


def _table(lines: Iterable[list[Any]], side: Side, unknown: list[str]) -> Iterator[ReadRow]:
    """Rows below the first line that names a title column; lines above it are a form's own heading."""
    columns: list[Column | None] = []
    for number, line in enumerate(lines, 1):
        if len(line) > _MOST_COLUMNS and any(value not in {None, ""} for value in line[_MOST_COLUMNS:]):
            raise UnreadableFile(
                Wording(
                    "第 {number} 行超过 {most} 列",
                    "Row {number} has more than {most} columns",
                    {"number": number, "most": _MOST_COLUMNS},
                )
            )
        cells = [_cell(value) for value in line[:_MOST_COLUMNS]]
        if not columns:
            found = [column_for(cell, side) for cell in cells]
            if any(column is not None and column.field == "title" for column in found):
                columns = found
                unknown += [
                    cell for cell, column in zip(cells, found, strict=True) if cell and column is None
                ]
        elif any(cells):
            yield ReadRow(number, _fields(columns, cells))
    if not columns:
        raise UnreadableFile(_NO_HEADING)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime | date):
        return value.isoformat()[:10]
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    text = str(value).strip()
    # How files of ours, and spreadsheets, keep a text from being run as a formula.
    return text[1:] if text.startswith("'") and text[1:].startswith(FORMULA_SIGNS) else text


def _fields(columns: list[Column | None], cells: list[str]) -> dict[str, Any]:
    """The row's fields; columns of one contact or one right are gathered into it."""
    fields: dict[str, Any] = {}
    for column, cell in zip(columns, cells, strict=False):
        if column is None or not cell:
            continue
        if column.part:
            gathered = fields.setdefault(column.field, [{}])
            gathered[0][column.part] = [cell] if column.part == "owners" else cell
        elif column.field == "indicators":
            fields["indicators"] = [item.strip() for item in _ITEM_BREAK.split(cell) if item.strip()]
        else:
            fields[column.field] = cell + column.unit if column.unit and _is_number(cell) else cell
    return fields


def _is_number(cell: str) -> bool:
    return re.fullmatch(r"[\d.,\s\-~～至—－]+", cell) is not None
