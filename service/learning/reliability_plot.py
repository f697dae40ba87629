"""A reliability plot as SVG: of pairs that were scored so, which share is relevant."""

from collections.abc import Sequence
from html import escape

from matching.calibration import Bin
from service.platform.terminal_language import said

# The square of the plot, and below it the strip that tells how many pairs there are.
_LEFT, _TOP, _SIDE, _STRIP = 72, 64, 368, 56
_BASE = _TOP + _SIDE + _STRIP
_WIDTH, _HEIGHT = _LEFT + _SIDE + 32, _BASE + 52
_INK, _PALE, _LINE, _POINT = "#1f2933", "#8a94a0", "#e4e8ec", "#1668a8"
_FONT = "'Noto Sans CJK SC','Source Han Sans SC','PingFang SC','Microsoft YaHei',sans-serif"


def reliability_svg(bins: Sequence[Bin], *, title: str, error: float) -> str:
    """Points are bins, bars their 95 % intervals; on the diagonal a score is what it says."""
    most = max(one.count for one in bins)
    line = " ".join(f"{_x(one.score)},{_y(one.share)}" for one in bins)
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}"',
            f' height="{_HEIGHT}" role="img" font-family="{_FONT}" font-size="12" fill="{_INK}">',
            f"<title>{escape(title)}</title>",
            '<rect width="100%" height="100%" fill="#fff"/>',
            _text(_LEFT, 28, title, 'font-size="16" font-weight="600"'),
            _text(
                _LEFT,
                48,
                said("期望校准误差 {error:.3f} · 色带为 95% 区间 · 下方为各段对数", error=error),
                f'fill="{_PALE}"',
            ),
            *(_grid(tick / 5) for tick in range(6)),
            f'<path d="M{_x(0)} {_y(0)}L{_x(1)} {_y(1)}" stroke="{_PALE}" stroke-dasharray="4 4"/>',
            _text(_x(0.5), _BASE + 38, said("得分"), 'text-anchor="middle"'),
            _text(
                0,
                0,
                said("相关的比例"),
                f'text-anchor="middle" transform="translate(22 {_y(0.5)}) rotate(-90)"',
            ),
            f'<polyline points="{line}" fill="none" stroke="{_POINT}" stroke-width="1.5"/>',
            *(_bin(one, most) for one in bins),
            "</svg>\n",
        )
    )


def _grid(tick: float) -> str:
    return "\n".join(
        (
            f'<path d="M{_x(tick)} {_y(0)}V{_y(1)}M{_x(0)} {_y(tick)}H{_x(1)}" stroke="{_LINE}"/>',
            _text(_x(tick), _BASE + 18, f"{tick:.1f}", 'text-anchor="middle"'),
            _text(_LEFT - 8, _y(tick) + 4, f"{tick:.0%}", 'text-anchor="end"'),
        )
    )


def _bin(one: Bin, most: int) -> str:
    height = round(max(1.0, (_STRIP - 22) * one.count / most), 1)
    left, right = _x(one.low) + 1, _x(one.high) - 1
    count = f'text-anchor="middle" font-size="10" fill="{_PALE}"'
    return "\n".join(
        (
            f'<path d="M{_x(one.score)} {_y(one.share_low)}V{_y(one.share_high)}" stroke="{_POINT}"',
            ' stroke-width="6" stroke-opacity="0.25"/>',
            f'<circle cx="{_x(one.score)}" cy="{_y(one.share)}" r="4.5" fill="{_POINT}" stroke="#fff"/>',
            f'<rect x="{left}" y="{_BASE - height}" width="{max(1, right - left):.1f}" height="{height}"',
            f' fill="{_POINT}" fill-opacity="0.35"/>',
            _text((left + right) / 2, _BASE - height - 3, str(one.count), count),
        )
    )


def _x(value: float) -> float:
    return round(_LEFT + _SIDE * value, 1)


def _y(value: float) -> float:
    return round(_TOP + _SIDE * (1 - value), 1)


def _text(x: float, y: float, text: str, attributes: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" {attributes}>{escape(text)}</text>'
