"""Figures that are wanted or reached: 残膜回收率≥90%, 亩产提高10%以上, 5-8 t/h."""

import re
from typing import TypedDict

from schemas.reading.writing import DIGITS, Unreadable, plain_dashes, read_digits, tidy
from schemas.vocabulary import IndicatorOperator

_LONGEST_NAME = 100

_SIGNS = {
    IndicatorOperator.at_least: r">=|≥|≧|不[低少小]于|大于或?等于|至少|达到?|(?:提高|增加)到|最低",
    IndicatorOperator.at_most: r"<=|≤|≦|不[高大多]于|不超过|小于或?等于|至多|降低?到|控制在|最高",
    IndicatorOperator.above: r">|大于|高于|超过|多于",
    IndicatorOperator.below: r"<|小于|低于|少于|不足",
    IndicatorOperator.equal: r"=|等于|为|:",
}
_AFTERWARDS = {
    IndicatorOperator.at_least: "及?以上|起",
    IndicatorOperator.at_most: "及?以下|[以之]内",
}
_SIGN = re.compile("(" + "|".join(_SIGNS.values()) + r")\s*(?=[±-]?[0-9])")
_AFTER = re.compile("(" + "|".join(_AFTERWARDS.values()) + ")$")
_FIRST_NUMBER = re.compile(r"±?(?<![0-9.])-?[0-9]")
_NUMBER = rf"-?{DIGITS}"
_UNIT = r"(?:[^\s0-9,;。、()=<>≥≤±×^+-](?:[^\s0-9,;。、()=<>≥≤±×^]|(?<=m)[23]){0,14})"
_RANGE = re.compile(
    rf"(?P<low>{_NUMBER})\s*{_UNIT}?\s*(?:-|至|到)\s*(?P<high>{_NUMBER})\s*(?P<unit>{_UNIT})?"
)
_SINGLE = re.compile(rf"(?P<either>±)?\s*(?P<low>{_NUMBER})\s*(?P<unit>{_UNIT})?")
_UNIT_IN_NAME = re.compile(r"(.+?)\s*\(([^()]{1,15})\)")
# Words after a number that go on with the sentence, so that the number is not all that is said.
_NO_UNIT = re.compile(r".*[的且和并或].*|%.+|.*[\u4e00-\u9fff]{7,}.*")
# A number with neither sign nor range is a figure only with a unit that makes it one: 5G is none.
_USUAL_UNIT = re.compile(
    r"[%‰℃°]|[kmcμ]?[mgLl]|[kKMG]?W(?:/?h)?|kWh|t|ha|h|d|[kM]?Pa|[kM]?Hz|[kM]?V|mA?|min|s|hm²|[mk]m[23²³]"
    r"|[百千万亿]*(?:亩|公顷|元|吨|公斤|千克|斤|克|米|公里|项|件|个|台|套|篇|种|人|名|次|株|头|只|羽|家|处|座|条|年|月|天|日|小时|分钟|倍|度|级|份|册|万|亿)"
    r"|.*/.*"
)


class IndicatorReading(TypedDict):
    """When it is no plain comparison, the operator is ``text`` and only ``text`` is filled."""

    name: str
    operator: IndicatorOperator
    value: float | None
    value_max: float | None
    unit: str
    text: str


def read_indicator(written: str) -> IndicatorReading:
    """Read a figure with its name, comparison and unit. The unit stays as written: 亩 is not converted."""
    text = written.strip()
    if not text:
        raise Unreadable("指标为空", "the indicator is empty")
    as_written = IndicatorReading(
        name="", operator=IndicatorOperator.text, value=None, value_max=None, unit="", text=text
    )
    try:
        plain = plain_dashes(tidy(text))
    except Unreadable:
        return as_written
    return _read_figure(re.sub(r"\s*/\s*", "/", plain.rstrip("。;,")), text) or as_written


def _read_figure(plain: str, text: str) -> IndicatorReading | None:
    sign = _SIGN.search(plain)
    start = sign or _FIRST_NUMBER.search(plain)
    if start is None:
        return None
    name = re.sub(r"(?:可|应|需|须|要求)$", "", plain[: start.start()].strip(" :,-"))
    figure = plain[sign.end() if sign else start.start() :].strip()
    if len(name) > _LONGEST_NAME or (sign and sign[1] in {":", "为"} and name[-1:].isdigit()):
        return None
    after = _AFTER.search(figure)
    numbers = _numbers(figure[: after.start()].strip() if after else figure)
    if numbers is None:
        return None
    low, high, unit = numbers
    named = None if unit else _UNIT_IN_NAME.fullmatch(name)
    if named:
        name, unit = named[1], named[2]
    said = sign or after or high is not None
    if not (_is_unit(unit, low) if said else _USUAL_UNIT.fullmatch(unit) and _is_unit(unit, low)):
        return None
    operator = IndicatorOperator.range if high is not None else _operator(after, sign)
    return IndicatorReading(name=name, operator=operator, value=low, value_max=high, unit=unit, text=text)


def _numbers(figure: str) -> tuple[float, float | None, str] | None:
    found = _RANGE.fullmatch(figure)
    if found:
        low, high = float(read_digits(found["low"])), float(read_digits(found["high"]))
        return (low, high, found["unit"] or "") if low <= high else None
    found = _SINGLE.fullmatch(figure)
    if not found:
        return None
    value = float(read_digits(found["low"]))
    return (
        (-abs(value), abs(value), found["unit"] or "")
        if found["either"]
        else (value, None, found["unit"] or "")
    )


def _is_unit(unit: str, value: float) -> bool:
    """Tell a unit from the rest of a sentence, and a year from a number of years."""
    return not _NO_UNIT.fullmatch(unit) and not (unit == "年" and value >= 1900)


def _operator(after: re.Match[str] | None, sign: re.Match[str] | None) -> IndicatorOperator:
    for written, table in ((after, _AFTERWARDS), (sign, _SIGNS)):
        for operator, words in table.items():
            if written and re.fullmatch(words, written[1]):
                return operator
    return IndicatorOperator.equal
