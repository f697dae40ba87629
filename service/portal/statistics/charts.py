"""Bar charts as SVG: geometry alone, which a template draws. Colours are the style sheet's."""

from collections.abc import Sequence
from dataclasses import dataclass

# In the chart's own units, which are pixels where it is as wide as it may be.
WIDTH = 760
_LABELS, _FIGURES = 300, 70
_BAR, _GAP, _PAD = 12, 3, 8
# A Chinese character's width at the labels' size, and the most that others take on average.
_WIDE, _NARROW = 14, 8
_WIDE_FROM = "\u2e80"


@dataclass(frozen=True)
class Bar:
    """One value of a row; ``name`` is its class in the style sheet."""

    name: str
    value: float
    told: str


@dataclass(frozen=True)
class PlacedBar:
    name: str
    told: str
    x: float
    y: float
    width: float
    told_x: float
    told_y: float


@dataclass(frozen=True)
class PlacedRow:
    label: str
    whole_label: str
    y: float
    bars: list[PlacedBar]


@dataclass(frozen=True)
class Chart:
    height: float
    bar: float
    label_x: float
    rows: list[PlacedRow]
    #: The value that counts as whole, where there is one.
    mark_x: float | None


def bar_chart(
    rows: Sequence[tuple[str, Sequence[Bar]]], *, from_right: bool, whole: float | None = None
) -> Chart:
    """Lay out rows of bars below each other.

    from_right: labels stand at the right and bars grow to the left, as people read Uyghur.
    whole: where to draw a line across all rows.
    """
    most = max([whole or 0, *(bar.value for _, bars in rows for bar in bars)], default=0) or 1
    length = WIDTH - _LABELS - _FIGURES
    placed: list[PlacedRow] = []
    y = 0.0
    for label, bars in rows:
        y += _PAD / 2
        made = []
        for bar in bars:
            width = max(length * bar.value / most, 1.0 if bar.value else 0.0)
            x = float(_LABELS)
            made.append(
                PlacedBar(
                    bar.name,
                    bar.told,
                    WIDTH - x - width if from_right else x,
                    y,
                    width,
                    WIDTH - x - width - 6 if from_right else x + width + 6,
                    y + _BAR - 2,
                )
            )
            y += _BAR + _GAP
        placed.append(
            PlacedRow(_cut(label), label, (made[0].y + made[-1].y + _BAR) / 2 + 4 if made else y, made)
        )
        y += _PAD / 2
    mark = None if whole is None else _LABELS + length * whole / most
    return Chart(
        height=y,
        bar=_BAR,
        label_x=WIDTH - _LABELS + 10 if from_right else _LABELS - 10,
        rows=placed,
        mark_x=None if mark is None else WIDTH - mark if from_right else mark,
    )


def _cut(label: str) -> str:
    """What fits beside the bars: nothing wraps in a drawing."""
    room = _LABELS - 20
    for end, character in enumerate(label):
        room -= _WIDE if character >= _WIDE_FROM else _NARROW
        if room < 0:
            return f"{label[: end - 1]}…"
    return label
