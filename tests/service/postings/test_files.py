"""Files as people send them."""

import io
import zipfile
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any, NamedTuple

import pytest
from openpyxl import Workbook

from schemas.vocabulary import Side
from service.postings import bounded_sheets
from service.postings.bounded_sheets import BoundedArchive
from service.postings.files import ReadRow, look_at_file, read_file
from service.postings.unreadable_file import UnreadableFile


def sheet(*lines: list[Any]) -> bytes:
    book = Workbook()
    page = book.active
    assert page is not None
    for line in lines:
        page.append(line)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


class Read(NamedTuple):
    rows: list[ReadRow]
    unknown: list[str]


def read(name: str, content: bytes, side: Side = Side.needs, most: int = 1000) -> Read:
    found = read_file(name, io.BytesIO(content), side, most)
    return Read(list(found.rows), found.unknown)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_csv_is_read_in_the_encodings_that_are_written(encoding: str) -> None:
    found = read("需求.csv", "需求名称,需求描述\r\n残膜回收,“三万亩”\r\n".encode(encoding))

    assert [row.fields for row in found.rows] == [{"title": "残膜回收", "description": "“三万亩”"}]
    assert found.rows[0].number == 2


def test_a_csv_may_have_characters_that_only_gb18030_has() -> None:
    # 䶮 and 𬭁 stand in names; GBK has neither.
    found = read("a.csv", "需求名称,联系人\n甲,张䶮𬭁\n".encode("gb18030"))

    assert [row.fields for row in found.rows] == [{"title": "甲", "contacts": [{"name": "张䶮𬭁"}]}]


@pytest.mark.parametrize("between", ["；", ";", "\n", "；\n", ";;"])
def test_indicators_in_one_cell_are_split_at_semicolons_and_line_ends(between: str) -> None:
    found = read("a.csv", f'需求名称,indicators\n甲,"回收率≥90%{between}含杂率≤10%"\n'.encode())

    assert [row.fields for row in found.rows] == [{"title": "甲", "indicators": ["回收率≥90%", "含杂率≤10%"]}]


def test_headings_are_read_in_chinese_in_english_and_with_their_unit() -> None:
    found = read(
        "a.csv", "title,意向投入（万元）,*所属领域：,contacts.phone\n甲,50-100,林果,13800138000\n".encode()
    )

    assert found.rows[0].fields == {
        "title": "甲",
        "budget": "50-100万元",
        "domains": "林果",
        "contacts": [{"phone": "13800138000"}],
    }


def test_a_sheet_may_have_a_title_above_its_heading_and_empty_rows_below() -> None:
    content = sheet(
        ["2026年技术需求征集表"], [None], ["需求名称", "预算"], ["甲", 500000], [None, None], ["乙", "面议"]
    )

    found = read("a.xlsx", content)

    assert [(row.number, row.fields) for row in found.rows] == [
        (4, {"title": "甲", "budget": "500000"}),
        (6, {"title": "乙", "budget": "面议"}),
    ]


def test_columns_that_are_not_known_are_named() -> None:
    found = read("a.csv", "需求名称,盖章单位\n甲,某局\n".encode())

    assert found.unknown == ["盖章单位"]


def test_a_broken_line_of_jsonl_is_a_bad_row_and_the_others_are_good() -> None:
    found = read("a.jsonl", '{"title": "甲"}\n{"title": \n[1]\n\n{"title": "乙"}\n'.encode())

    assert [(row.number, row.problem is None) for row in found.rows] == [
        (1, True),
        (2, False),
        (3, False),
        (5, True),
    ]


def _bomb() -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", b"<Types/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 400_000_000)
    return written.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("a.xlsx", b"not a zip", "损坏"),
        ("a.xlsx", b"PK\x03\x04 and then nothing", "损坏"),
        ("a.xlsx", sheet(["需求名称"], ["甲"])[:-200], "损坏"),
        ("a.csv", sheet(["需求名称"], ["甲"]), ""),
        ("a.doc", b"x", "只接受"),
        ("a", b"x", "只接受"),
        ("a.csv", b"", "表头"),
        ("a.csv", "甲,乙\n1,2\n".encode(), "表头"),
        ("a.csv", "需求名称\n".encode(), "没有数据行"),
        ("a.jsonl", b"\n\n", "没有数据行"),
        ("a.csv", b"\xff\xff\xff", "编码"),
        ("a.csv", '需求名称\n"未闭合'.encode(), "CSV"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_the_reason(name: str, content: bytes, why: str) -> None:
    with pytest.raises(UnreadableFile) as refused:
        read(name, content)

    assert why in refused.value.wording.zh


def test_a_bomb_is_refused_by_its_size_before_it_is_unpacked() -> None:
    content = _bomb()

    with pytest.raises(UnreadableFile) as refused:
        read("a.xlsx", content)

    assert len(content) < 1_000_000
    assert "解压" in refused.value.wording.zh


def test_more_rows_than_are_taken_are_refused() -> None:
    with pytest.raises(UnreadableFile):
        read("a.csv", "需求名称\n甲\n乙\n丙\n".encode(), most=2)


def _with(content: bytes, part: str, change: Callable[[bytes], bytes]) -> bytes:
    """A workbook with one part of it changed."""
    written = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            new.writestr(name, change(old.read(name)) if name == part else old.read(name))
    return written.getvalue()


_SHEET = "xl/worksheets/sheet1.xml"


def test_a_sheet_that_gives_its_size_too_small_is_read_whole() -> None:
    whole = sheet(["需求名称", "预算"], ["甲", 500000], ["乙", "面议"])
    content = _with(whole, _SHEET, lambda text: text.replace(b'ref="A1:B3"', b'ref="A1"'))
    assert content != whole

    found = read("a.xlsx", content)

    assert [row.fields for row in found.rows] == [
        {"title": "甲", "budget": "500000"},
        {"title": "乙", "budget": "面议"},
    ]


@pytest.mark.parametrize(
    ("part", "old", "new", "why"),
    [
        (_SHEET, b"</row>", b"<c/>" * 1_000_000 + b"</row>", "列过多"),
        (_SHEET, b"</sheetData>", b"<row/>" * 20_000 + b"</sheetData>", "解压"),
        (_SHEET, b"</t>", b"x" * 2_000_000 + b"</t>", "单元格过长"),
        ("xl/styles.xml", b"</styleSheet>", b" " * 6_000_000 + b"</styleSheet>", "解压"),
    ],
    ids=["columns", "rows", "long cell", "styles"],
)
def test_a_sheet_that_would_fill_the_memory_is_given_up_while_it_is_read(
    monkeypatch: pytest.MonkeyPatch, part: str, old: bytes, new: bytes, why: str
) -> None:
    monkeypatch.setattr(bounded_sheets, "_MOST_ROWS", 10_000)
    content = _with(sheet(["需求名称"], ["甲"]), part, lambda text: text.replace(old, new, 1))
    assert len(content) < 1_000_000

    with pytest.raises(UnreadableFile) as refused:
        read("a.xlsx", content)

    assert why in refused.value.wording.zh


@pytest.mark.parametrize("texts", [b"<si><t/></si>" * 20_000, b"<si><t>" + b"x" * 2_000_000])
def test_texts_that_rows_share_are_bounded_as_rows_are(monkeypatch: pytest.MonkeyPatch, texts: bytes) -> None:
    monkeypatch.setattr(bounded_sheets, "_MOST_TEXTS", 10_000)
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/sharedStrings.xml", b"<sst>" + texts)

    with (
        BoundedArchive(written) as bounded,
        bounded.open("xl/sharedStrings.xml") as part,
        pytest.raises(UnreadableFile),
    ):
        list(iter(lambda: part.read(65_536), b""))


def test_an_archive_of_a_million_parts_is_refused_unread() -> None:
    content = bytearray(sheet(["需求名称"], ["甲"]))
    place = content.rfind(b"PK\x05\x06")
    content[place + 12 : place + 16] = (50_000_000).to_bytes(4, "little")

    with pytest.raises(UnreadableFile) as refused:
        read("a.xlsx", bytes(content))

    assert "解压" in refused.value.wording.zh


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("a.csv", "需求名称" + "," * 2_000_000, "字符"),
        ("a.csv", "需求名称" + "".join(f",列{n}" for n in range(300)) + "\n甲\n", "列"),
        ("a.csv", "需求名称\n" + '"\n",' * 600_000, "字符"),
        ("a.csv", "需求名称\n" + "甲" * 200_000 + "\n", "CSV"),
        ("a.jsonl", '{"title": "' + "甲" * 2_000_000 + '"}', "字符"),
    ],
    ids=["one long line", "columns", "a row over many lines", "long cell", "long line of JSON"],
)
def test_a_text_that_would_fill_the_memory_is_given_up_while_it_is_read(
    name: str, content: str, why: str
) -> None:
    with pytest.raises(UnreadableFile) as refused:
        read(name, content.encode())

    assert why in refused.value.wording.zh


def test_empty_columns_far_to_the_right_are_no_columns() -> None:
    found = read("a.csv", ("需求名称" + "," * 1_000 + "\n甲" + "," * 1_000 + "\n").encode())

    assert [row.fields for row in found.rows] == [{"title": "甲"}]


@pytest.mark.parametrize(
    ("name", "content", "refused"),
    [
        ("a.csv", "需求名称\n" + "甲\n" * 100_000, False),
        ("a.csv", "乙\n" + "甲\n" * 100_000, True),
        ("a.jsonl", '{"title": "甲"}\n' * 10_000, False),
        ("a.csv", "乙\n", True),
        ("a.csv", "", True),
    ],
)
def test_only_the_first_bytes_are_looked_at_before_a_file_is_taken(
    name: str, content: str, refused: bool
) -> None:
    file = io.BytesIO(content.encode())
    file.read, read_so_far = _counting(file)  # type: ignore[method-assign]

    with pytest.raises(UnreadableFile) if refused else nullcontext():
        look_at_file(name, file, Side.needs)

    assert sum(read_so_far) < 70_000


def _counting(file: io.BytesIO) -> tuple[Callable[..., bytes], list[int]]:
    original, sizes = file.read, []

    def counted(size: int = -1) -> bytes:
        data = original(size)
        sizes.append(len(data))
        return data

    return counted, sizes
