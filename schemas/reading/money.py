"""Sums of money: 50-100万元, 不超过五十万, 面议."""

import math
import re
from decimal import ROUND_HALF_UP, Decimal

from schemas.reading.writing import (
    CHINESE_NUMBER,
    DIGITS,
    Unreadable,
    plain_dashes,
    read_chinese_number,
    read_digits,
    tidy,
    without_spaces,
)
from schemas.vocabulary import PricingMethod

MoneyReading = tuple[int | None, int | None, PricingMethod | None]

HIGHEST = 10**12

_SCALES = {
    "元": 1,
    "圆": 1,
    "十": 10,
    "百": 100,
    "千": 10**3,
    "k": 10**3,
    "万": 10**4,
    "w": 10**4,
    "十万": 10**5,
    "百万": 10**6,
    "千万": 10**7,
    "亿": 10**8,
    "十亿": 10**9,
    "百亿": 10**10,
    "千亿": 10**11,
    "万亿": 10**12,
}
_METHODS = {
    PricingMethod.face_to_face: r"面[议谈]|协商|商[议定谈]|洽谈|另议|待[定议]|未定|详谈|议价|negotiable",
    PricingMethod.negotiated: "协议定价|协议价",
    PricingMethod.listed: "挂牌(?:交易|定价|转让)?",
    PricingMethod.auction: "拍卖",
}
_NOTHING_SAID = {"", "无", "/", "-", "暂无", "没有", "不限", "不详", "none", "n/a"}
_FOREIGN = re.compile(r"美元|美金|欧元|英镑|日元|港[币元]|卢布|坚戈|usd|eur|gbp|hkd|jpy|[$€£]")
# A price for each piece, acre or year is no sum, and reading it as one would mislead.
_PER_PIECE = re.compile(
    r"[/每](?:亩|年|月|天|日|次|吨|t|公斤|kg|斤|件|台|套|个|人|公顷|ha|小时|h|株|头|平|米|m|样)"
)
_VAGUE = re.compile(r"[几数](?:[十百千万亿]|$)|若干")
_CURRENCY = re.compile(r"人民币|rmb|cny|[¥￥]")


def _amount_named(end: str) -> str:
    figure = rf"(?P<{end}>{DIGITS}|{CHINESE_NUMBER})[余多]?"
    return figure + rf"(?P<{end}_unit>万亿|[十百千]?[万亿]|[十百千kw元圆])?[余多]?[元圆]?整?"


_SINGLE = re.compile(_amount_named("low"))
_RANGE = re.compile(_amount_named("low") + "(?:-|至|到|(?:以上|起)[,至到-]?)" + _amount_named("high"))
# Said by denying the other side, so these come before what they deny: 不低于 is no 低于.
_NOT_ABOVE = re.compile("不(?:超过|高于|多于|大于)")
_NOT_BELOW = re.compile("不(?:低于|少于|小于)")
_AT_MOST = re.compile(r"[以之]内|以下|内$|最高|最多|至多|上限|封顶|小于等于|小于|低于|少于|<=?|≤")
_AT_LEAST = re.compile(r"以上|起$|最低|最少|至少|下限|大于等于|大于|高于|超过|多于|>=?|≥")
_ABOUT = re.compile(
    r"大约|大概|约|左右|上下|预计|预期|暂定|计划|意向|期望|拟|可|"
    r"自筹|企业|总|合计|共计?|计|研发|技术|转让|许可|项目|开发|服务|投入|投资|预算|经费|资金|费用?|金额|价格|报价|价|款|"
    r"不?含税|或|为|在|是|[:：,，;；。/()、]"
)


def read_money(written: str | float, default_unit: str = "元") -> MoneyReading:
    """Read a sum or a range in whole yuan, and how the price is found if that is said.

    An open end is ``None``: 不超过50万 is ``(None, 500000, None)``. A blank says nothing and is three
    times ``None``. ``default_unit`` is that of the column header, for bare numbers.
    """
    if default_unit not in _SCALES and default_unit.removesuffix("元") not in _SCALES:
        raise ValueError(f"Not a unit of money: {default_unit!r}")
    scale = _SCALES.get(default_unit) or _SCALES[default_unit.removesuffix("元")]
    if not isinstance(written, str):
        return _read_number(written, scale)
    text = plain_dashes(without_spaces(tidy(written).lower()))
    if text in _NOTHING_SAID:
        return None, None, None
    method, text = _take_method(text)
    if not _ABOUT.sub("", text).strip("-"):
        return None, None, method
    _refuse_what_is_no_sum(text)
    return *_read_sum(_CURRENCY.sub("", text), scale), method


def _read_number(number: float, scale: int) -> MoneyReading:
    if isinstance(number, bool) or not math.isfinite(number):
        raise Unreadable("不是金额", "not a sum of money")
    sum_ = _in_yuan(Decimal(str(number)) * scale)
    return sum_, sum_, None


def _take_method(text: str) -> tuple[PricingMethod | None, str]:
    for method, pattern in _METHODS.items():
        rest, count = re.subn(rf"(?:双方|再|电话|可|来电)*(?:{pattern})(?:确定|解决)?", "", text)
        if count:
            return method, rest
    return None, text


def _refuse_what_is_no_sum(text: str) -> None:
    if _FOREIGN.search(text):
        raise Unreadable("请换算成人民币", "give the sum in Chinese yuan")
    if _PER_PIECE.search(text):
        raise Unreadable("这是单价，请填写总额", "a price for each piece; give the whole sum")
    if _VAGUE.search(text):
        raise Unreadable("请填写具体金额或“面议”", "give a figure, or 面议")
    if re.match(r"[^0-9]*(?<![0-9万亿元])-[0-9]", text) or text.startswith("负"):
        raise Unreadable("金额不能为负", "a sum cannot be negative")


def _read_sum(text: str, scale: int) -> tuple[int | None, int | None]:
    text = _NOT_BELOW.sub("至少", _NOT_ABOVE.sub("至多", text))
    found = _RANGE.search(text) or _SINGLE.search(text)
    if found is None:
        raise Unreadable("没有找到金额", "there is no sum in it")
    rest = text[: found.start()] + " " + text[found.end() :]
    at_most, at_least = bool(_AT_MOST.search(rest)), bool(_AT_LEAST.search(rest))
    left_over = "".join(_ABOUT.sub("", _AT_LEAST.sub("", _AT_MOST.sub("", rest))).split())
    if re.search(rf"{DIGITS}|[零一二两三四五六七八九十]+[万亿元]", left_over):
        raise Unreadable("有不止一个金额", "more than one sum")
    if left_over or (at_most and at_least):
        raise Unreadable("不明白“{text}”", "cannot tell what {text!r} means", text=text[:30])
    parts = found.groupdict()
    if "high" in parts:
        return _read_range(parts, scale)
    sum_ = _in_yuan(_amount(parts["low"], parts["low_unit"], scale))
    return (None if at_most else sum_), (None if at_least else sum_)


def _read_range(parts: dict[str, str | None], scale: int) -> tuple[int, int]:
    # One unit serves both ends: 50-100万 means 50万 to 100万, and so does 50万-100.
    low_unit = parts["low_unit"] or parts["high_unit"]
    high_unit = parts["high_unit"] or parts["low_unit"]
    low = _in_yuan(_amount(parts["low"], low_unit, scale))
    high = _in_yuan(_amount(parts["high"], high_unit, scale))
    if low > high:
        raise Unreadable("下限高于上限", "the lower end is above the upper end")
    return low, high


def _amount(figure: str | None, unit: str | None, scale: int) -> Decimal:
    assert figure is not None
    number: Decimal | int | None
    number = read_digits(figure) if figure[0].isascii() else read_chinese_number(figure)
    if number is None:
        raise Unreadable("“{figure}”不是数", "{figure!r} is not a number", figure=figure)
    return Decimal(number) * (_SCALES[unit] if unit else scale)


def _in_yuan(sum_: Decimal) -> int:
    if not 0 <= sum_ <= HIGHEST:
        raise Unreadable("金额应在 0 到 1 万亿元之间", "a sum lies between 0 and 10^12 yuan")
    return int(sum_.to_integral_value(rounding=ROUND_HALF_UP))
