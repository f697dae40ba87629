"""Tables at a terminal."""

from io import StringIO

from rich.console import Console

from service.console import table_of


def test_no_word_is_cut_off_in_a_narrow_terminal() -> None:
    sentence = "需求提到「枣园病虫害识别与测报」，供给提到「枣树病虫图像识别模型」，两句内容相近。"
    table = table_of("名称", "理由")
    table.add_row("枣树病虫图像识别模型", sentence)
    written = StringIO()

    Console(file=written, width=40).print(table)

    assert "…" not in written.getvalue()
    cells = [line.split("│") for line in written.getvalue().splitlines() if line.startswith("│")]
    assert "".join(cell[2].strip() for cell in cells) == sentence
