"""Uyghur and Kazakh in Chinese words; everything else as it is."""

import pytest

from matching.readable import needs_chinese_summary, readable

UYGHUR = "پاختا تېرىش ماشىنىسى لازىم، 50 توننا. سۇنى تېجەيدىغان GPS بار؟"


def test_uyghur_becomes_the_chinese_of_the_words_that_are_known() -> None:
    assert readable(UYGHUR) == "采棉机，50.水节约GPS？"


def test_kazakh_becomes_the_chinese_of_the_words_that_are_known() -> None:
    assert readable("Мақтаны тамшылатып суғару үшін сорғы керек.") == "棉花滴灌水泵."


def test_kazakh_in_arabic_letters_is_read_like_kazakh_in_cyrillic_ones() -> None:
    assert (
        readable("قويدىڭ ءسۇتى مەن ءجۇنىن ساقتاۋ")
        == readable("Қойдың сүті мен жүнін сақтау")
        == "羊奶羊毛贮藏"
    )


@pytest.mark.parametrize(
    "text",
    [
        "南疆红枣裂果防控，含ئالما一词",
        "Drip irrigation for cotton, 50 t",
        "Капельное орошение хлопка",
        "نحن بحاجة إلى آلة لجني القطن وتجفيف الفواكه",
        "ما به دستگاه برداشت پنبه نیاز داریم",
        "",
        " \n",
    ],
)
def test_what_is_in_another_language_stays_to_the_letter(text: str) -> None:
    assert readable(text) == text


def test_lines_stay_lines() -> None:
    title, _, rest = readable("پاختا تېرىش ماشىنىسى\nپاختا ئېتىزدا كۆپ، ئىشچى ئاز").partition("\n")

    assert title == "采棉机"
    assert rest.startswith("棉花农田")


def test_a_text_of_which_hardly_a_word_is_known_keeps_its_own_words() -> None:
    text = "بىزگە ياردەم لازىم، پاختا ئۈچۈن"

    assert readable(text).startswith(text + "\n")
    assert "棉花" in readable(text)


def test_a_sentence_is_read_in_the_language_it_is_known_to_be_in() -> None:
    # None of its letters tells Uyghur from its neighbours.
    assert readable("پاختا") == "پاختا"
    assert readable("پاختا", "ug") == "پاختا\n棉花"


def test_a_summary_is_needed_where_too_few_words_are_known() -> None:
    assert needs_chinese_summary("بىزگە ياردەم لازىم، پاختا ئۈچۈن")
    assert needs_chinese_summary("Бізге мақта үшін көмек керек")


def test_no_summary_is_needed_of_what_is_understood() -> None:
    assert not needs_chinese_summary("پاختا ئېتىزلىرىنى تامچىلىتىپ سۇغىرىپ، سۇ ۋە ئوغۇت تېجەيدىغان ئۈسكۈنە")
    assert not needs_chinese_summary("Мақтаны тамшылатып суғару, су мен тыңайтқышты үнемдеу")


@pytest.mark.parametrize("text", ["红枣", "Cotton", "Хлопок", "قطن", ""])
def test_no_summary_is_needed_of_other_languages(text: str) -> None:
    assert not needs_chinese_summary(text)
