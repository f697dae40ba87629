"""What the service says in other languages than Chinese and English: gettext catalogues, as translators write them."""

from collections.abc import Mapping

from schemas.vocabulary import Term
from schemas.wording import Wording
from service.platform.catalogues import catalogue
from service.platform.phrases import label_of

#: Which of the two is told in a language that lacks a message.
_INSTEAD = {"ug": "zh", "ru": "en"}


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
