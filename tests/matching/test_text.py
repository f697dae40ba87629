"""Sentences for reasons, and words for the lexical side."""

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest

from matching.text import sentences, terms


def parts(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "机采棉含杂率偏高。现有设备效率低！有没有办法改进？",
            ["机采棉含杂率偏高。", "现有设备效率低！", "有没有办法改进？"],
        ),
        ("残膜回收机设计；田间试验验证\n膜下滴灌系统", ["残膜回收机设计；", "田间试验验证", "膜下滴灌系统"]),
        ("Нужна сушилка. Есть бюджет!", ["Нужна сушилка.", "Есть бюджет!"]),
        ("The yield is 3.5 t. It should be v2.0 soon.", ["The yield is 3.5 t.", "It should be v2.0 soon."]),
        (
            "پاختا تېرىش ماشىنىسى لازىم؟ سۇ تېجەش تېخنىكىسى بار۔",
            ["پاختا تېرىش ماشىنىسى لازىم؟", "سۇ تېجەش تېخنىكىسى بار۔"],
        ),
        ("建立了数学模型.仿真结果表明有效.", ["建立了数学模型.", "仿真结果表明有效."]),
        ("他说：“设备可以改进。”然后就离开了。", ["他说：“设备可以改进。”", "然后就离开了。"]),
    ],
)
def test_a_sentence_ends_as_its_language_ends_it(text: str, expected: list[str]) -> None:
    assert parts(text) == expected


def test_spans_leave_out_white_space_around_a_sentence() -> None:
    assert parts("  棉花打顶机械化。 \n\n　红枣分级与烘干。\t") == ["棉花打顶机械化。", "红枣分级与烘干。"]


def test_what_is_too_short_joins_the_sentence_after_it_and_at_the_end_the_one_before() -> None:
    assert parts("一、\n提高机采棉的采净率。详见。") == ["一、\n提高机采棉的采净率。详见。"]


def test_a_text_that_is_short_altogether_is_one_sentence() -> None:
    assert parts("滴灌。") == ["滴灌。"]


@pytest.mark.parametrize("text", ["", " \n\t　"])
def test_a_blank_text_has_no_sentences(text: str) -> None:
    assert sentences(text) == []


def test_a_long_sentence_is_cut_at_the_comma_nearest_to_its_middle() -> None:
    text = "甲" * 60 + "，" + "乙" * 80 + "，" + "丙" * 90

    found = parts(text)

    assert found == ["甲" * 60 + "，" + "乙" * 80 + "，", "丙" * 90]


def test_a_long_sentence_without_commas_is_cut_all_the_same() -> None:
    text = "甲" * 500

    found = sentences(text)

    assert all(end - start <= 200 for start, end in found)
    assert found[0][0] == 0
    assert found[-1][1] == 500


def test_there_are_no_more_than_200_sentences_and_they_do_not_overlap() -> None:
    text = "这是一个完整的句子。" * 240

    found = sentences(text)

    assert len(found) == 200
    assert all(before[1] <= after[0] for before, after in pairwise(found))


def test_chinese_is_cut_into_words_and_compounds_give_their_parts_too() -> None:
    found = terms("盐碱地残膜回收")

    assert {"盐碱地", "盐碱", "残膜", "回收"} <= set(found)


def test_words_of_other_scripts_stay_whole_in_lower_case() -> None:
    assert terms("Хлопок پاختا Drip") == ["хлопок", "پاختا", "drip"]


def test_full_width_and_half_width_letters_are_the_same_word() -> None:
    assert terms("ＰＭ２.５") == terms("pm2.5") == ["pm2.5"]


def test_figures_are_left_out_with_their_units_but_names_with_figures_stay() -> None:
    assert terms("400MPa 51.3% 12 3D 5G n2o 20t") == ["3d", "5g", "n2o"]


def test_function_words_and_words_of_every_form_are_left_out() -> None:
    assert terms("需要研究以及应用滴灌技术") == ["滴灌"]


def test_single_characters_are_left_out() -> None:
    assert terms("的 a 水") == []


def test_repeats_are_kept() -> None:
    assert terms("滴灌，滴灌") == ["滴灌", "滴灌"]


def test_several_threads_get_the_same_words() -> None:
    text = "棉花打顶与残膜回收装备，盐碱地改良" * 50
    expected = terms(text)

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(terms, [text] * 64))

    assert all(words == expected for words in found)
