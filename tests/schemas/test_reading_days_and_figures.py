from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.reading import Unreadable, read_date, read_indicator
from schemas.vocabulary import IndicatorOperator
from tests.schemas.writing import ANY_TEXT


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2027-06-30", date(2027, 6, 30)),
        ("2027/6/3", date(2027, 6, 3)),
        ("2027年6月3日", date(2027, 6, 3)),
        ("2027 年 6 月 3 日前", date(2027, 6, 3)),
        ("２０２７．６．３", date(2027, 6, 3)),
        ("20270603", date(2027, 6, 3)),
        ("2027-06-30 00:00:00", date(2027, 6, 30)),
        ("2027-06-30T12:00:00+08:00", date(2027, 6, 30)),
        ("2027-06", date(2027, 6, 30)),
        ("2027.6", date(2027, 6, 30)),
        ("2028年2月", date(2028, 2, 29)),
        ("2027年6月底", date(2027, 6, 30)),
        ("2027年6月底前", date(2027, 6, 30)),
        ("2027年6月前", date(2027, 5, 31)),
        ("2027年6月上旬", date(2027, 6, 10)),
        ("2027年6月中旬", date(2027, 6, 20)),
        ("27年6月", date(2027, 6, 30)),
        ("二〇二七年六月", date(2027, 6, 30)),
        ("二零二七年十二月三十日", date(2027, 12, 30)),
        ("2027年底", date(2027, 12, 31)),
        ("2027", date(2027, 12, 31)),
        ("2027年前", date(2026, 12, 31)),
        ("2027年上半年", date(2027, 6, 30)),
        ("2027年三季度", date(2027, 9, 30)),
        ("2027Q3", date(2027, 9, 30)),
        ("2026年1月至2027年12月", date(2027, 12, 31)),
        ("2026.1-2027.12", date(2027, 12, 31)),
        ("46568", date(2027, 6, 30)),
        (46568, date(2027, 6, 30)),
        (46568.0, date(2027, 6, 30)),
        (2027, date(2027, 12, 31)),
        (20270603, date(2027, 6, 3)),
        (date(2027, 6, 3), date(2027, 6, 3)),
        (datetime(2027, 6, 3, 8, tzinfo=UTC), date(2027, 6, 3)),
    ],
)
def test_days_are_read_and_of_a_month_or_a_year_the_last(written: str | float | date, day: date) -> None:
    read = read_date(written)

    assert read == day
    assert type(read) is date


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("2027-02-30", "没有 2027-2-30 这一天"),
        ("2027-13", "没有 13 月"),
        ("3000-01-01", "年份 3000 不合理"),
        ("一年内", "具体日期"),
        ("长期有效", "具体日期"),
        ("尽快", "具体日期"),
        ("合同签订后12个月", "具体日期"),
        ("", "不是日期"),
        ("abc", "不是日期"),
        (1, "不是日期"),
        (46568.5, "不是日期"),
        (True, "不是日期"),
        (float("nan"), "不是日期"),
        (float("inf"), "不是日期"),
    ],
)
def test_what_is_no_day_is_refused_with_a_reason(written: str | float, reason: str) -> None:
    with pytest.raises(Unreadable, match=reason):
        read_date(written)


@given(st.dates(date(1950, 1, 1), date(2200, 12, 31)))
def test_a_written_day_is_read_back(day: date) -> None:
    ways = [
        day.isoformat(),
        f"{day.year}年{day.month}月{day.day}日",
        f"{day.year}.{day.month}.{day.day}",
        f"{day:%Y%m%d}",
    ]

    assert [read_date(way) for way in ways] == [day] * 4


@given(ANY_TEXT | st.floats() | st.integers())
def test_anything_is_a_day_or_unreadable(written: str | float) -> None:
    try:
        read = read_date(written)
    except Unreadable:
        return

    assert 1899 <= read.year <= 2200


@pytest.mark.parametrize(
    ("written", "name", "operator", "value", "value_max", "unit"),
    [
        ("残膜回收率≥90%", "残膜回收率", ">=", 90, None, "%"),
        ("含糖量 不低于 28 %", "含糖量", ">=", 28, None, "%"),
        ("含糖量(%)≥28", "含糖量", ">=", 28, None, "%"),
        ("亩产提高10%以上", "亩产提高", ">=", 10, None, "%"),
        ("成活率可达95%", "成活率", ">=", 95, None, "%"),
        ("转化率＞９５％", "转化率", ">", 95, None, "%"),
        ("粒度<0.5mm", "粒度", "<", 0.5, None, "mm"),
        ("氨氮≤5 mg / L", "氨氮", "<=", 5, None, "mg/L"),
        ("处理量不小于20m3/h", "处理量", ">=", 20, None, "m3/h"),
        ("成本控制在2元/kg以内", "成本", "<=", 2, None, "元/kg"),
        ("6行采棉机作业效率≥10亩/h", "6行采棉机作业效率", ">=", 10, None, "亩/h"),
        ("pH=7", "pH", "=", 7, None, ""),
        ("-18℃", "", "=", -18, None, "℃"),
        ("建设示范基地5,000亩", "建设示范基地", "=", 5000, None, "亩"),
        ("面积 1.5 公顷", "面积", "=", 1.5, None, "公顷"),
        ("形成技术规程2项", "形成技术规程", "=", 2, None, "项"),
        ("年产5万吨", "年产", "=", 5, None, "万吨"),
        ("5-8 t/h", "", "range", 5, 8, "t/h"),
        ("含水率10%～12%", "含水率", "range", 10, 12, "%"),
        ("温度-5～5℃", "温度", "range", -5, 5, "℃"),
        ("精度±2cm", "精度", "range", -2, 2, "cm"),
    ],
)
def test_a_figure_is_read_with_its_name_comparison_and_unit(
    *, written: str, name: str, operator: str, value: float, value_max: float | None, unit: str
) -> None:
    read = read_indicator(written)

    assert read == {
        "name": name,
        "operator": IndicatorOperator(operator),
        "value": value,
        "value_max": value_max,
        "unit": unit,
        "text": written,
    }


@pytest.mark.parametrize(
    "written",
    [
        "节水效果明显",
        "采用5G技术",
        "2027年完成",
        "活菌数≥10^8CFU/g",
        "棉花亩产达到500公斤且衣分≥42%",
        "节水30%，增产15%",
        "含水率12%～10%",
        "比例1:3",
        "到2027年",
        "长" * 120 + "≥90%",
        "长" * 600,
    ],
)
def test_what_is_no_plain_comparison_is_kept_as_text(written: str) -> None:
    read = read_indicator(written)

    assert (read["operator"], read["value"], read["text"]) == (IndicatorOperator.text, None, written)


def test_an_empty_indicator_is_refused() -> None:
    with pytest.raises(Unreadable, match="为空"):
        read_indicator("  ")


@given(ANY_TEXT)
def test_any_text_is_an_indicator_that_keeps_the_text(written: str) -> None:
    try:
        read = read_indicator(written)
    except Unreadable:
        assert not written.strip()
        return

    assert read["text"] == written.strip()
    assert read["value_max"] is None or (read["value"] is not None and read["value"] <= read["value_max"])
