"""Reasons: what is quoted stands in the postings, and what is said follows from what they state."""

import re
from functools import cache
from typing import Any, cast
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from matching.reasons import comparable
from matching.text import sentences
from schemas.capability import Capability
from schemas.need import Need
from schemas.posting import IndexStatus
from schemas.reason import FitReason, Quote, TermsReason, TextReason
from schemas.vocabulary import Side
from service.matches.explain import Explained, Explanation, explain
from service.postings.texts import fields_of, quote, text_of
from tests.service.reasoning import capability, demo_side, encoded, explained, explanation, need


def as_stored(posting: Need | Capability, field: str) -> str:
    value = getattr(posting, field)
    return "，".join(value) if field == "keywords" else value


def of_kind(found: Explanation, kind: type[Any]) -> list[Any]:
    return [reason for reason in found.reasons if isinstance(reason, kind)]


def fits(found: Explanation) -> dict[str, FitReason]:
    return {reason.field: reason for reason in of_kind(found, FitReason)}


@cache
def demo_pairs() -> list[tuple[Need, Capability, Explanation]]:
    """Each need with each capability of the demonstration data."""
    return [
        (cast("Need", asking.posting), cast("Capability", other.posting), explain(asking, other, len, "zh"))
        for asking in demo_side(Side.needs)
        for other in demo_side(Side.capabilities)
    ]


def test_every_quote_in_the_demonstration_data_stands_where_it_says() -> None:
    looked_at = {"close": 0, "far": 0, "second": 0}

    for asking, other, found in demo_pairs():
        texts = of_kind(found, TextReason)
        for reason in texts:
            for posting, quoted in ((asking, reason.need), (other, reason.capability)):
                assert quoted.text.strip()
                assert as_stored(posting, quoted.field)[quoted.start : quoted.end] == quoted.text
        looked_at["close" if texts[0].close else "far"] += 1
        looked_at["second"] += len(texts) > 1

    assert all(count > 20 for count in looked_at.values()), looked_at


def test_every_shared_word_in_the_demonstration_data_stands_in_both_texts() -> None:
    looked_at = 0

    for asking, other, found in demo_pairs():
        for reason in of_kind(found, TermsReason):
            for word in reason.terms:
                assert word in comparable(text_of(asking))
                assert word in comparable(text_of(other))
                looked_at += 1

    assert looked_at > 1_000


NAMES = {
    "合作方式": "cooperation_modes",
    "技术领域": "domain",
    "报价与预算": "money",
    "技术成熟度": "maturity",
    "所在地区": "region",
}


def told(summary: str) -> tuple[list[str], set[tuple[str, str]], str]:
    """What a Chinese summary quotes, which state it gives each condition, and what else it says."""
    quoted = re.findall("「([^」]*)」", summary)
    states, rest = set(), []
    for clause in re.sub("「[^」]*」", "「」", summary).rstrip("。").split("；"):
        state = next((one for one in ("相符", "不符", "无从比较") if clause.endswith(one)), None)
        silent = next((one for one in ("需求未写明", "供给未写明") if clause.startswith(one)), None)
        if state or silent:
            names = clause.removesuffix(state or "").removeprefix(silent or "").split("、")
            states |= {(NAMES[name], state or silent or "") for name in names}
        else:
            rest.append(clause)
    return quoted, states, "；".join(rest)


def test_every_summary_of_the_demonstration_data_says_what_its_reasons_say() -> None:
    seen = set()

    for asking, other, found in demo_pairs():
        quoted, states, rest = told(found.summary)
        backed = {
            (
                reason.field,
                {
                    "met": "相符",
                    "not_met": "不符",
                    "unknown": {"need": "需求未写明", None: "无从比较"}.get(reason.silent, "供给未写明"),
                }[reason.state],
            )
            for reason in of_kind(found, FitReason)
            if reason.closeness != "related"
        }
        assert all(
            piece in comparable(text_of(asking)) + text_of(asking) + text_of(other) for piece in quoted
        )
        assert states == backed
        assert ("相邻" in rest) == any(reason.closeness == "related" for reason in of_kind(found, FitReason))
        assert ("内容相近" in rest) == of_kind(found, TextReason)[0].close
        assert ("没有明显相近" in rest) == (not of_kind(found, TextReason)[0].close)
        assert ("都用到" in rest) == bool(of_kind(found, TermsReason))
        seen |= {state for _, state in states} | {"相邻" for _ in [0] if "相邻" in rest}

    assert seen >= {"相符", "不符", "需求未写明", "供给未写明", "相邻"}


FIELDS = st.text("甲乙丙。，\n a.😀", max_size=12).map(str.strip)


@given(
    title=FIELDS.filter(bool),
    wanted=FIELDS,
    description=FIELDS,
    words=st.lists(FIELDS.filter(bool), max_size=3),
)
def test_any_sentence_of_any_posting_is_quoted_from_one_field(
    title: str, wanted: str, description: str, words: list[str]
) -> None:
    posting = Need(
        title=title,
        wanted_result=wanted,
        description=description,
        keywords=words,
        organization_id=UUID(int=0),
    )

    for start, end in sentences(text_of(posting)):
        found = quote(fields_of(posting), start, end)
        assert found.text
        assert as_stored(posting, found.field)[found.start : found.end] == found.text
        assert found.text in text_of(posting)[start:end]


def test_positions_count_characters_however_wide_they_are() -> None:
    asking = need(title="𠮷林膜机", description="😀😀。耕层残膜要一次捡拾干净。")
    other = capability(title="机具", description="耕层残膜一次捡拾干净。")

    found = of_kind(explanation(asking, other), TextReason)[0]

    assert found.need == Quote(text=asking.description[3:], field="description", start=3, end=15)
    assert found.capability == Quote(text=other.description, field="description", start=0, end=11)


def test_keywords_are_no_sentences() -> None:
    asking = need(keywords=["水肥一体化", "智能灌溉", "节水"])
    other = capability(keywords=["水肥一体化", "智能灌溉", "节水"])

    found = of_kind(explanation(asking, other), TextReason)

    assert [reason.need.field for reason in found] == ["title"]


def test_a_free_text_is_quoted_and_nothing_is_said_of_conditions() -> None:
    text = "想找残膜捡拾打包机。"
    asking = Explained(Side.needs, text, encoded(text))

    found = explain(asking, explained(capability(price="80万", domains=["fruit"])), len, "zh")

    assert of_kind(found, TextReason)[0].need == Quote(text=text, field="text", start=0, end=len(text))
    assert fits(found) == {}
    assert "条件未知" in found.summary


def test_the_same_is_said_from_whichever_side_it_is_asked() -> None:
    asking, other = explained(need(domains=["fruit"])), explained(capability(domains=["textile"]))

    assert explain(asking, other, len, "zh") == explain(other, asking, len, "zh")


def test_of_changed_words_nothing_is_quoted_before_they_are_encoded() -> None:
    asking = need(description="耕层残膜多。需要除杂打包。")
    before = encoded("这里以前写的是另一句。打包，残膜。")
    asking.index_status = IndexStatus.pending

    found = explain(Explained.of(asking, before), explained(capability(title="残膜捡拾机")), len, "zh")

    assert of_kind(found, TextReason) == []
    assert of_kind(found, TermsReason) == [TermsReason(terms=["残膜"])]
    assert found.summary == "没有可供比较的句子；双方都用到「残膜」；仅比较了文字，条件未知。"


def test_words_that_changed_between_two_reads_are_not_quoted() -> None:
    before = encoded("一句话。" * 20)

    found = explain(Explained.of(need(), before), explained(capability()), len, "zh")

    assert of_kind(found, TextReason) == []


def test_a_shared_word_is_shared_whatever_its_width_and_case() -> None:
    found = explanation(need(title="ＰＶＣ膜回收"), capability(title="回收pvc废料"))

    assert of_kind(found, TermsReason) == [TermsReason(terms=["pvc", "回收"])]


def test_words_that_are_added_for_searching_are_no_shared_words() -> None:
    asking, other = need(title="Қалдық пленка"), capability()
    words = encoded(text_of(asking))
    words.terms.append("残膜")

    found = explain(Explained.of(asking, words), explained(other), len, "zh")

    assert of_kind(found, TermsReason) == []


def test_sentences_that_are_far_apart_are_not_said_to_meet() -> None:
    found = explanation(need(title="羊布病快速检测试纸"), capability(title="光伏板清洗机器人"))

    assert found.summary == (
        "双方没有明显相近的句子，最接近的是需求的「羊布病快速检测试纸」与供给的「光伏板清洗机器人」；仅比较了文字，条件未知。"
    )


def test_a_long_sentence_is_cut_in_the_summary_alone() -> None:
    long = "耕层残膜逐年累积，" * 12 + "要回收"

    found = explanation(need(description=long), capability(description=long))

    (piece, *_), _, _ = told(found.summary)
    assert of_kind(found, TextReason)[0].need.text == long
    assert long.startswith(piece)
    assert len(piece) <= 60
    assert f"「{piece}」……" in found.summary
