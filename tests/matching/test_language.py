"""In which language a text is written."""

import pytest

from matching.language import Language, language_of_text, language_samples


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("棉花打顶机械化", "zh"),
        ("基于 Transformer 与 YOLOv8 的棉花顶芽识别", "zh"),
        ("پاختا تېرىش ماشىنىسى لازىم", "ug"),
        ("ئۈزۈم", "ug"),
        ("پاختا تېرىش ماشىنىسى، GPS بار، 北斗", "ug"),
        ("Мақта жинайтын машина керек", "kk"),
        ("سۇتتى ءوڭدەۋ جانە قويدىڭ ءجۇنىن ساقتاۋ", "kk"),
        ("Нужна машина для уборки хлопка", "ru"),
        (
            "Нужна машина, как у хозяйства «Шұғыла» под Самаркандом, для уборки хлопка и для очистки его от листа",
            "ru",
        ),
        ("A machine that picks cotton", "en"),
        (
            "A café in Ürümqi looks for a better way to roast, to grind and to keep the nuts that it sells there",
            "en",
        ),
    ],
)
def test_a_text_is_in_the_language_of_most_of_its_letters(text: str, expected: Language) -> None:
    assert language_of_text(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "نحن بحاجة إلى آلة لجني القطن",
        "ما به دستگاه برداشت پنبه نیاز داریم",
        "ہمیں کپاس چننے والی مشین کی ضرورت ہے",
        "ئێمە پێویستمان بە مەکینەی پەموو هەیە",
        "پاختا",
        "Потрібна машина для збирання бавовни, її ціна",
        "Мо мошини пахтачинӣ ҷустуҷӯ мекунем",
        "Pamuk toplama makinesi için özel çözüm arıyoruz",
        "綿花を収穫する機械を探しています",
        "123 — 45 %",
        "",
    ],
)
def test_no_language_is_named_where_it_is_none_of_the_five_or_letters_do_not_tell(text: str) -> None:
    assert language_of_text(text) is None


def test_letters_in_the_forms_they_take_within_a_word_count_as_letters() -> None:
    assert language_of_text("\ufbe7\ufbe9 \ufe8b\ufefa\ufbda\ufbe7\ufee3\ufbe7") == "ug"


@pytest.mark.parametrize("language", ["en", "ru", "kk"])
def test_samples_are_in_the_language_that_they_stand_for(language: Language) -> None:
    samples = language_samples()[language]

    assert len(samples) >= 20
    assert {language_of_text("\n".join(samples))} == {language}
