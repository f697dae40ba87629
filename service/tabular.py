"""Reading JSONL, CSV and XLSX into rows that look like the API's bodies."""

import csv
import io
import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from schemas.base import Wording
from schemas.embedding import Side
from service.headings import Column, column_for
from service.sheets import FORMULA_SIGNS

# What a sheet may unpack to: far above any real form, far below the memory of a small server.
_UNPACKED_LIMIT = 300_000_000
_SHEET_COLUMNS = 200
_XLSX_MARK = b"PK\x03\x04"
_ITEM_BREAK = re.compile(r"[\n；;]+")


class UnreadableFile(Exception):
    """The file as a whole cannot be read. ``wording`` says why."""

    def __init__(self, wording: Wording) -> None:
        super().__init__(wording.said("en"))
        self.wording = wording


@dataclass(frozen=True)
class ReadRow:
    """A row as the file numbers it, and its fields; or, with ``problem``, why it is none."""

    number: int
    fields: dict[str, Any]
    problem: Wording | None = None


@dataclass(frozen=True)
class ReadFile:
    rows: list[ReadRow]
    #: Headings of columns that were not read.
    unknown: list[str]


def read_file(name: str, content: bytes, side: Side, most_rows: int) -> ReadFile:
    """All rows of a file, by its ending. Raises ``UnreadableFile``."""
    ending = name.lower().rsplit(".", 1)[-1]
    if ending in {"jsonl", "ndjson", "json"}:
        found = ReadFile(list(_json_lines(_decoded(content))), [])
    elif ending == "csv":
        found = _table(_csv_lines(_decoded(content)), side)
    elif ending == "xlsx":
        found = _table(_sheet_lines(content), side)
    else:
        raise UnreadableFile(
            Wording("只接受 .jsonl、.csv 和 .xlsx 文件", "Only .jsonl, .csv and .xlsx files are taken")
        )
    if len(found.rows) > most_rows:
        raise UnreadableFile(
            Wording("文件超过 {most} 行", "The file has more than {most} rows", {"most": most_rows})
        )
    if not found.rows:
        raise UnreadableFile(Wording("文件中没有数据行", "The file has no rows"))
    return found


def _decoded(content: bytes) -> str:
    """UTF-8, with or without its mark, or else GB18030, which is what Excel writes in China."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableFile(
        Wording("文件编码既不是 UTF-8 也不是 GB18030", "The file is neither UTF-8 nor GB18030")
    )


def _json_lines(text: str) -> Iterator[ReadRow]:
    for number, line in enumerate(text.split("\n"), 1):
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


def _csv_lines(text: str) -> Iterator[list[Any]]:
    try:
        yield from csv.reader(io.StringIO(text, newline=""), strict=True)
    except csv.Error as error:
        raise UnreadableFile(
            Wording("CSV 格式有误", "The CSV is malformed: {error}", {"error": error})
        ) from error


def _sheet_lines(content: bytes) -> Iterator[list[Any]]:
    broken = Wording("文件已损坏，或不是 XLSX 文件", "The file is damaged, or not an XLSX file")
    if not content.startswith(_XLSX_MARK):
        raise UnreadableFile(broken)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > _UNPACKED_LIMIT:
                raise UnreadableFile(Wording("文件解压后过大", "The file unpacks to more than is taken"))
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        # What a sheet says of its own size may be wrong; rows are then read as they come.
        sheet.reset_dimensions()
        for line in sheet.iter_rows(max_col=_SHEET_COLUMNS, values_only=True):
            yield list(line)
    except (
        zipfile.BadZipFile,
        InvalidFileException,
        KeyError,
        ValueError,
        IndexError,
        SyntaxError,
        OSError,
        EOFError,
    ) as error:
        raise UnreadableFile(broken) from error


def _table(lines: Iterator[list[Any]], side: Side) -> ReadFile:
    """Rows below the first line that names a title column; lines above it are a form's own heading."""
    columns: list[Column | None] = []
    unknown: list[str] = []
    rows = []
    for number, line in enumerate(lines, 1):
        cells = [_cell(value) for value in line]
        if not columns:
            found = [column_for(cell, side) for cell in cells]
            if any(column is not None and column.field == "title" for column in found):
                columns = found
                unknown = [cell for cell, column in zip(cells, found, strict=True) if cell and column is None]
        elif any(cells):
            rows.append(ReadRow(number, _fields(columns, cells)))
    if not columns:
        raise UnreadableFile(
            Wording(
                "找不到表头：缺少名称列，请使用模板",
                "No heading was found: a title column is missing; use the template",
            )
        )
    return ReadFile(rows, unknown)


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
