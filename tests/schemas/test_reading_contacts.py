from datetime import date
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from stdnum.cn.ric import calc_check_digit

from schemas.reading import find_contacts, mask_contacts
from schemas.reading.contacts import MASK
from tests.schemas.contact_spellings import NONE, SPELLINGS

# What hypothesis would hardly think of: pieces of contacts, strung together.
_PIECES = (
    "13812345678 138 1234 5678 0998 - 5721234 400 a@b.cn @ 微信 ： zhangsan_01 QQ 12345 一三八 零 "
    "ZL 2019 . 7 电话 元 +86 ( ) １３８"
)
CONTACT_WORDS = st.lists(st.sampled_from([*_PIECES.split(), " ", MASK]), max_size=25).map("".join)


@pytest.mark.parametrize(
    ("text", "kind", "found"),
    [
        ("电话13812345678欢迎来电", "mobile", "13812345678"),
        ("王工 138 1234 5678", "mobile", "138 1234 5678"),
        ("王工 138-1234-5678", "mobile", "138-1234-5678"),
        ("王工 １３８１２３４５６７８。", "mobile", "１３８１２３４５６７８"),
        ("王工 1 3 8 1 2 3 4 5 6 7 8", "mobile", "1 3 8 1 2 3 4 5 6 7 8"),
        ("王工 138\u200b1234\u200b5678", "mobile", "138\u200b1234\u200b5678"),
        ("王工 +86 13812345678", "mobile", "+86 13812345678"),
        ("13812345678万经理", "mobile", "13812345678"),
        ("手机一三八零零一三八零零零", "spelled", "一三八零零一三八零零零"),
        ("请拨0998-5721234", "landline", "0998-5721234"),
        ("请拨（0998）5721234转801", "landline", "（0998）5721234转801"),
        ("请拨01062345678", "landline", "01062345678"),
        ("联系电话：5721234", "local", "5721234"),
        ("热线400-123-4567", "service", "400-123-4567"),
        ("邮箱zhang.san@tmsk.gov.cn。", "email", "zhang.san@tmsk.gov.cn"),
        ("邮箱zhang＠qq.com", "email", "zhang＠qq.com"),
        ("请加微信：zhangsan", "wechat", "微信：zhangsan"),
        ("VX zhang_2020", "wechat", "VX zhang_2020"),
        ("QQ：12345678", "qq", "QQ：12345678"),
        ("请拨0998-1234567", "landline", "0998-1234567"),
        ("座机：0998—5721234", "landline", "0998—5721234"),
        ("请拨０９９８－１２３４５６７", "landline", "０９９８－１２３４５６７"),
        ("请拨+86-998-5721234", "landline", "+86-998-5721234"),
        ("请拨+86（998）5721234", "landline", "+86（998）5721234"),
        ("电话5721234", "local", "5721234"),
        ("王工 138 - 1234 - 5678", "mobile", "138 - 1234 - 5678"),
        ("王工 138–1234–5678", "mobile", "138–1234–5678"),
        ("壹叁捌零零壹叁捌零零零", "spelled", "壹叁捌零零壹叁捌零零零"),
        ("WeChat ID: zhangsan", "wechat", "WeChat ID: zhangsan"),
        ("V：zhangsan2020", "wechat", "V：zhangsan2020"),
        ("ئۈندىدار نومۇرى: zhangsan", "wechat", "ئۈندىدار نومۇرى: zhangsan"),
        ("ВичАт: zhangsan88", "wechat", "ВичАт: zhangsan88"),
        ("扣扣：12345678", "qq", "扣扣：12345678"),
        ("邮箱zhang [at] qq [dot] com", "email", "zhang [at] qq [dot] com"),
        ("邮箱zhang#qq.com", "email", "zhang#qq.com"),
        ("邮箱zhang@qq。com", "email", "zhang@qq。com"),
        ("почта ivan@почта.рф", "email", "ivan@почта.рф"),
        ("тел.: 8-998-572-12-34", "named", "8-998-572-12-34"),
        ("+7 (701) 123-45-67", "abroad", "+7 (701) 123-45-67"),
        ("8 (727) 250-12-34", "abroad", "8 (727) 250-12-34"),
        ("تېلېفون ٠٩٩٨-٥٧٢١٢٣٤", "landline", "٠٩٩٨-٥٧٢١٢٣٤"),
        ("يانفون ۱۳۸۱۲۳۴۵۶۷۸", "mobile", "۱۳۸۱۲۳۴۵۶۷۸"),
    ],
)
def test_a_contact_is_found_in_its_place(text: str, kind: str, found: str) -> None:
    contacts = find_contacts(text)

    assert [(contact.kind, contact.text) for contact in contacts] == [(kind, found)]
    assert text[contacts[0].start : contacts[0].end] == found


@pytest.mark.parametrize(
    "text",
    [
        "专利号ZL201910123456.7",
        "申请号CN201910123456.7，公开号CN113812345678A",
        "ZL 2019 1 0123456.7",
        "统一社会信用代码91653003MA7812345X",
        "91110000600037341L",
        "20230415",
        "2023-04-15",
        "1381234567890",
        "9787138123456",
        "年产值13800000000元",
        "产量13812345678吨",
        "登记号965202300012",
        "GB/T 22900-2022",
        "东经79.0784，北纬39.8648",
        "开发微信小程序，基于微信Android客户端",
        "流速Vx=5.0m/s",
        "2021-2025年",
        "面积 1,381,234,567 亩",
        "GB/T 12345-2020、DB65/T 4321-2020",
        "专利号ZL2020 1 0123456.7",
        "项目编号 0312-20230415",
        "热线 2023-2024",
        "传真机 2345678 台，收割机 4008000 台",
        "公差+1.234567890123",
        "尺寸138*1200*1500mm",
        "-39.864812 +79.078412",
        "телевизор 2021-2025, телеметрия 8 9 10 11 12 13 14",
        "2021-2025-يىللار",
        "available at www.tmsk.gov.cn",
        "mobile phase 30:70 10 20 30",
    ],
)
def test_numbers_that_are_no_contact_are_left_alone(text: str) -> None:
    masked, found = mask_contacts(text)

    assert (masked, found) == (text, [])


@pytest.mark.parametrize("before", ["产品好，", "联系人：", "алоқа, "])
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_no_spelling_of_a_contact_slips_through(spelling: str, before: str) -> None:
    masked, found = mask_contacts(f"{before}{spelling}。")

    assert len(found) == 1
    # What stays is the unit behind a number, or the word before it.
    left = masked.replace(MASK, "")
    assert left.removeprefix(before).rstrip("。") in {"", *_STAYS}


@pytest.mark.parametrize("text", NONE)
def test_what_only_looks_like_a_contact_is_left_alone(text: str) -> None:
    assert mask_contacts(text) == (text, [])
    assert mask_contacts(f"说明：{text}，请注意") == (f"说明：{text}，请注意", [])


def test_there_are_as_many_spellings_as_were_tried() -> None:
    assert len(set(SPELLINGS)) >= 83
    assert len(set(NONE)) >= 40


def test_contacts_are_masked_and_handed_back_in_order() -> None:
    text = "残膜回收，联系张三13812345678，或0998-5721234、zhao@tmsk.gov.cn。"

    masked, found = mask_contacts(text)

    assert masked == f"残膜回收，联系张三{MASK}，或{MASK}、{MASK}。"
    assert found == ["13812345678", "0998-5721234", "zhao@tmsk.gov.cn"]


def test_two_numbers_joined_by_a_dash_are_both_masked() -> None:
    masked, found = mask_contacts("13812345678-13912345678")

    assert masked == f"{MASK}-{MASK}"
    assert found == ["13812345678", "13912345678"]


_STAYS = ("(", "元", "亩", "kg", "%", "吨", "万元", "件", "官网", "网址：")


def with_check_digit(number: str) -> str:
    return number + calc_check_digit(f"{number}0")


_DIGIT = st.sampled_from("0123456789")
_MOBILE_SAYS = st.builds(
    lambda second, rest, gap, prefix: f"{prefix}1{second}{rest[0]}{gap}{rest[1:5]}{gap}{rest[5:]}",
    st.sampled_from("3456789"),
    st.text(_DIGIT, min_size=9, max_size=9),
    st.sampled_from(["", " ", "-", "—", ".", "·", " - "]),
    st.sampled_from(["", "+86 ", "+86-", "0086"]),
)
_LANDLINE_SAYS = st.builds(
    lambda code, first, rest, form: form.format(code=code, number=first + rest),
    st.sampled_from(["0998", "0991", "010", "021"]),
    st.sampled_from("345678"),
    st.text(_DIGIT, min_size=6, max_size=7),
    st.sampled_from(
        ["{code}-{number}", "{code} {number}", "({code}){number}", "（{code}） {number}", "{code}—{number}"]
    ),
)
_MAIL_SAYS = st.builds(
    lambda name, at, host: f"{name}{at}{host}",
    st.from_regex(r"[a-z][a-z0-9._]{2,15}[a-z0-9]", fullmatch=True),
    st.sampled_from(["@", "＠", "(at)", "（at）", " @ "]),
    st.sampled_from(["qq.com", "tmsk.gov.cn", "example.cn", "mail.ru"]),
)
_IDENTITY_SAYS = st.builds(
    lambda place, day, order: with_check_digit(f"{place}{day:%Y%m%d}{order}"),
    st.sampled_from(["653123", "110105", "440305"]),
    st.dates(date(1930, 1, 1), date(2015, 12, 31)),
    st.text(_DIGIT, min_size=3, max_size=3),
)
_ACCOUNT_SAYS = st.builds(
    lambda word, name: f"{word}{name}",
    st.sampled_from(["微信：", "微信号: ", "wechat:", "ئۈندىدار: ", "вичат: ", "VX："]),
    st.from_regex(r"[a-z][a-z0-9_-]{4,12}[a-z0-9]", fullmatch=True),
) | st.builds(
    lambda word, number: f"{word}{number}",
    st.sampled_from(["QQ：", "qq号", "扣扣: ", "QQ群："]),
    st.integers(10**5, 10**10 - 1),
)


@given(
    said=_MOBILE_SAYS | _LANDLINE_SAYS | _MAIL_SAYS | _IDENTITY_SAYS | _ACCOUNT_SAYS,
    before=st.sampled_from(["残膜回收率不低于90%，请联系王工，", "请问：", "алоқа, ", "ئالاقىلىشىڭ، ", "（"]),
    after=st.sampled_from(["。", "，谢谢", "）", "；每亩450公斤", "، رەھمەت", ""]),
    wide=st.booleans(),
)
def test_what_is_put_into_a_text_is_found_in_its_place(
    said: str, before: str, after: str, *, wide: bool
) -> None:
    if wide:
        said = said.translate({code: code + 0xFEE0 for code in range(ord("0"), ord("9") + 1)})

    masked, _ = mask_contacts(before + said + after)

    assert [(one.start, one.text) for one in find_contacts(before + said + after)] == [(len(before), said)]
    assert masked == before + MASK + after


@given(st.text() | CONTACT_WORDS)
@example("微信：13812345678")
def test_what_is_found_stands_in_the_text_and_nothing_twice(text: str) -> None:
    contacts = find_contacts(text)

    assert all(text[contact.start : contact.end] == contact.text for contact in contacts)
    assert all(one.end <= other.start for one, other in pairwise(contacts))


@given(st.text() | CONTACT_WORDS)
# Taking out the address lays the phone number bare.
@example("13812345678" + "1" * 40 + "@b.cn")
def test_masking_a_masked_text_changes_nothing(text: str) -> None:
    masked, _ = mask_contacts(text)

    again, found = mask_contacts(masked)

    assert (again, found) == (masked, [])
