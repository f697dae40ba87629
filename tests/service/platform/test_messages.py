"""Problems are told in the reader's language: everything that a page may have to tell has its words."""

import ast
import string
from importlib.resources import files
from io import BytesIO
from pathlib import Path

import grimp
import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from pydantic import ValidationError

from schemas.need import NeedCreate
from schemas.vocabulary import Role
from schemas.wording import Wording
from service.platform.messages import said
from service.platform.problems import field_problems
from service.platform.validation_messages import CHINESE
from tests.conftest import ClientFor

ROOT = Path(__file__).parents[3]
LANGUAGES = ["ug", "ru"]


def told_to_people() -> set[str]:
    """The Chinese words of every message that the service or an import may tell: all but what commands print."""
    graph = grimp.build_graph("service", "schemas", "workers", "matching", cache_dir=None)
    ends = {"service.app", "workers.importing"}
    used = ends.union(*(graph.find_upstream_modules(end) for end in ends))
    found = set(CHINESE.values())
    for module in used:
        path = ROOT.joinpath(*module.split(".")).with_suffix(".py")
        if path.exists():
            found |= words_of(ast.parse(path.read_text(encoding="utf-8")))
    return found


def words_of(module: ast.Module) -> set[str]:
    found = set()
    for node in ast.walk(module):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("Wording", "Unreadable"):
            chinese = node.args[0]
            if isinstance(chinese, ast.Constant):
                found.add(str(chinese.value))
            else:
                assert not isinstance(chinese, ast.JoinedStr), f"use slots: {ast.unparse(node)}"
    return found


def codes_of(path: Path) -> set[str]:
    """Of the errors that a module of ours finds in a body."""
    return {
        str(node.args[0].value)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "PydanticCustomError"
        if isinstance(node.args[0], ast.Constant)
    }


def catalogue(language: str) -> Catalog:
    content = (files("service") / "locales" / f"{language}.po").read_bytes()
    return read_po(BytesIO(content), locale=language)


def slots(words: str) -> set[str]:
    return {slot for _, slot, _, _ in string.Formatter().parse(words) if slot}


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_that_a_page_or_a_problem_may_have_to_tell_has_its_words(language: str) -> None:
    translated = {str(message.id) for message in catalogue(language) if message.id and message.string}

    assert len(translated) > 200
    assert translated == told_to_people()


def test_whatever_our_own_rules_find_wrong_has_its_words() -> None:
    codes = {code for path in sorted((ROOT / "schemas").rglob("*.py")) for code in codes_of(path)}

    assert len(codes) > 15
    assert codes - CHINESE.keys() == set()


def test_messages_are_told_by_one_function_alone() -> None:
    """``Wording`` itself knows two languages: what programs' logs and commands read, and no more."""
    found = [
        f"{path.relative_to(ROOT)}: {ast.unparse(node)}"
        for layer in ("service", "workers")
        for path in sorted((ROOT / layer).rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "said"
        and not isinstance(node.args[0], ast.Constant)
    ]

    assert found == [
        "service/platform/messages.py: wording.said(_INSTEAD.get(language, language))",
        "service/platform/terminal_language.py: text.said(language)",
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_has_the_slots_of_what_it_translates(language: str) -> None:
    pairs = [(str(message.id), str(message.string)) for message in catalogue(language) if message.id]

    assert [pair for pair in pairs if slots(pair[0]) != slots(pair[1])] == []


# Another word for what has its one word already: broker, bid, challenge; reviewer, introduction, match.
GIVEN_UP = {
    "ug": ["ۋاكالەتچى", "دەللال", "بايراق", "بەيگە", "ۋەدىنامىنى قوبۇل"],
    "ru": ["рецензент", "диалог", "совпадени", "скачк"],
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_words_of_the_field_are_the_same_in_every_catalogue(language: str) -> None:
    folder = ROOT / "service"
    written = [
        folder / "locales" / f"{language}.po",
        folder / "portal" / "locales" / f"{language}.po",
        folder / "reason_phrases" / f"{language}.toml",
    ]

    found = [
        (path.parent.name, number)
        for path in written
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if any(word in line.lower() for word in GIVEN_UP[language])
    ]

    assert found == []


def test_slots_are_filled_and_terms_go_in_by_their_label() -> None:
    refused = Wording("角色“{role}”没有这项权限", "The role “{role}” does not", {"role": Role.member})

    assert said(refused, "zh") == "角色“会员”没有这项权限"
    assert said(refused, "en") == "The role “Member” does not"
    assert said(refused, "ru") == "У роли «участник» нет этого права"


def test_what_lacks_words_in_a_language_is_told_in_the_one_that_its_readers_more_likely_read() -> None:
    lacking = Wording("尚无译文", "No words yet")

    assert {language: said(lacking, language) for language in ("zh", "ug", "ru", "en")} == {
        "zh": "尚无译文",
        "ug": "尚无译文",
        "ru": "No words yet",
        "en": "No words yet",
    }


@pytest.mark.parametrize(
    ("written", "language", "message"),
    [
        ("很多钱", "zh", "无法识别：没有找到金额"),
        ("很多钱", "ru", "Не удалось прочитать: сумма не найдена"),
        ("很多钱", "ug", "تونۇلمىدى: سومما تېپىلمىدى"),
        ("很多钱", "en", "Not understood: there is no sum in it"),
        ("吧{x}5万元", "ru", "Не удалось прочитать: непонятно, что значит «吧{x}5万元»"),
    ],
)
def test_a_field_that_cannot_be_read_says_why_in_the_readers_language(
    written: str, language: str, message: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        NeedCreate.model_validate({"title": "红枣分级设备", "budget": written})

    [problem] = field_problems(refused.value.errors(), language)
    assert problem.message == message


@pytest.mark.parametrize(
    ("language", "title"), [("ru", "Не найдено"), ("ug", "تېپىلمىدى"), ("zh-CN", "未找到")]
)
def test_programs_too_are_told_in_the_language_that_they_ask_for(
    client_for: ClientFor, language: str, title: str
) -> None:
    answer = client_for().get("/v1/nothing", headers={"Accept-Language": language})

    assert answer.json()["title"] == title
