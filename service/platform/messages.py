"""What the service says in other languages than Chinese and English: gettext catalogues, as translators write them."""

from collections.abc import Mapping
from functools import lru_cache
from gettext import GNUTranslations, NullTranslations
from importlib.resources import files
from io import BytesIO

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from schemas.base import Wording
from schemas.vocabulary import Term
from service.platform.phrases import label_of

#: Which of the two is told in a language that lacks a message.
_INSTEAD = {"ug": "zh", "ru": "en"}


@lru_cache
def catalogue(package: str, language: str, of: str = "") -> NullTranslations:
    """A package's messages in a language. Compiled in memory: a translator's change needs no step but a restart.

    of: what the file's name begins with, where a package has several catalogues.
    """
    written = (files(package) / "locales" / f"{of}{language}.po").read_bytes()
    compiled = BytesIO()
    write_mo(compiled, read_po(BytesIO(written), locale=language))
    compiled.seek(0)
    return GNUTranslations(compiled)


def said(wording: Wording, language: str) -> str:
    """A message of the service in any of its four languages."""
    translated = in_language(wording.zh, language, wording.slots or {})
    return wording.said(_INSTEAD.get(language, language)) if translated is None else translated


def in_language(chinese: str, language: str, slots: Mapping[str, object]) -> str | None:
    """A message by its Chinese words, its slots filled; None where the language lacks it, or has no catalogue."""
    if language not in _INSTEAD:
        return None
    # gettext gives back what it does not know.
    found = catalogue("service", language).gettext(chinese)
    if found == chinese:
        return None
    named = {
        name: label_of(language, value) if isinstance(value, Term) else value for name, value in slots.items()
    }
    return found.format(**named)
