"""No page says anything that one of its four languages lacks."""

from importlib.resources import files
from io import BytesIO

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from service.platform.locales import LANGUAGES, messages_of

TRANSLATED = [language for language in LANGUAGES if language != "zh"]


def said() -> set[str]:
    """Every message id that pages, mails and their code name."""
    method = [("**.py", "python"), ("**.html", "jinja2"), ("**.txt", "jinja2")]
    found = [
        message
        for room in ("portal", "notices")
        for message in extract_from_dir(
            str(files("service") / room), method_map=method, keywords={"_": None, "ngettext": (1, 2)}
        )
    ]
    return {message if isinstance(message, str) else message[0] for _, _, message, _, _ in found}


def catalogue(language: str) -> Catalog:
    content = (files("service.portal") / "locales" / f"{language}.po").read_bytes()
    return read_po(BytesIO(content), locale=language)


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_message_is_translated_and_none_is_left_over(language: str) -> None:
    found = catalogue(language)

    translated = {
        message.id if isinstance(message.id, str) else message.id[0]
        for message in found
        if message.id and all([message.string] if isinstance(message.string, str) else message.string or ())
    }

    assert len(said()) > 100
    assert translated == said()


@pytest.mark.parametrize("language", TRANSLATED)
def test_slots_of_messages_are_those_of_their_translations(language: str) -> None:
    assert [error for message in catalogue(language) for error in message.check()] == []


def test_catalogues_are_read_as_they_are_written() -> None:
    told = {language: messages_of(language).gettext("登录") for language in LANGUAGES}

    assert told == {"zh": "登录", "ug": "كىرىش", "ru": "Войти", "en": "Sign in"}
