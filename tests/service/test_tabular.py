"""Files as people send them."""

import io
import zipfile
from typing import Any

import pytest
from openpyxl import Workbook

from schemas.embedding import Side
from service.tabular import ReadFile, UnreadableFile, read_file


def sheet(*lines: list[Any]) -> bytes:
    book = Workbook()
    page = book.active
    assert page is not None
    for line in lines:
        page.append(line)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def read(name: str, content: bytes, side: Side = Side.needs) -> ReadFile:
    return read_file(name, content, side, 1000)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_csv_is_read_in_the_encodings_that_are_written(encoding: str) -> None:
    found = read("需求.csv", "需求名称,需求描述\r\n残膜回收,“三万亩”\r\n".encode(encoding))

    assert [row.fields for row in found.rows] == [{"title": "残膜回收", "description": "“三万亩”"}]
    assert found.rows[0].number == 2


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
        read_file("a.csv", "需求名称\n甲\n乙\n丙\n".encode(), Side.needs, 2)
