import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.reading import Unreadable, read_maturity, read_money
from schemas.vocabulary import MaturityScale, PricingMethod
from tests.schemas.writing import ANY_TEXT


@pytest.mark.parametrize(
    ("written", "low", "high"),
    [
        ("50-100万元", 500_000, 1_000_000),
        ("５０～１００万元", 500_000, 1_000_000),
        ("50—100万", 500_000, 1_000_000),
        ("50万至100万", 500_000, 1_000_000),
        ("五十至一百万元", 500_000, 1_000_000),
        ("50万元以上100万元以下", 500_000, 1_000_000),
        ("5千-1万", 5_000, 10_000),
        ("1-2亿", 100_000_000, 200_000_000),
        ("五十万", 500_000, 500_000),
        ("人民币伍拾万元整", 500_000, 500_000),
        ("￥1,000,000", 1_000_000, 1_000_000),
        ("1.5亿", 150_000_000, 150_000_000),
        ("50w", 500_000, 500_000),
        ("约50万元左右", 500_000, 500_000),
        ("研发经费：80 万元", 800_000, 800_000),
        ("100", 100, 100),
        ("50万以内", None, 500_000),
        ("不超过50万元", None, 500_000),
        ("低于50万", None, 500_000),
        ("50万以上", 500_000, None),
        ("不低于50万元", 500_000, None),
        ("0", 0, 0),
    ],
)
def test_sums_are_read_in_whole_yuan(written: str, low: int | None, high: int | None) -> None:
    read = read_money(written)

    assert read == (low, high, None)


@pytest.mark.parametrize(
    ("written", "method"),
    [
        ("面议", PricingMethod.face_to_face),
        ("价格面议", PricingMethod.face_to_face),
        ("双方协商确定", PricingMethod.face_to_face),
        ("待定", PricingMethod.face_to_face),
        ("协议定价", PricingMethod.negotiated),
        ("挂牌交易", PricingMethod.listed),
        ("拍卖", PricingMethod.auction),
    ],
)
def test_a_way_of_pricing_stands_in_for_a_sum(written: str, method: PricingMethod) -> None:
    read = read_money(written)

    assert read == (None, None, method)


def test_a_sum_and_a_way_of_pricing_are_both_kept() -> None:
    assert read_money("50万元（面议）") == (500_000, 500_000, PricingMethod.face_to_face)


@pytest.mark.parametrize("written", ["", "  ", "无", "/", "-", "暂无"])
def test_a_blank_says_nothing_about_money(written: str) -> None:
    assert read_money(written) == (None, None, None)


@pytest.mark.parametrize("written", ["100", 100, 100.0], ids=repr)
def test_a_bare_number_takes_the_unit_of_the_header(written: str | float) -> None:
    assert read_money(written, default_unit="万元") == (1_000_000, 1_000_000, None)


def test_a_unit_in_the_cell_wins_over_the_header() -> None:
    assert read_money("5000元", default_unit="万元") == (5_000, 5_000, None)


def test_the_header_cannot_have_a_unit_that_is_none_of_money() -> None:
    with pytest.raises(ValueError, match="Not a unit of money"):
        read_money("100", default_unit="吨")


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("100-50万", "下限高于上限"),
        ("-50万", "不能为负"),
        ("负50万", "不能为负"),
        ("至少至多50万", "不明白"),
        (-1, "0 到 1 万亿"),
        ("10001亿", "0 到 1 万亿"),
        ("50万美元", "人民币"),
        ("500元/亩", "单价"),
        ("几十万", "具体金额"),
        ("总投资500万元，其中研发200万元", "不止一个金额"),
        ("50 100", "不止一个金额"),
        ("五十五十万", "不是数"),
        ("很多钱", "没有找到金额"),
        ("50万只羊", "不明白“50万只羊”"),
        ("9" * 600, "过长"),
        (True, "不是金额"),
        (float("nan"), "不是金额"),
    ],
)
def test_what_is_no_clear_sum_is_refused_with_a_reason(written: str | float, reason: str) -> None:
    with pytest.raises(Unreadable, match=reason):
        read_money(written)


def test_a_refusal_is_told_in_chinese_and_english() -> None:
    with pytest.raises(Unreadable) as refused:
        read_money("100-50万")

    assert (refused.value.zh, refused.value.en) == ("下限高于上限", "the lower end is above the upper end")


@given(low=st.integers(0, 9_999), more=st.integers(0, 9_999))
def test_a_written_range_is_read_back(low: int, more: int) -> None:
    written = f"{low:,}～{low + more:,}万元"

    assert read_money(written) == (low * 10_000, (low + more) * 10_000, None)


@given(ANY_TEXT)
def test_any_text_is_money_or_unreadable(written: str) -> None:
    try:
        low, high, _ = read_money(written)
    except Unreadable:
        return

    assert low is None or 0 <= low <= 10**12
    assert high is None or (low or 0) <= high <= 10**12


@pytest.mark.parametrize(
    ("written", "value", "low", "high"),
    [
        ("概念阶段", "early", 1, 2),
        ("实验室阶段", "early", 3, 4),
        ("小试", "early", 4, 4),
        ("中试", "middle", 6, 6),
        ("样机", "middle", 6, 6),
        ("小试-中试", "middle", 4, 6),
        ("中试以上", "mature", 6, 9),
        ("已产业化", "mature", 9, 9),
        ("量产", "mature", 9, 9),
        ("初期阶段", "early", 1, 4),
        ("中期", "middle", 5, 7),
        ("成熟应用阶段", "mature", 8, 9),
        ("middle", "middle", 5, 7),
    ],
)
def test_words_are_read_as_a_stage_and_a_span_of_trl(written: str, value: str, low: int, high: int) -> None:
    read = read_maturity(written)

    assert read == {"scale": MaturityScale.stage, "value": value, "trl_min": low, "trl_max": high}


@pytest.mark.parametrize(
    ("written", "value", "low", "high"),
    [
        ("TRL6", 6, 6, 6),
        ("ＴＲＬ ６", 6, 6, 6),
        ("TRL 5-7", "5-7", 5, 7),
        ("TRL≥6", "6-9", 6, 9),
        ("TRL6以下", "1-6", 1, 6),
        ("6级", 6, 6, 6),
        ("9", 9, 9, 9),
        ("技术成熟度：7级", 7, 7, 7),
        ("中试（TRL7）", 7, 7, 7),
    ],
)
def test_levels_are_read_as_trl(written: str, value: int | str, low: int, high: int) -> None:
    read = read_maturity(written)

    assert read == {"scale": MaturityScale.trl, "value": value, "trl_min": low, "trl_max": high}


@pytest.mark.parametrize(
    ("written", "scale", "value", "trl"),
    [
        ("报告级", None, 1, 1),
        ("正样级", None, 6, 6),
        ("回报级", None, 13, 9),
        ("第12级", None, 12, 9),
        ("10", None, 10, 9),
        ("6", "level13", 6, 6),
    ],
)
def test_the_thirteen_levels_are_read_and_the_commercial_ones_are_trl_9(
    written: str, scale: str | None, value: int, trl: int
) -> None:
    read = read_maturity(written, scale=scale)

    assert read == {"scale": MaturityScale.level13, "value": value, "trl_min": trl, "trl_max": trl}


@pytest.mark.parametrize(
    ("written", "scale"),
    [
        ("", None),
        ("随便", None),
        ("未中试", None),
        ("TRL 10", None),
        ("0", None),
        ("14", None),
        ("6", "stage"),
        ("7-5", None),
    ],
)
def test_what_is_no_maturity_is_refused(written: str, scale: str | None) -> None:
    with pytest.raises(Unreadable):
        read_maturity(written, scale=scale)


@given(ANY_TEXT, st.none() | st.sampled_from(MaturityScale))
def test_any_text_is_a_maturity_or_unreadable(written: str, scale: MaturityScale | None) -> None:
    try:
        read = read_maturity(written, scale=scale)
    except Unreadable:
        return

    assert 1 <= read["trl_min"] <= read["trl_max"] <= 9
