"""Which language to answer in: one of the four that the service speaks."""

from collections.abc import Collection
from typing import Annotated

from fastapi import Depends, Request

LANGUAGES = ("zh", "en", "ug", "ru")


def language_of(request: Request) -> str:
    """The best of the four for ``Accept-Language``; Chinese unless another is preferred."""
    return best_language(request, LANGUAGES) or LANGUAGES[0]


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
