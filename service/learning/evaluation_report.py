"""What an evaluation found, as tables for a person and as JSON for a machine."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isnan
from typing import Any

from rich import box
from rich.table import Table
from rich.text import Text

from matching.metrics import Measured
from matching.significance import Interval, interval, paired_p
from service.platform.terminal_language import said

#: Measures by their names in ``Measured.each``, with their headings, in two lines so that eighty columns are enough.
HEADINGS = {
    "ndcg_judged": "nDCG\n@10*",
    "ndcg": "nDCG\n@10",
    "recall_10": "Recall\n@10",
    "recall_100": "Recall\n@100",
    "mrr": "MRR\n@10",
    "judged": "judged\n@10",
}
# How much was judged is no quality of its own, so it gets no test.
_UNTESTED = "judged"
_SIGNIFICANT = 0.05


@dataclass(frozen=True)
class Row:
    """One way to rank, as measured. milliseconds: per query, by stage, in the order of the stages.

    calibration_error: where the ranking's scores claim to be probabilities.
    """

    name: str
    measured: Measured
    milliseconds: Mapping[str, float]
    calibration_error: float | None = None


@dataclass(frozen=True)
class Figure:
    """A mean over needs, its 95 % interval, and the p of its difference from the row above."""

    mean: float
    interval: Interval
    p: float | None


@dataclass(frozen=True)
class Report:
    """One judged set: how many needs and capabilities it has, its rows, and for each its figures by measure."""

    name: str
    needs: int
    capabilities: int
    rows: Sequence[Row]
    figures: Sequence[Mapping[str, Figure]]


def report(name: str, *, needs: int, capabilities: int, rows: Sequence[Row]) -> Report:
    """Work out intervals and tests. All rows must be of the same needs, in the same order."""
    figures = [
        {measure: _figure(row, above, measure) for measure in HEADINGS}
        for row, above in zip(rows, (None, *rows), strict=False)
    ]
    return Report(name, needs, capabilities, rows, figures)


def quality_table(found: Report) -> Table:
    """Each figure with its interval below it, and below that the p of what it differs from the row above."""
    tested = len(found.rows[0].measured.queries)
    table = Table(
        title=said(
            "{name}：{needs} 条需求，{capabilities} 条供给",
            name=found.name,
            needs=found.needs,
            capabilities=found.capabilities,
        ),
        caption=(
            said(
                "对有相关供给的 {tested} 条需求取平均；* 只排已评判的供给\n第二行：95% 区间（对需求自助"
                "抽样）；p：与上一行之差，双侧配对随机化检验",
                tested=tested,
            )
        ),
        box=box.HORIZONTALS,
        show_lines=True,
        show_edge=False,
        padding=(0, 1, 0, 0),
        pad_edge=False,
    )
    with_calibration = any(row.calibration_error is not None for row in found.rows)
    table.add_column(said("方法"), overflow="fold")
    for heading in (*HEADINGS.values(), "AUC", *(["ECE"] if with_calibration else [])):
        table.add_column(heading, justify="right", no_wrap=True)
    for row, figures in zip(found.rows, found.figures, strict=True):
        cells = [_cell(figures[measure], with_interval=measure != _UNTESTED) for measure in HEADINGS]
        cells.append(Text("–" if isnan(row.measured.auc) else f"{row.measured.auc:.3f}"))
        if with_calibration:
            cells.append(Text("–" if row.calibration_error is None else f"{row.calibration_error:.3f}"))
        table.add_row(said(row.name), *cells)
    return table


def time_table(found: Report) -> Table:
    """Milliseconds of each stage, for one query."""
    stages = list(dict.fromkeys(stage for row in found.rows for stage in row.milliseconds))
    table = Table(title=said("{name}：每条查询的毫秒数", name=found.name), box=box.HORIZONTALS)
    table.add_column(said("方法"), no_wrap=True)
    for heading in (*stages, "合计"):
        table.add_column(said(heading), justify="right", no_wrap=True)
    for row in found.rows:
        cells = [f"{row.milliseconds[stage]:.1f}" if stage in row.milliseconds else "–" for stage in stages]
        table.add_row(said(row.name), *cells, f"{sum(row.milliseconds.values()):.1f}")
    return table


def as_json(found: Report) -> dict[str, Any]:
    """Everything, down to each need's values; what is not a number is null."""
    return {
        "set": found.name,
        "needs": found.needs,
        "capabilities": found.capabilities,
        "needs_measured": len(found.rows[0].measured.queries),
        "rows": [
            {
                "name": row.name,
                "figures": {
                    measure: {
                        "mean": figure.mean,
                        "low": figure.interval.low,
                        "high": figure.interval.high,
                        "p_to_row_above": figure.p,
                    }
                    for measure, figure in figures.items()
                },
                "auc": None if isnan(row.measured.auc) else row.measured.auc,
                "calibration_error": row.calibration_error,
                "milliseconds": dict(row.milliseconds),
                "each": {
                    query: {measure: float(row.measured.each[measure][place]) for measure in HEADINGS}
                    for place, query in enumerate(row.measured.queries)
                },
            }
            for row, figures in zip(found.rows, found.figures, strict=True)
        ],
    }


def _figure(row: Row, above: Row | None, measure: str) -> Figure:
    each = row.measured.each[measure]
    p = None
    if above is not None and measure != _UNTESTED:
        if above.measured.queries != row.measured.queries:
            raise ValueError(f"{above.name} and {row.name} were measured on different needs.")
        p = paired_p(above.measured.each[measure], each)
    return Figure(float(each.mean()), interval(each), p)


def _cell(figure: Figure, *, with_interval: bool) -> Text:
    lines = [Text(f"{figure.mean:.3f}")]
    if with_interval:
        lines.append(Text("–".join(_short(end, 2) for end in figure.interval)))
    if figure.p is not None:
        p = "p <.001" if figure.p < 0.001 else f"p {_short(figure.p, 3)}"
        lines.append(Text(p, style="bold" if figure.p < _SIGNIFICANT else "dim"))
    return Text("\n").join(lines)


def _short(value: float, digits: int) -> str:
    """Without the nought before the point, for which eighty columns have no room."""
    return f"{value:.{digits}f}".removeprefix("0")
