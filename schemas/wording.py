"""What is told to people, in the languages that it is written in."""

from collections.abc import Mapping
from typing import NamedTuple

from pydantic import BaseModel


class Wording(NamedTuple):
    """One message in Chinese and English; ``service.platform.messages`` knows how others say it.

    What differs from time to time stands in ``{slots}``, so that the words around it can be looked up.
    """

    zh: str
    en: str
    slots: Mapping[str, object] | None = None

    def said(self, language: str) -> str:
        language = "en" if language == "en" else "zh"
        words = self.en if language == "en" else self.zh
        if self.slots is None:
            return words
        # A term of a vocabulary goes in by its label.
        return words.format(**{name: getattr(value, language, value) for name, value in self.slots.items()})


class Told(BaseModel):
    """A term, with its words."""

    key: str
    zh: str
    en: str
