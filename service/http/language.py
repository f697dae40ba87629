"""Which language to answer in: one of the four that the service speaks."""

import re
from typing import Annotated

from fastapi import Depends, Request

LANGUAGES = ("zh", "en", "ug", "ru")

_QUALITY = re.compile(r"\s*q\s*=\s*([01](?:\.\d{0,9})?)\s*", re.IGNORECASE | re.ASCII)
# Above 0, which refuses, and below every other quality that can be written.
_UNREADABLE = 2e-10
_NOT_NAMED = (1e-10, 0)


def language_of(request: Request) -> str:
    """The best of the four for ``Accept-Language`` (RFC 9110, 12.5.4); Chinese unless another is preferred.

    Of equal ones, the one that the header names first. ``;q=0`` refuses a language; ``*`` stands for all that the
    header does not name.
    """
    wishes: dict[str, tuple[float, int]] = {}
    for place, part in enumerate(",".join(request.headers.getlist("accept-language")).split(",")):
        tag, _, parameter = part.partition(";")
        primary = tag.strip().split("-")[0].lower()
        wish = (_quality(parameter), -place)
        wishes[primary] = max(wish, wishes.get(primary, wish))
    others = wishes.get("*", _NOT_NAMED)
    return max(LANGUAGES, key=lambda language: wishes.get(language, others))


def _quality(parameter: str) -> float:
    if not parameter:
        return 1.0
    found = _QUALITY.fullmatch(parameter)
    return float(found[1]) if found else _UNREADABLE


LanguageDep = Annotated[str, Depends(language_of)]
