from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from schemas.reading import find_contacts, mask_contacts
from schemas.reading.contacts import MASK

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
    ],
)
def test_numbers_that_are_no_contact_are_left_alone(text: str) -> None:
    masked, found = mask_contacts(text)

    assert (masked, found) == (text, [])


def test_contacts_are_masked_and_handed_back_in_order() -> None:
    text = "残膜回收，联系张三13812345678，或0998-5721234、zhao@tmsk.gov.cn。"

    masked, found = mask_contacts(text)

    assert masked == f"残膜回收，联系张三{MASK}，或{MASK}、{MASK}。"
    assert found == ["13812345678", "0998-5721234", "zhao@tmsk.gov.cn"]


def test_two_numbers_joined_by_a_dash_are_both_masked() -> None:
    masked, found = mask_contacts("13812345678-13912345678")

    assert masked == f"{MASK}-{MASK}"
    assert found == ["13812345678", "13912345678"]


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
