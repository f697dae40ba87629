"""XLSX files read row by row. Whoever made one to exhaust the memory is stopped while it is read, not after."""

import re
import struct
import zipfile
from collections.abc import Iterator
from itertools import pairwise
from typing import IO, Any, BinaryIO, Self, cast

from openpyxl.reader.excel import ExcelReader
from openpyxl.utils.exceptions import InvalidFileException

from schemas.wording import Wording
from service.postings.unreadable_file import UnreadableFile

_MARK = b"PK\x03\x04"
# What rows may unpack to, the texts that they share, and everything else in the file, which is held in memory.
_ROWS_LIMIT, _SHARED_LIMIT, _REST_LIMIT = 300_000_000, 100_000_000, 5_000_000
# One row, or one shared text, as it is written in XML; far above 200 columns of usual texts.
_ITEM_LIMIT = 1_000_000
# A sheet of Excel has no more, empty ones with a format included.
_MOST_ROWS, _MOST_TEXTS = 1_048_576, 4_000_000
# The list of what is in the archive is read whole.
_DIRECTORY_LIMIT = 1_000_000
_TAIL = 22 + 65_535

_BROKEN = Wording("文件已损坏，或不是 XLSX 文件", "The file is damaged, or not an XLSX file")
_TOO_LARGE = Wording("文件解压后过大", "The file unpacks to more than is taken")
_TOO_WIDE = Wording("有一行的列过多，或单元格过长", "A row has too many columns, or a cell is too long")


def require_archive(file: BinaryIO) -> None:
    """Look at the beginning and the end of the file alone. Raises ``UnreadableFile`` for what is no archive."""
    file.seek(0)
    begins = file.read(len(_MARK))
    size = file.seek(0, 2)
    file.seek(max(0, size - _TAIL))
    tail = file.read()
    file.seek(0)
    place = tail.rfind(b"PK\x05\x06")
    if begins != _MARK or place < 0 or len(tail) < place + 22:
        raise UnreadableFile(_BROKEN)
    (directory,) = struct.unpack_from("<L", tail, place + 12)
    if directory > _DIRECTORY_LIMIT:
        raise UnreadableFile(_TOO_LARGE)


def sheet_lines(file: BinaryIO) -> Iterator[list[Any]]:
    """The values of the first sheet's rows. Raises ``UnreadableFile`` as soon as a limit is passed."""
    require_archive(file)
    try:
        reader = ExcelReader(file, read_only=True, data_only=True, keep_links=False)
        reader.archive = BoundedArchive(file)
        reader.read()
        sheet = reader.wb.worksheets[0]
        # What a sheet says of its own size may be wrong; rows are then read as they come.
        sheet.reset_dimensions()
        for line in sheet.iter_rows(values_only=True):
            yield list(line)
    except (
        zipfile.BadZipFile,
        InvalidFileException,
        AttributeError,
        KeyError,
        ValueError,
        TypeError,
        IndexError,
        SyntaxError,
        OSError,
        EOFError,
    ) as error:
        raise UnreadableFile(_BROKEN) from error


class BoundedArchive(zipfile.ZipFile):
    """Refuses a part that is too large, and gives out no more of one than the archive says there is."""

    def __init__(self, file: BinaryIO) -> None:
        super().__init__(file)
        if any(member.file_size > _limit_of(member.filename) for member in self.infolist()):
            self.close()
            raise UnreadableFile(_TOO_LARGE)

    def open(self, name: Any, *arguments: Any, **options: Any) -> IO[bytes]:
        opened = super().open(name, *arguments, **options)
        part = name.filename if isinstance(name, zipfile.ZipInfo) else name
        limit = _limit_of(part)
        if limit == _ROWS_LIMIT:
            return cast("IO[bytes]", _Bounded(opened, b"row", _MOST_ROWS))
        if limit == _SHARED_LIMIT:
            return cast("IO[bytes]", _Bounded(opened, b"si", _MOST_TEXTS))
        return opened


def _limit_of(part: str) -> int:
    """Bytes that it may unpack to. Pictures are bounded as rows are, and never unpacked."""
    if part.startswith("xl/media/") or (part.startswith("xl/worksheets/") and part.endswith(".xml")):
        return _ROWS_LIMIT
    return _SHARED_LIMIT if part.endswith("sharedStrings.xml") else _REST_LIMIT


class _Bounded:
    """A part as it is read: so many elements ``tag`` at most, and none of them longer than an item may be."""

    def __init__(self, file: IO[bytes], tag: bytes, most: int) -> None:
        self._file, self._most = file, most
        self._begins = re.compile(rb"<(?:[\w.-]{1,40}:)?" + tag + rb"[\s/>]")
        self._before = b""
        self._seen = self._since = 0

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        # A tag may lie across two reads.
        joined, old = self._before + data, len(self._before)
        ends = [found.end() for found in self._begins.finditer(joined) if found.end() > old]
        self._seen += len(ends)
        longest = max((after - before for before, after in pairwise(ends)), default=0)
        longest = max(longest, self._since + (ends[0] - old if ends else len(data)))
        self._since = len(joined) - ends[-1] if ends else self._since + len(data)
        self._before = joined[-48:]
        if longest > _ITEM_LIMIT:
            raise UnreadableFile(_TOO_WIDE)
        if self._seen > self._most:
            raise UnreadableFile(_TOO_LARGE)
        return data

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
