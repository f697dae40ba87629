import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from schemas.reading import CreditCode, Unreadable, read_bool, read_list, read_term
from schemas.vocabularies import VOCABULARIES
from schemas.vocabulary import (
    Affiliation,
    CapabilityKind,
    Confidentiality,
    CooperationMode,
    IndicatorOperator,
    NeedType,
    OrganizationKind,
    Term,
)
from tests.schemas.writing import ANY_TEXT


@pytest.mark.parametrize(
    ("written", "pieces"),
    [
        ("棉花、红枣;核桃", ["棉花", "红枣", "核桃"]),
        ("a,b，c|d\ne", ["a", "b", "c", "d", "e"]),
        ("1、残膜回收率≥90%；2、含杂率≤10%", ["残膜回收率≥90%", "含杂率≤10%"]),
        ("1. 亩产≥1,000kg\n2. 含糖率0.5%", ["亩产≥1,000kg", "含糖率0.5%"]),
        ("①甲②乙", ["甲", "乙"]),
        ("委托研发（含开发、入股）、技术转让", ["委托研发（含开发、入股）", "技术转让"]),
        ("甲（一、二、）、乙、", ["甲（一、二、）", "乙"]),
        ("机采棉 残膜 回收", ["机采棉", "残膜", "回收"]),
        ("含糖量 不低于 28 %", ["含糖量 不低于 28 %"]),
        ("棉花,棉花", ["棉花"]),
        ("一(二", ["一(二"]),
        (" ,, ", []),
    ],
)
def test_lists_are_split_where_people_mean_it(written: str, pieces: list[str]) -> None:
    assert read_list(written) == pieces


@given(ANY_TEXT)
def test_pieces_of_any_list_are_stripped_and_differ(written: str) -> None:
    pieces = read_list(written)

    assert all(piece and piece == piece.strip() for piece in pieces)
    assert len(set(pieces)) == len(pieces)


@pytest.mark.parametrize(
    ("vocabulary", "written", "term"),
    [
        (CooperationMode, "joint", CooperationMode.joint),
        (CooperationMode, "合作研发", CooperationMode.joint),
        (CooperationMode, "Joint R&D", CooperationMode.joint),
        (CooperationMode, "产学研合作", CooperationMode.joint),
        (CooperationMode, "联合 开发", CooperationMode.joint),
        (CooperationMode, "转让", CooperationMode.assign),
        (CooperationMode, "许可", CooperationMode.license),
        (CooperationMode, "技术入股", CooperationMode.equity),
        (CooperationMode, "委托开发", CooperationMode.commissioned),
        (CapabilityKind, "成果", CapabilityKind.achievement),
        (CapabilityKind, "result", CapabilityKind.achievement),
        (NeedType, "自动化升级", NeedType.equipment),
        (OrganizationKind, "合作社", OrganizationKind.cooperative),
        (Affiliation, "assistance", Affiliation.aid),
        (Affiliation, "地方", Affiliation.local),
        (IndicatorOperator, "≥", IndicatorOperator.at_least),
        (IndicatorOperator, "<=", IndicatorOperator.at_most),
        (Confidentiality, "涉密", Confidentiality.classified),
    ],
)
def test_a_term_is_found_by_key_label_or_synonym(vocabulary: type[Term], written: str, term: Term) -> None:
    assert read_term(vocabulary, written) is term


@pytest.mark.parametrize("vocabulary", VOCABULARIES.values())
def test_every_term_is_found_by_its_own_key_and_labels(vocabulary: type[Term]) -> None:
    found = [[read_term(vocabulary, way) for way in (str(term), term.zh, term.en)] for term in vocabulary]

    assert found == [[term] * 3 for term in vocabulary]


@given(st.sampled_from(list(VOCABULARIES.values())), ANY_TEXT)
def test_any_text_is_a_term_or_none(vocabulary: type[Term], written: str) -> None:
    found = read_term(vocabulary, written)

    assert found is None or found in vocabulary


@pytest.mark.parametrize(
    "written",
    ["是", "有", "√", "TRUE", "1", 1, True, "财政资金资助", "国家自然科学基金", "部分财政资金"],
    ids=repr,
)
def test_yes_is_read(written: str | int) -> None:
    assert read_bool(written) is True


@pytest.mark.parametrize(
    "written", ["否", "无", "×", "no", "0", 0, False, "自筹", "无财政资助", "自筹，无财政资金"], ids=repr
)
def test_no_is_read(written: str | int) -> None:
    assert read_bool(written) is False


@pytest.mark.parametrize("written", ["", "也许", 2])
def test_what_is_neither_yes_nor_no_is_refused(written: str | int) -> None:
    with pytest.raises(Unreadable, match="是"):
        read_bool(written)


@given(ANY_TEXT)
def test_any_text_is_yes_or_no_or_unreadable(written: str) -> None:
    try:
        read = read_bool(written)
    except Unreadable:
        return

    assert read in {True, False}


@pytest.mark.parametrize(
    "written", ["91110000600037341L", " 9111 0000 600037341l ", "９１１１００００６０００３７３４１Ｌ"]
)
def test_a_credit_code_is_kept_in_its_plain_form(written: str) -> None:
    adapter = TypeAdapter(CreditCode)

    assert adapter.validate_python(written) == "91110000600037341L"


@pytest.mark.parametrize(
    "written", ["", "12345", "91110000600037342L", "A1110000600037341L", "统一社会信用代码"]
)
def test_a_wrong_credit_code_is_refused(written: str) -> None:
    adapter = TypeAdapter(CreditCode)

    with pytest.raises(ValidationError) as refused:
        adapter.validate_python(written)

    assert refused.value.errors()[0]["type"] == "credit_code"
