"""Kazakh words, in either script and as they end, found in the glossary."""

from importlib.resources import files

import pytest

from matching.kazakh import glossary, plain


def chinese(text: str) -> list[str]:
    return [piece for piece, known in glossary().pieces(plain(text)) if known]


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("Мақтаны", "棉花"),
        ("топырағының", "土壤"),
        ("жылыжайларда", "温室大棚"),
        ("қозылардың", "羔羊"),
        ("сүтті", "奶"),
    ],
)
def test_a_noun_is_known_with_its_endings(word: str, expected: str) -> None:
    assert chinese(word) == [expected]


@pytest.mark.parametrize("word", ["суғару", "суғаратын", "суғарып", "суғарғымыз", "суғаруға"])
def test_a_verb_is_known_in_its_forms(word: str) -> None:
    assert chinese(word) == ["灌溉"]


def test_several_words_that_are_one_entry_are_read_as_one() -> None:
    assert chinese("жер асты суының деңгейі") == ["地下水"]


def test_a_word_that_only_begins_like_a_known_one_is_not_known() -> None:
    # Су is water, and сурет is a picture.
    assert chinese("сусабын") == []


@pytest.mark.parametrize(
    ("arabic", "cyrillic"),
    [
        ("ماقتا", "мақта"),
        ("ءسۇت", "сүт"),
        ("كولىك", "көлік"),
        ("تىڭايتقىش", "тыңайтқыш"),
        ("جۇگەرى", "жүгері"),
        ("سۋ", "су"),
    ],
)
def test_arabic_letters_are_read_as_cyrillic_ones(arabic: str, cyrillic: str) -> None:
    assert plain(arabic) == cyrillic


def test_every_entry_is_found_by_itself() -> None:
    lines = (files("matching") / "data" / "kazakh_glossary.tsv").read_text(encoding="utf-8").splitlines()
    entries = dict(line.split("\t") for line in lines if not line.startswith("#"))

    found = {words: chinese(words) for words in entries}

    assert len(entries) > 400
    assert found == {words: [] if said == "-" else [said] for words, said in entries.items()}
