"""The portal's four languages: gettext catalogues, read as translators write them."""

from functools import lru_cache
from gettext import GNUTranslations, NullTranslations
from importlib.resources import files
from io import BytesIO

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

#: By their names in themselves. Chinese is what the program is written in, and needs no catalogue.
LANGUAGES = {"zh": "中文", "ug": "ئۇيغۇرچە", "ru": "Русский", "en": "English"}
#: As HTML says it, so that a browser picks the right forms of characters.
TAGS = {"zh": "zh-CN", "ug": "ug", "ru": "ru", "en": "en"}
_FROM_RIGHT = {"ug"}


@lru_cache
def messages_of(language: str) -> NullTranslations:
    """Compiled in memory: a translator's change needs no step but a restart."""
    if language == "zh":
        return NullTranslations()
    catalogue = (files("service.web") / "locales" / f"{language}.po").read_bytes()
    compiled = BytesIO()
    write_mo(compiled, read_po(BytesIO(catalogue), locale=language))
    compiled.seek(0)
    return GNUTranslations(compiled)


def direction_of(language: str) -> str:
    return "rtl" if language in _FROM_RIGHT else "ltr"
