"""The phrases of the four languages, and who is told which."""

import string

import pytest
from starlette.requests import Request

from schemas.domains import DOMAINS
from schemas.vocabularies import VOCABULARIES
from service.http.language import LANGUAGES, language_of
from service.platform.phrases import _phrases, named_domain, named_region, quoted

PARTS = ("marks", "names", "summary", "detail", "sums", "maturity")


def slots(language: str) -> dict[str, set[str | None]]:
    return {
        f"{part}.{key}": {slot for _, slot, _, _ in string.Formatter().parse(said) if slot}
        for part in PARTS
        for key, said in _phrases(language)[part].items()
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_the_same_phrases_with_the_same_slots(language: str) -> None:
    assert len(slots("zh")) > 40
    assert slots(language) == slots("zh")


@pytest.mark.parametrize("language", ["ug", "ru"])
@pytest.mark.parametrize("vocabulary", VOCABULARIES)
def test_every_word_of_every_vocabulary_has_a_name(vocabulary: str, language: str) -> None:
    named = _phrases(language)[vocabulary]

    assert set(named) == {term.value for term in VOCABULARIES[vocabulary]}


@pytest.mark.parametrize("language", ["ug", "ru"])
def test_every_domain_and_every_item_of_the_plan_has_a_name(language: str) -> None:
    assert set(_phrases(language)["domain"]) == set(DOMAINS)


@pytest.mark.parametrize("language", ["ug", "ru"])
@pytest.mark.parametrize(
    "vocabulary",
    [
        "contract_type",
        "contract_status",
        "version_kind",
        "development_kind",
        "right_kind",
        "license_kind",
        "service_kind",
        "ip_ownership",
        "mastery",
        "right_passed",
        "delivery",
        "cancel_ground",
        "refusal_ground",
        "evidence_kind",
        "finding_level",
    ],
)
def test_the_words_of_contracts_have_names_of_their_own(language: str, vocabulary: str) -> None:
    assert set(_phrases(language)[vocabulary]) == set(VOCABULARIES[vocabulary])


def test_what_has_no_name_in_a_language_is_given_in_chinese_between_its_marks() -> None:
    assert named_region("ru", "4419") == "«东莞市»"
    assert named_region("en", "653122") == "“疏勒县”"
    assert named_domain("ru", "health.elder_care") == "услуги реабилитации и ухода за пожилыми"
    assert named_domain("en", "health.elder_care") == "Elder and rehabilitation care"


def test_a_quote_is_one_line_without_its_full_stop() -> None:
    assert quoted("zh", "背景\n耕层残膜多。") == "「耕层残膜多」"
    assert quoted("zh", "。") == "「。」"


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "zh"),
        ("en-GB,en;q=0.9", "en"),
        ("ug-CN", "ug"),
        ("ru", "ru"),
        ("ug, en;q=0.5", "ug"),
        ("ru;q=0.5, zh-CN", "zh"),
        ("kk", "zh"),
        ("ru;q=x, en;q=0.1", "en"),
        ("ru, en", "ru"),
        ("en;q=0", "zh"),
        ("en;q=0, ru;q=0.1", "ru"),
        ("en;q=0.000, *", "zh"),
        ("zh;q=0", "en"),
        ("zh-CN;q=0, *;q=0.5", "en"),
        ("*;q=0, ug;q=0.2", "ug"),
        ("ru;q=0.3, *;q=0.5", "zh"),
        ("ru ; Q=0.3, en ;q=0.4", "en"),
        ("zh;q=0, en;q=0, ug;q=0, ru;q=0", "zh"),
    ],
)
def test_readers_are_told_in_the_one_of_four_languages_that_they_prefer(header: str, language: str) -> None:
    request = Request({"type": "http", "headers": [(b"accept-language", header.encode())]})

    assert language_of(request) == language
