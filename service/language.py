"""Which language to answer in."""

from typing import Annotated

from fastapi import Depends, Request

LANGUAGES = ("zh", "en")


def language_of(request: Request) -> str:
    """The best of our languages for ``Accept-Language``; Chinese unless another is preferred."""
    wishes = []
    for place, part in enumerate(request.headers.get("accept-language", "").split(",")):
        tag, _, parameter = part.strip().partition(";")
        primary = tag.split("-")[0].lower()
        if primary in LANGUAGES:
            wishes.append((-_quality(parameter), place, primary))
    return min(wishes)[2] if wishes else LANGUAGES[0]


def _quality(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    try:
        return float(value) if name == "q" else 1.0
    except ValueError:
        return 0.0


LanguageDep = Annotated[str, Depends(language_of)]
