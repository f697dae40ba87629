"""In which language a text is written, by its letters alone."""

import json
import re
import unicodedata
from functools import lru_cache
from importlib.resources import files
from typing import Literal

Language = Literal["zh", "ug", "kk", "ru", "en"]

_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_KANA_OR_HANGUL = re.compile(r"[\u3040-\u30ff\uac00-\ud7af]")
_ARABIC = re.compile(r"[\u0620-\u064a\u066e-\u06d3\u06d5\u06fa-\u06ff]")
_CYRILLIC = re.compile(r"[\u0400-\u052f]")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]")

# A Chinese character says about as much as a short word.
_HAN_WEIGHT = 3

# What one language has and its neighbours in the same script have not. Arabic, Persian, Urdu and Pashto have
# none of the first; Kazakh in Arabic script has most of them, but writes other letters for kh and gh, and
# no hamza on a tooth.
_UYGHUR_OR_KAZAKH = re.compile(r"[ېۈۆۇەڭۋ]")
_UYGHUR = re.compile(r"[ېۈئغخ]")
_KAZAKH_IN_ARABIC = re.compile(r"[ءٴعح]")
_OTHERS_IN_ARABIC = re.compile(r"[ێڕڵڤۍځښګڼټډړږٹڈڑےںۓہة]")
_KAZAKH = re.compile(r"[әғқұі]", re.IGNORECASE)
_OTHERS_IN_CYRILLIC = re.compile(r"[їєґўҷҳӣӯҗјљњђћџѓќ]", re.IGNORECASE)
_NOT_RUSSIAN = re.compile(r"[өүңһ]", re.IGNORECASE)
_NOT_ENGLISH = re.compile(r"[\u00c0-\u024f]")


def language_of_text(text: str) -> Language | None:
    """The language that prevails in ``text``; None where it is none of the five, or letters don't tell.

    Arabic letters that Uyghur shares with its neighbours, as in a single short word, don't. What is written
    in Latin letters with few marks above or below them counts as English.
    """
    text = unicodedata.normalize("NFKC", text)
    counts = {
        "han": _HAN_WEIGHT * _count(_HAN, text),
        "arabic": _count(_ARABIC, text),
        "cyrillic": _count(_CYRILLIC, text),
        "latin": _count(_LATIN, text),
    }
    script = max(counts, key=lambda name: counts[name])
    if not counts[script]:
        return None
    if script == "han":
        return None if _count(_KANA_OR_HANGUL, text) > _count(_HAN, text) / 4 else "zh"
    if script == "arabic":
        return _in_arabic(text, counts[script])
    if script == "cyrillic":
        return _in_cyrillic(text, counts[script])
    # A name or two in another spelling do not make a text foreign.
    return None if _count(_NOT_ENGLISH, text) > counts[script] / 25 else "en"


@lru_cache(maxsize=1)
def language_samples() -> dict[Language, list[str]]:
    """Needs of many kinds in English, Russian and Kazakh, from which a model's mean for a language is taken.

    A model puts the texts of one language near one another, whatever they are on. Less the mean of their own
    language they can be compared with Chinese ones: docs/languages.md has what that gives.
    """
    samples: dict[Language, list[str]] = json.loads(
        (files("matching") / "data" / "language_samples.json").read_text(encoding="utf-8")
    )
    return samples


def _in_arabic(text: str, letters: int) -> Language | None:
    if _count(_OTHERS_IN_ARABIC, text) > letters / 50 or _count(_UYGHUR_OR_KAZAKH, text) < letters / 40:
        return None
    return "kk" if _count(_KAZAKH_IN_ARABIC, text) > _count(_UYGHUR, text) else "ug"


def _in_cyrillic(text: str, letters: int) -> Language | None:
    if _count(_OTHERS_IN_CYRILLIC, text) > letters / 50:
        return None
    if _count(_KAZAKH, text) > letters / 30:
        return "kk"
    return None if _count(_NOT_RUSSIAN, text) > letters / 25 else "ru"


def _count(letters: re.Pattern[str], text: str) -> int:
    return len(letters.findall(text))
