"""What would give somebody away is found, and what only looks like it is left alone."""

import json
from importlib.resources import files

import pytest

from schemas.account import Organization
from schemas.capability import CapabilityCreate
from schemas.leak import LeakKind
from schemas.need import NeedCreate
from schemas.reading import find_classified, find_contacts, find_own_names, mask_contacts
from schemas.vocabulary import Affiliation, Confidentiality, OrganizationKind
from service.postings.leaks import find_leaks

# Made up, with a right check digit.
IDENTITY, OLD = "65312319900307123X", "11010519491231002X"
TWO_NAMES = "图木舒克市绿华枣业有限公司（Tumshuk Lvhua Jujube Co., Ltd.）"
UYGHUR_NAME = "تۇمشۇق يېشىل نۇر چەكلىك شىركىتى"
NAMES = ("图木舒克市绿华枣业有限公司", "91659003MA77K1B22X", "https://www.lvhua-zao.cn/about")


@pytest.mark.parametrize(
    ("text", "kind", "found"),
    [
        (f"负责人{IDENTITY}", "identity", IDENTITY),
        (f"负责人{IDENTITY.lower()}。", "identity", IDENTITY.lower()),
        ("负责人653123 19900307 123X", "identity", "653123 19900307 123X"),
        ("负责人６５３１２３１９９００３０７１２３Ｘ", "identity", "６５３１２３１９９００３０７１２３Ｘ"),
        (f"({OLD})", "identity", OLD),
        ("身份证号：653123900307123", "identity", "653123900307123"),
        ("身份证号码为653123199003071234", "identity", "653123199003071234"),
        ("打款到6222021234567890128", "card", "6222021234567890128"),
        ("打款到 6222 0212 3456 7890 128", "card", "6222 0212 3456 7890 128"),
        ("打款到4111111111111111", "card", "4111111111111111"),
        ("编号653123900307123", "identity", "653123900307123"),
        ("身份证6531 2319 9003 0712 3X", "identity", "6531 2319 9003 0712 3X"),
        ("كىملىك نومۇرى 653123199003071234", "identity", "653123199003071234"),
        ("удостоверение личности 653123199003071234", "identity", "653123199003071234"),
        ("护照号E12345678", "passport", "E12345678"),
        ("开户行：建设银行三支行，账号 65050162703600000123", "card", "65050162703600000123"),
        ("钉钉：zhang_2020", "messenger", "钉钉：zhang_2020"),
        ("Telegram: @zhang_2020", "messenger", "Telegram: @zhang_2020"),
        ("抖音号：tmsk_2020", "messenger", "抖音号：tmsk_2020"),
    ],
)
def test_numbers_and_names_of_a_person_are_found_in_their_place(text: str, kind: str, found: str) -> None:
    there = find_contacts(text)

    assert [(one.kind, one.text) for one in there] == [(kind, found)]
    assert text[there[0].start : there[0].end] == found


@pytest.mark.parametrize(
    "text",
    [
        "653123199003071234",  # the check digit is wrong
        "653123199013071237",  # no thirteenth month
        "953123199003071230",  # no such province
        "653123901307123",  # no thirteenth month
        "650000050012345",  # a number of a business register
        "6222021234567890123",  # Luhn says no
        "91650000MA77K1B22X",
        "12650000458001234X",
        "专利号ZL202010123456.7、ZL 2021 2 0123456.X",
        "ISBN 978-7-03-012345-6",
        "型号4QZ-2000，配套动力6222",
        "样品编号 20210304050607089",
        "产量每亩450公斤，亩产612.5kg，共 6222021234567890128 元",
        "2021—2025年，2023年4月15日至2024年4月15日",
        "GB/T 22900-2022、NY/T 3554-2020",
        "账号体系与单点登录，账号 1 个",
        "设备钉钉子，微博舆情分析",
    ],
)
def test_numbers_that_are_nobodys_are_left_alone(text: str) -> None:
    assert mask_contacts(text) == (text, [])


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("绝密★30年", "绝密★"),
        ("机密★", "机密★"),
        ("秘密 ★ 5年", "秘密 ★"),
        ("密级：机密", "密级：机密"),
        ("【秘密】某型装备", "【秘密】"),
        ("机密级项目", "机密级"),
        ("附件为绝密文件", "绝密文件"),
        ("内部资料 注意保密", "内部资料 注意保密"),
        ("内部资料，严禁外传", "内部资料，严禁外传"),
        ("本材料请注意保密", "请注意保密"),
        ("图纸不得外传", "不得外传"),
        ("该项目涉密，参数面谈", "涉密"),
        ("来自涉密课题", "涉密"),
        ("涉及国家秘密", "国家秘密"),
        ("军事秘密", "军事秘密"),
        ("TOP SECRET", "TOP SECRET"),
        ("Совершенно секретно", "Совершенно секретно"),
        ("مۇتلەق مەخپىي", "مۇتلەق مەخپىي"),
    ],
)
def test_words_that_mark_classified_matter_are_found(text: str, found: str) -> None:
    assert [text[mark.start : mark.end] for mark in find_classified(text)] == [found]


@pytest.mark.parametrize(
    "text",
    [
        "双方签订保密协议，保护商业秘密和技术秘密",
        "涉及商业机密的内容另行约定",
        "保密期限三年，履行保密义务",
        "本项目不涉密",
        "成果不涉及国家秘密",
        "非涉密信息系统建设",
        "请勿填写联系方式和涉密内容",
        "具备涉密信息系统集成资质",
        "数据机密性与完整性保护，机密计算",
        "种植秘密：合理密植",
        "高密度栽培，密级控制阀",
        "内部资料性出版物",
        "遵守保守国家秘密法",
        "技术秘密作价入股",
    ],
)
def test_words_that_contracts_are_full_of_are_left_alone(text: str) -> None:
    assert find_classified(text) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("图木舒克市绿华枣业有限公司需要", "图木舒克市绿华枣业有限公司"),
        ("绿华枣业有限公司需要", "绿华枣业有限公司"),
        ("绿华枣业需要", "绿华枣业"),
        ("绿 华 枣 业需要", "绿 华 枣 业"),
        ("绿华公司需要", "绿华公司"),
        ("“绿华牌”红枣", "绿华牌"),
        ("代码91659003MA77K1B22X", "91659003MA77K1B22X"),
        ("代码91659003ma77k1b22x", "91659003ma77k1b22x"),
        ("见 lvhua-zao.cn", "lvhua-zao.cn"),
    ],
)
def test_an_organisations_own_name_is_found_in_part_and_in_short(text: str, found: str) -> None:
    assert [text[place.start : place.end] for place in find_own_names(text, *NAMES)] == [found]


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        (TWO_NAMES, "本公司即Tumshuk Lvhua Jujube Co., Ltd.欢迎", "Tumshuk Lvhua Jujube Co., Ltd"),
        (TWO_NAMES, "see TUMSHUK LVHUA JUJUBE for more", "TUMSHUK LVHUA JUJUBE"),
        (TWO_NAMES, "brand Lvhua-Jujube", "Lvhua-Jujube"),
        (TWO_NAMES, "绿华枣业", "绿华枣业"),
        (TWO_NAMES, "图木舒克市绿华枣业有限公司", "图木舒克市绿华枣业有限公司"),
        (UYGHUR_NAME, "تۇمشۇق يېشىل نۇر شىركىتى", "تۇمشۇق يېشىل نۇر"),
        (UYGHUR_NAME, "يېشىل نۇرنىڭ چىلانلىرى", "يېشىل نۇر"),
        ("ООО «Зелёный свет»", "компания «Зелёный Свет»", "Зелёный Свет"),
        ("ABC农机科技有限公司", "ABC农机科技", "ABC农机科技"),
    ],
)
def test_a_name_in_another_script_is_found_as_well(name: str, text: str, found: str) -> None:
    assert [text[place.start : place.end] for place in find_own_names(text, name)] == [found]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Xinjiang Agricultural Technology Co., Ltd.", "agricultural technology in Xinjiang"),
        (TWO_NAMES, "jujube from Tumshuk, Lvhuajujubes"),
        (UYGHUR_NAME, "يېشىل رەڭ، تۇمشۇق شەھىرى"),
        ("图木舒克市绿华枣业有限公司", "图木舒克市红枣产业，枣业有限公司，某公司"),
        ("第三师农业科学研究所", "农业科学研究，农业科学"),
        ("四十四团农业技术推广中心", "四十四团，农业技术推广"),
        ("塔里木大学", "塔里木河流域，大学"),
    ],
)
def test_words_that_many_names_are_made_of_are_no_name(name: str, text: str) -> None:
    assert find_own_names(text, name) == []


def test_demonstration_data_raises_no_false_alarm_even_if_all_of_it_were_masked() -> None:
    organizations = {row["key"]: Organization.model_validate(row) for row in rows("organizations")}
    bodies = [(NeedCreate, row) for row in rows("needs")] + [
        (CapabilityCreate, row) for row in rows("capabilities")
    ]

    alarms = []
    for body, row in bodies:
        owner = organizations[row.pop("organization")]
        posted = body.model_validate({**row, "confidentiality": Confidentiality.trade})
        alarms += [(row["title"], leak) for leak in [*posted.taken_out, *find_leaks(owner, posted)]]

    assert len(bodies) > 100
    assert alarms == []


def test_every_visible_text_is_looked_at() -> None:
    posted = NeedCreate.model_validate(
        {
            "title": "绿华枣业招标",
            "description": "绿华枣业",
            "wanted_result": "绿华枣业",
            "partner_wish": "绿华枣业",
            "keywords": ["红枣", "绿华枣业"],
            "attachments": [{"title": "绿华枣业简介", "url": "https://example.cn/a.pdf"}],
            "indicators": [{"name": "破损率", "text": "绿华枣业标准"}],
            "ip": [{"type": "invention", "owners": ["绿华枣业"]}],
            "confidentiality": "trade",
        }
    )

    found = find_leaks(
        Organization(name=NAMES[0], kind=OrganizationKind.enterprise, affiliation=Affiliation.corps), posted
    )

    assert [leak.field for leak in found] == [
        *("title", "description", "wanted_result", "partner_wish", "keywords/1"),
        *("attachments/0/title", "indicators/0/text", "ip/0/owners/0"),
    ]
    assert {leak.kind for leak in found} == {LeakKind.own_name}


def rows(name: str) -> list[dict[str, object]]:
    text = (files("service.demo") / f"{name}.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines() if line]
