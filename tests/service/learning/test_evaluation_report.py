"""The report of an evaluation: its figures, its tables, its JSON, its plot."""

import json
from io import StringIO
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from rich.console import Console
from rich.table import Table

from matching.calibration import reliability
from matching.metrics import Measured
from service.learning.evaluation_report import (
    HEADINGS,
    Report,
    Row,
    as_json,
    quality_table,
    report,
    time_table,
)
from service.learning.reliability_plot import reliability_svg

NEEDS = [f"n{number}" for number in range(20)]


def measured(each: float, auc: float = 0.8, queries: list[str] = NEEDS) -> Measured:
    values = np.array([each + 0.01 * (number % 2) for number in range(len(queries))], np.float64)
    return Measured(queries, dict.fromkeys(HEADINGS, values), auc)


def two_rows() -> Report:
    rows = [
        Row("向量", measured(0.4, auc=float("nan")), {"编码": 12.0, "检索": 3.0}),
        Row("完整流程", measured(0.6), {"编码": 12.0, "检索": 4.0, "打分": 0.5}, calibration_error=0.034),
    ]
    return report("plan_domain", needs=42, capabilities=7240, rows=rows)


def as_text(table: Table, width: int = 80) -> str:
    console = Console(file=StringIO(), width=width)
    console.print(table)
    written = console.file.getvalue()  # type: ignore[attr-defined]
    assert isinstance(written, str)
    return written


def test_a_row_is_tested_against_the_row_above_and_the_first_is_not() -> None:
    found = two_rows()

    first, second = (figures["ndcg"] for figures in found.figures)

    assert first.p is None
    assert second.p is not None
    assert second.p < 0.001
    assert second.mean == pytest.approx(0.605)
    assert second.interval.low < 0.605 < second.interval.high


def test_the_share_that_was_judged_is_not_tested() -> None:
    found = two_rows()

    second = found.figures[1]["judged"]

    assert second.p is None


def test_rows_of_different_needs_are_not_compared() -> None:
    rows = [Row("向量", measured(0.4), {}), Row("融合", measured(0.4, queries=NEEDS[:10]), {})]

    with pytest.raises(ValueError, match="向量 and 融合"):
        report("plan_domain", needs=42, capabilities=7240, rows=rows)


def test_the_table_shows_mean_interval_and_p_and_fits_eighty_columns() -> None:
    found = two_rows()

    shown = as_text(quality_table(found))

    assert "plan_domain：42 条需求，7240 条供给" in shown
    assert "完整流程" in shown
    assert "0.605" in shown
    assert ".60–.61" in shown
    assert "p <.001" in shown
    assert "0.034" in shown
    assert "…" not in shown


def test_calibration_has_a_column_only_when_a_row_has_it() -> None:
    found = report("plan_domain", needs=42, capabilities=7240, rows=[Row("向量", measured(0.4), {})])

    shown = as_text(quality_table(found))

    assert "ECE" not in shown


def test_the_times_add_up_and_a_stage_that_a_row_does_not_have_is_a_dash() -> None:
    found = two_rows()

    shown = as_text(time_table(found)).splitlines()

    assert next(line for line in shown if "向量" in line).split() == ["向量", "12.0", "3.0", "–", "15.0"]
    assert next(line for line in shown if "完整" in line).split() == [
        "完整流程",
        "12.0",
        "4.0",
        "0.5",
        "16.5",
    ]


def test_the_json_has_everything_down_to_each_need_and_nothing_that_json_lacks() -> None:
    found = two_rows()

    written = json.loads(json.dumps(as_json(found), allow_nan=False))

    first, second = written["rows"]
    assert (written["set"], written["needs"], written["needs_measured"]) == ("plan_domain", 42, 20)
    assert (first["auc"], second["auc"]) == (None, 0.8)
    assert second["each"]["n1"]["ndcg"] == pytest.approx(0.61)
    assert second["figures"]["ndcg"]["p_to_row_above"] == found.figures[1]["ndcg"].p
    assert second["milliseconds"] == {"编码": 12.0, "检索": 4.0, "打分": 0.5}


def test_the_plot_puts_each_bin_where_its_score_and_share_are() -> None:
    bins = reliability([0.25, 0.25, 0.75, 0.75], [False, False, True, True])

    drawn = ET.fromstring(reliability_svg(bins, title="得分 <plan_domain>", error=0.25))

    texts = [text.text for text in drawn.iter("{http://www.w3.org/2000/svg}text")]
    low, high = drawn.iter("{http://www.w3.org/2000/svg}circle")
    assert "得分 <plan_domain>" in texts
    assert float(high.attrib["cx"]) - float(low.attrib["cx"]) == pytest.approx(368 / 2)
    assert float(low.attrib["cy"]) - float(high.attrib["cy"]) == pytest.approx(368)
