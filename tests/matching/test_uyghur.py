"""Uyghur words, as they are written and as they end, found in the glossary."""

from importlib.resources import files

import pytest

from matching.uyghur import glossary, plain


def chinese(text: str) -> list[str]:
    return [piece for piece, known in glossary().pieces(plain(text)) if known]


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("پاختا", "棉花"),
        ("پاختىنىڭ", "棉花"),
        ("پاختىلىرىمىزدىن", "棉花"),
        ("تۇپراقنىڭ", "土壤"),
        ("تۇپرىقىدا", "土壤"),
        ("كېسەلنى", "疾病"),
        ("مېۋىلەر", "水果"),
        ("كالىلارغا", "牛"),
        ("مېلىمىزنى", "牲畜"),
    ],
)
def test_a_noun_is_known_with_its_endings(word: str, expected: str) -> None:
    assert chinese(word) == [expected]


@pytest.mark.parametrize(
    "word", ["تازىلاش", "تازىلايدىغان", "تازىلىغان", "تازىلاپ", "تازىلىماقچى", "تازىلاشنى", "تازىلىنىش"]
)
def test_a_verb_is_known_in_its_forms(word: str) -> None:
    assert chinese(word) == ["净化"]


def test_several_words_that_are_one_entry_are_read_as_one() -> None:
    assert chinese("تامچىلىتىپ سۇغىرىش") == ["滴灌"]
    assert chinese("ئوت-چۆپنىڭ") == chinese("ئوت چۆپنىڭ") == ["牧草"]


def test_of_entries_that_begin_alike_the_longest_is_taken() -> None:
    assert chinese("يەر ئاستى سۈيى") == ["地下水"]


def test_a_word_that_only_begins_like_a_known_one_is_not_known() -> None:
    # A ruler and a title, not water and flour.
    assert chinese("سۇلتان ئۇنۋان") == []


def test_words_that_say_nothing_are_not_taken_for_others_that_begin_like_them() -> None:
    # How much, which begins like blood.
    assert chinese("قانچىلىك") == []


@pytest.mark.parametrize(
    "written",
    [
        "\ufe8b\ufe8e\ufedf\ufee4\ufe8e",  # In the forms that letters take within a word.
        "ئال\u200cما",  # With a mark that keeps letters apart.
        "ئالـــما",  # Drawn out.
        "الما",  # Without the tooth that carries a vowel.
        "ئالمىُ",  # With a short vowel's mark.
    ],
)
def test_letters_count_however_they_are_written(written: str) -> None:
    assert chinese(written) == ["苹果"]


def test_letters_of_other_keyboards_count_as_those_they_stand_for() -> None:
    assert chinese("کالا بېدە") == chinese("كالا بېده") == ["牛", "苜蓿"]


def test_a_word_of_endings_without_end_is_not_known_and_costs_no_time() -> None:
    # ىم is an ending, and so are ى and م: there are more ways through this than could ever be tried.
    assert chinese("پاختا" + "ىم" * 3000 + "ب") == []


def test_every_entry_is_found_by_itself() -> None:
    lines = (files("matching") / "data" / "uyghur_glossary.tsv").read_text(encoding="utf-8").splitlines()
    entries = dict(line.split("\t") for line in lines if not line.startswith("#"))

    found = {words: chinese(words) for words in entries}

    assert len(entries) > 400
    assert found == {words: [] if said == "-" else [said] for words, said in entries.items()}
