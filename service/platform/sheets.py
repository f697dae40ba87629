"""Tables as files that spreadsheets open. No cell of them is ever run."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Line = Sequence[Any]

#: With one of these a spreadsheet takes a text for a formula.
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
_HEAD = PatternFill("solid", fgColor="DCE6F1")
_WIDEST, _NARROWEST = 60, 10
# Chinese characters are as wide as two others.
_WIDE_FROM = "\u2e80"


def defused(value: Any) -> Any:
    """A text that a spreadsheet would run as a formula, behind an apostrophe; anything else as it is."""
    if isinstance(value, str) and value.startswith(FORMULA_SIGNS):
        return f"'{value}"
    return value


def csv_file(lines: Iterable[Line]) -> bytes:
    """UTF-8 with its mark, without which Excel takes it for something else."""
    written = io.StringIO()
    csv.writer(written).writerows([defused(value) for value in line] for line in lines)
    return written.getvalue().encode("utf-8-sig")


def xlsx_file(sheets: Mapping[str, Iterable[Line]]) -> bytes:
    """One sheet for each name, whose first line is its heading."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, lines in sheets.items():
        sheet = book.create_sheet(name)
        widths: dict[int, int] = {}
        for line in lines:
            cells = [_writable(value) for value in line]
            sheet.append(cells)
            for place, value in enumerate(cells, 1):
                widths[place] = max(widths.get(place, 0), _width(value))
        for head in sheet[1]:
            head.font, head.fill = Font(bold=True), _HEAD
        for place, width in widths.items():
            sheet.column_dimensions[get_column_letter(place)].width = min(_WIDEST, max(_NARROWEST, width + 2))
            if width > _WIDEST:
                for (cell,) in sheet.iter_rows(min_row=2, min_col=place, max_col=place):
                    cell.alignment = Alignment(wrap_text=True, vertical="top")
        sheet.freeze_panes = "A2"
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def _writable(value: Any) -> Any:
    return ILLEGAL_CHARACTERS_RE.sub("", defused(value)) if isinstance(value, str) else value


def _width(value: Any) -> int:
    text = "" if value is None else str(value)
    return max((sum(2 if one >= _WIDE_FROM else 1 for one in line) for line in text.split("\n")), default=0)
