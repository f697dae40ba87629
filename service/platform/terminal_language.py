"""Which language the command line speaks: Chinese, or English where the locale is of another language."""

import os
import re

from schemas.vocabulary import Term
from schemas.wording import Told, Wording
from service.platform.catalogues import catalogue

_LOCALE_VARIABLES = ("LC_ALL", "LC_MESSAGES", "LANG")
# A locale that says nothing of a language is that of a bare server, whose people read Chinese.
_CHINESE = ("zh", "", "c", "posix")


def terminal_language() -> str:
    """``zh`` or ``en``."""
    locale = next(filter(None, map(os.environ.get, _LOCALE_VARIABLES)), "")
    return "zh" if re.split(r"[_.@-]", locale)[0].lower() in _CHINESE else "en"


def said(text: str | Wording | Told, **slots: object) -> str:
    """What people are told, by its Chinese words; terms, alone or as slots, are told by their labels."""
    language = terminal_language()
    if isinstance(text, Wording):
        return text.said(language)
    if isinstance(text, Term | Told):
        return text.en if language == "en" else text.zh
    found = catalogue("service", "en", "commands.").gettext(text) if language == "en" and text else text
    if not slots:
        return found
    told = {
        name: said(value) if isinstance(value, Term | Told | Wording) else value
        for name, value in slots.items()
    }
    return found.format(**told)
