"""Days: 2027年6月底, 2027.6, 二〇二七年底, and the numbers that Excel keeps for days."""

import calendar
import re
from datetime import date, datetime, timedelta

from schemas.reading.writing import (
    CHINESE_DIGITS,
    CHINESE_NUMBER,
    Unreadable,
    read_chinese_number,
    tidy,
)

# Excel counts days from here, for every date after February 1900.
_EXCEL_BEGINS = date(1899, 12, 30)
_YEARS = range(1900, 2201)
_EXCEL_DAYS = range(18_000, 110_000)
_NO_DAY = re.compile(r"长期|不限|尽快|面议|待定|随时|近期|无|协商|合同|签订|个月|[一二三半两\d]年[内后]|年内")
_QUARTERS = {"一": 1, "二": 2, "三": 3, "四": 4, "1": 1, "2": 2, "3": 3, "4": 4}

_DAY = re.compile(
    r"(?P<year>[0-9]{4}|[0-9]{2}(?=年))[-/.年](?P<month>[0-9]{1,2})[-/.月](?P<day>[0-9]{1,2})[日号]?"
    r"(?:[ T]?[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?)?(?:之?前|止|截止)?"
)
_RUN_TOGETHER = re.compile(r"(?P<year>[0-9]{4})(?P<month>[0-9]{2})(?P<day>[0-9]{2})?")
_MONTH = re.compile(
    r"(?P<year>[0-9]{4}|[0-9]{2}(?=年))(?:[-/.年](?P<month>[0-9]{1,2})月?)(?:份)?"
    r"(?P<part>底|末|上旬|中旬|下旬|初)?(?P<before>之?前)?"
)
_YEAR = re.compile(
    r"(?P<year>[0-9]{4}|[0-9]{2}(?=年))年?(?:度)?"
    r"(?P<part>年?[底末]|上半年|下半年|年?初|第?[一二三四1-4]季度(?:末)?|q[1-4])?(?P<before>之?前)?"
)
_SPAN = re.compile(
    r"(?:.*[0-9年月日底末])\s*(?:至|到|~|—+|–)\s*(?P<end>[0-9].*)|(?:[0-9./年月日]+)-(?P<tail>[0-9]{4}.*)"
)


def read_date(written: str | float | date) -> date:
    """Read a day. Of a month or a year the last day counts, and of a span of time its end."""
    if isinstance(written, date):
        return written.date() if isinstance(written, datetime) else written
    if not isinstance(written, str):
        return _read_number(written)
    text = re.sub(r"\s*([年月日/.-])\s*", r"\1", _western(tidy(written)))
    span = _SPAN.fullmatch(text)
    if span:
        text = span["end"] or span["tail"]
    for pattern, reader in ((_DAY, _read_day), (_MONTH, _read_month), (_YEAR, _read_year)):
        found = pattern.fullmatch(text.lower() if pattern is _YEAR else text)
        if found:
            return reader(found)
    together = _RUN_TOGETHER.fullmatch(text)
    if together:
        return _read_day(together) if together["day"] else _last_day(_year(together), int(together["month"]))
    if re.fullmatch(r"[0-9]{5,6}(?:\.0+)?", text):
        return _read_number(float(text))
    if _NO_DAY.search(text):
        raise Unreadable("请填写具体日期，如 2027-06-30", "give a day, such as 2027-06-30")
    raise Unreadable("不是日期，请写成 2027-06-30 的样子", "not a day; write it like 2027-06-30")


def _western(text: str) -> str:
    """Write 二〇二七年十二月 as 2027年12月."""
    text = re.sub(
        rf"[{CHINESE_DIGITS}○]{{4}}(?=年)",
        lambda found: "".join(
            str("零一二三四五六七八九".index(c)) if c in "零一二三四五六七八九" else "0" for c in found[0]
        ),
        text,
    )
    return re.sub(
        rf"{CHINESE_NUMBER}(?=[月日号])", lambda found: str(read_chinese_number(found[0]) or found[0]), text
    )


def _read_number(number: float) -> date:
    whole = int(number) if abs(number) < 10**9 else 0
    if whole != number:
        raise Unreadable("不是日期", "not a day")
    if whole in _YEARS:
        return date(whole, 12, 31)
    if whole in _EXCEL_DAYS:
        return _EXCEL_BEGINS + timedelta(days=whole)
    together = _RUN_TOGETHER.fullmatch(str(whole))
    if together:
        return read_date(str(whole))
    raise Unreadable("不是日期", "not a day")


def _year(found: re.Match[str]) -> int:
    year = int(found["year"])
    year += 2000 if year < 100 else 0
    if year not in _YEARS:
        raise Unreadable("年份 {year} 不合理", "the year {year} cannot be meant", year=year)
    return year


def _day(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError as impossible:
        raise Unreadable(
            "没有 {day} 这一天", "there is no day {day}", day=f"{year}-{month}-{day}"
        ) from impossible


def _last_day(year: int, month: int) -> date:
    if not 1 <= month <= 12:
        raise Unreadable("没有 {month} 月", "there is no month {month}", month=month)
    return date(year, month, calendar.monthrange(year, month)[1])


def _read_day(found: re.Match[str]) -> date:
    return _day(_year(found), int(found["month"]), int(found["day"]))


def _read_month(found: re.Match[str]) -> date:
    end = _last_day(_year(found), int(found["month"]))
    if found["part"] in {"上旬", "初"}:
        return end.replace(day=10)
    if found["part"] == "中旬":
        return end.replace(day=20)
    # 6月前 is before June, but 6月底前 is before its end.
    return end.replace(day=1) - timedelta(days=1) if found["before"] and not found["part"] else end


def _read_year(found: re.Match[str]) -> date:
    year, part = _year(found), found["part"] or ""
    if part == "上半年":
        return date(year, 6, 30)
    if part.endswith("初"):
        return date(year, 1, 31)
    quarter = re.search("[一二三四1-4]", part)
    if quarter:
        return _last_day(year, 3 * _QUARTERS[quarter[0]])
    return date(year - 1, 12, 31) if found["before"] and not part else date(year, 12, 31)
