"""What is printed at a terminal: nothing is cut off, and what people copy is never broken."""

from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from service.platform import console
from service.platform.console import copied, print_table, table_of

WIDTHS = (20, 40, 80, 200)


def printed(monkeypatch: pytest.MonkeyPatch, width: int) -> StringIO:
    """Standard output, in a terminal of so many columns."""
    written = StringIO()
    monkeypatch.setattr(console.output, "_file", written)
    monkeypatch.setattr(console.output, "width", width)
    return written


def test_no_word_is_cut_off_in_a_narrow_terminal() -> None:
    sentence = "需求提到「枣园病虫害识别与测报」，供给提到「枣树病虫图像识别模型」，两句内容相近。"
    table = table_of("名称", "理由")
    table.add_row("枣树病虫图像识别模型", sentence)
    written = StringIO()

    Console(file=written, width=40).print(table)

    assert "…" not in written.getvalue()
    cells = [line.split("│") for line in written.getvalue().splitlines() if line.startswith("│")]
    assert "".join(cell[2].strip() for cell in cells) == sentence


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("part", ["模型 [v2]", ":key:", "a" * 300, "/srv/对接 数据/" + "models/" * 20])
def test_a_line_is_printed_as_it_is(monkeypatch: pytest.MonkeyPatch, width: int, part: str) -> None:
    written = printed(monkeypatch, width)

    console.output.print(f"换上：duijie models promote {part}")

    assert written.getvalue() == f"换上：duijie models promote {part}\n"


@pytest.mark.parametrize("width", WIDTHS)
def test_a_cell_that_people_copy_stays_whole_beside_others_that_wrap(
    monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    written = printed(monkeypatch, width)
    folder = str(Path("/srv") / "模型" / "fitted-2026-11-30-a-long-name")
    table = table_of(copied("编号"), "说明", copied("来源"))
    table.add_row("0192f0c1-2345-7abc-8def-0123456789ab", "需求提到「枣园病虫害识别与测报」" * 3, folder)

    print_table(table)

    assert "0192f0c1-2345-7abc-8def-0123456789ab" in written.getvalue()
    assert folder in written.getvalue()
    assert "…" not in written.getvalue()


@pytest.mark.parametrize("width", WIDTHS)
def test_brackets_in_a_cell_are_no_markup(monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    written = printed(monkeypatch, width)
    table = table_of(copied("名称"))
    table.add_row("[red]红枣[/red] 分级 :date:")

    print_table(table)

    assert "[red]红枣[/red] 分级 :date:" in written.getvalue()
