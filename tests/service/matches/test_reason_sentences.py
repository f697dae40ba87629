"""What conditions say, and what all reasons say in a sentence, in each language."""

from datetime import timedelta
from typing import Any

import pytest

from schemas.base import now
from schemas.reason import FitReason
from schemas.vocabulary import Affiliation
from service.matches.explain import Explanation, one_sided_reason, policy_reason
from tests.service.reasoning import capability, explanation, need


def fits(found: Explanation) -> dict[str, FitReason]:
    return {reason.field: reason for reason in found.reasons if isinstance(reason, FitReason)}


def test_a_side_that_is_silent_is_named() -> None:
    found = fits(explanation(need(budget="50万", region="65"), capability(maturity="中试", price="面议")))

    assert {field: (one.state, one.silent, one.detail) for field, one in found.items()} == {
        "money": ("unknown", "capability", "报价与预算：供给未写明金额（面议）"),
        "maturity": ("unknown", "need", "技术成熟度：需求未写明"),
        "region": ("unknown", "capability", "所在地区：供给未写明"),
    }


@pytest.mark.parametrize(
    ("field", "asked", "offered", "detail"),
    [
        (
            "cooperation_modes",
            {"cooperation_modes": ["joint"]},
            {"cooperation_modes": ["joint"]},
            "合作方式：双方均为合作研发",
        ),
        (
            "cooperation_modes",
            {"cooperation_modes": ["joint"]},
            {"cooperation_modes": ["license"]},
            "合作方式：需求为合作研发，供给为技术许可",
        ),
        (
            "domain",
            {"domains": ["biomed"]},
            {"domains": ["biomed.herb_base"]},
            "技术领域：同属生物医药产业技术",
        ),
        (
            "domain",
            {"domains": ["biomed"]},
            {"domains": ["health"]},
            "技术领域：需求为生物医药产业技术，供给为人口健康技术，两者相邻",
        ),
        (
            "money",
            {"budget": "30万以内"},
            {"price": "20-40万"},
            "报价与预算：报价20万元—40万元，预算不超过30万元，报价起点不高于预算上限",
        ),
        (
            "money",
            {"budget": 12345},
            {"price": {"min": 200_000_000}},
            "报价与预算：报价2亿元起，预算12345元，报价起点高于预算上限",
        ),
        (
            "money",
            {"budget": {"min": 35000}},
            {"price": 10},
            "报价与预算：需求为3.5万元起，供给为10元，无从比较",
        ),
        (
            "maturity",
            {"maturity": "TRL 5-7"},
            {"maturity": "小试"},
            "技术成熟度：需求为TRL 5–7，供给为初期阶段（TRL 4），未达到需求",
        ),
        (
            "region",
            {"region": "44团"},
            {"region": "45团"},
            "所在地区：双方均为图木舒克市",
        ),
        (
            "region",
            {"region": "44团"},
            {"region": "东莞"},
            "所在地区：需求为44团，供给为东莞市",
        ),
    ],
)
def test_a_condition_is_told_with_what_both_sides_say(
    field: str, asked: dict[str, Any], offered: dict[str, Any], detail: str
) -> None:
    found = fits(explanation(need(**asked), capability(**offered)))

    assert found[field].detail == detail


def test_days_that_are_over_are_told() -> None:
    yesterday = now().date() - timedelta(days=1)
    asking, other = need(deadline=str(yesterday)), capability(valid_until=str(yesterday))

    found = explanation(asking, other)

    assert [one.detail for one in fits(found).values()] == [
        f"需求期限{yesterday}，已过",
        f"供给有效期至{yesterday}，已过",
    ]
    assert found.summary.endswith("；需求期限已过；供给有效期已过。")


EXAMPLE = {"cooperation_modes": ["joint"], "domains": ["fruit"], "budget": "30万", "region": "65"}
EXAMPLE_OFFER = {"cooperation_modes": ["joint"], "domains": ["agri_processing"], "price": "50万"}


# A clause each; the Uyghur marks keep Chinese quotes apart from what runs the other way.
TOLD = {
    "zh": (
        [
            "需求提到「棉田残膜回收」，供给提到「残膜回收」，两句内容相近",
            "双方都用到「残膜回收」",
            "合作方式相符",
            "报价与预算不符",
            "技术领域不同但相邻",
            "供给未写明所在地区",
        ],
        "；",
        "。",
        "报价与预算：报价50万元，预算30万元，报价起点高于预算上限",
    ),
    "en": (
        [
            "The need says “棉田残膜回收” and the capability says “残膜回收”, which are close in content",
            "both use “残膜回收”",
            "conditions met: cooperation",
            "conditions not met: price and budget",
            "their domains differ but are neighbours",
            "not stated in the capability: region",
        ],
        "; ",
        ".",
        "Price and budget: price CNY 500,000, budget CNY 300,000; the price begins above the budget",
    ),
    "ru": (
        [
            "В запросе сказано «棉田残膜回收», в предложении — «残膜回收»: по содержанию это близко",
            "общие слова: «残膜回收»",
            "соблюдены условия: форма сотрудничества",
            "не соблюдены условия: цена и бюджет",
            "области технологий разные, но смежные",
            "в предложении не указано: регион",
        ],
        "; ",
        ".",
        "Цена и бюджет: цена — 500\u00a0000 юаней, бюджет — 300\u00a0000 юаней; нижняя граница цены выше бюджета",
    ),
    "ug": (
        [
            (
                "ئېھتىياجدىكى \u2068«棉田残膜回收»\u2069 دېگەن جۈملە بىلەن "
                "تەمىناتتىكى \u2068«残膜回收»\u2069 دېگەن جۈملىنىڭ مەزمۇنى يېقىن"
            ),
            "ئورتاق سۆزلەر: \u2068«残膜回收»\u2069",
            "ماس كەلگەن شەرتلەر: ھەمكارلىق شەكلى",
            "ماس كەلمىگەن شەرتلەر: باھا ۋە خامچوت",
            "تېخنىكا ساھەلىرى ئوخشىمايدۇ، لېكىن ئۆزئارا قوشنا",
            "تەمىناتتا كۆرسىتىلمىگەنلىرى: رايون",
        ],
        "؛ ",
        ".",
        "باھا ۋە خامچوت: باھا 500,000 يۈەن، خامچوت 300,000 يۈەن، باھانىڭ باشلىنىش نۇقتىسى خامچوتتىن ئاشىدۇ",
    ),
}


@pytest.mark.parametrize("language", TOLD)
def test_the_reasons_are_told_in_the_readers_language(language: str) -> None:
    clauses, between, stop, detail = TOLD[language]
    asking, other = need(title="棉田残膜回收", **EXAMPLE), capability(title="残膜回收", **EXAMPLE_OFFER)

    found = explanation(asking, other, language)

    assert found.summary == between.join(clauses) + stop
    assert fits(found)["money"].detail == detail


def test_policy_and_one_sidedness_are_told() -> None:
    policy = policy_reason(Affiliation.aid, 0.05, "zh")
    silent = one_sided_reason("capability", "en")

    assert (policy.affiliation, policy.weight) == ("aid", 0.05)
    assert policy.detail == "平台政策：供给方属于援疆单位，加权 +0.05"
    assert silent.silent == "capability"
    assert silent.detail.startswith("One-sided: the capability does not state")
