"""The portal's four languages, and what its pages say in them."""

from gettext import NullTranslations

from service.platform.catalogues import catalogue

#: By their names in themselves. Chinese is what the program is written in, and needs no catalogue.
LANGUAGES = {"zh": "中文", "ug": "ئۇيغۇرچە", "ru": "Русский", "en": "English"}
#: As HTML says it, so that a browser picks the right forms of characters.
TAGS = {"zh": "zh-CN", "ug": "ug", "ru": "ru", "en": "en"}
_FROM_RIGHT = {"ug"}


def messages_of(language: str) -> NullTranslations:
    return NullTranslations() if language == "zh" else catalogue("service.portal", language)


def direction_of(language: str) -> str:
    return "rtl" if language in _FROM_RIGHT else "ltr"
