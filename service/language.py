"""Which language to answer in: readers are told in four, reports that are kept in two of them."""

from collections.abc import Collection
from typing import Annotated

from fastapi import Depends, Request

REASON_LANGUAGES = ("zh", "en", "ug", "ru")
LANGUAGES = ("zh", "en")

# What speakers of the others more likely read, where they name neither of the two.
_INSTEAD = {"ug": "zh", "ru": "en"}


def language_of(request: Request) -> str:
    """The best of the two for ``Accept-Language``, for what is kept; Chinese unless another is preferred."""
    return best_language(request, LANGUAGES) or message_language(reason_language_of(request))


def reason_language_of(request: Request) -> str:
    """The same of the four in which reasons and problems are told."""
    return best_language(request, REASON_LANGUAGES) or REASON_LANGUAGES[0]


def message_language(reason_language: str) -> str:
    """In which of the two to tell what is no reason to whoever reads reasons in ``reason_language``."""
    return _INSTEAD.get(reason_language, reason_language)


def best_language(request: Request, languages: Collection[str]) -> str | None:
    """The best of these for ``Accept-Language``; None where it names none of them."""
    wishes = []
    for place, part in enumerate(request.headers.get("accept-language", "").split(",")):
        tag, _, parameter = part.strip().partition(";")
        primary = tag.split("-")[0].lower()
        if primary in languages:
            wishes.append((-_quality(parameter), place, primary))
    return min(wishes)[2] if wishes else None


def _quality(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    try:
        return float(value) if name == "q" else 1.0
    except ValueError:
        return 0.0


LanguageDep = Annotated[str, Depends(language_of)]
ReasonLanguageDep = Annotated[str, Depends(reason_language_of)]
