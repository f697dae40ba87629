"""Texts in languages that encoders hardly know, made readable: a glossary's Chinese words in their place.

The multilingual encoders at hand read Chinese, English and Russian, but have seen little Kazakh and still
less Uyghur. Spelling Uyghur in Latin or Cyrillic letters does not help; what helps is the Chinese of its
technical words. docs/languages.md has the figures.
"""

from matching import kazakh, uyghur
from matching.language import Language, language_of_text

# With fewer known words than this, the text is kept beside them: better hardly read than not read.
_ENOUGH_WORDS = 3

# From this many known words on, the capability sought was among the first five in more than four cases of
# five, in either language; with one or two, in Uyghur, in one of three.
_WELL_READ_WORDS = 5

_LANGUAGES = {"ug": uyghur, "kk": kazakh}


def readable(text: str, language: Language | None = None) -> str:
    """``text`` for an encoder: Uyghur and Kazakh as Chinese words, and any other text untouched.

    Of such a text those words remain that its glossary knows, in Chinese and in order, marks and line ends,
    and what is not in its script: figures, Latin, Chinese. It is no translation, and places in it are none in
    ``text``. ``language``: what the text is known to be in, as a sentence of a longer one is.
    """
    pieces = _pieces(text, language)
    if pieces is None:
        return text
    words = "".join(piece for piece, _ in pieces)
    return words if _known_words(pieces) >= _ENOUGH_WORDS else f"{text}\n{words.strip()}".rstrip()


def needs_chinese_summary(text: str) -> bool:
    """Whether ``text`` is in Uyghur or Kazakh, and too little of it is understood to find what it is about."""
    pieces = _pieces(text, None)
    return pieces is not None and _known_words(pieces) < _WELL_READ_WORDS


def _pieces(text: str, language: Language | None) -> list[tuple[str, bool]] | None:
    spoken = _LANGUAGES.get(language or language_of_text(text) or "")
    return None if spoken is None else list(spoken.glossary().pieces(spoken.plain(text)))


def _known_words(pieces: list[tuple[str, bool]]) -> int:
    return sum(known for _, known in pieces)
