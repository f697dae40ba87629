"""Texts as programs compare them: one character for the many that look like it or stand for it, with their places."""

import unicodedata
from functools import lru_cache

_SAME = (
    {ord(dash): "-" for dash in "—–‒―‐‑‧−﹣－ー"}
    | {ord(bracket): "(" for bracket in "【〔［[{〈《「『｛（"}
    | {ord(bracket): ")" for bracket in "】〕］]}〉》」』｝）"}
    | {ord(dot): "·" for dot in "•・∙⋅･·"}
    | {ord(star): "*" for star in "×✕✖＊∗"}
    | {ord(at): "@" for at in "ⓐⒶ＠﹫"}
    | {ord(plus): "+" for plus in "➕＋﹢"}
)
# What is not seen, and marks on the character before: people put them into a number so that programs overlook it.
_UNSEEN = {"Cf", "Me", "Mn"}
_FILLERS = "\u115f\u1160\u3164\uffa0\u2800"
# Of ligatures that are whole phrases nothing is compared.
_LONGEST = 8
_NUMERALS = str.maketrans(
    "〇零○一幺二两贰三叁四肆五伍六陆七柒八捌九玖壹弌弍弎", "000112223344556677889911" + "23"
)


def folded(text: str) -> tuple[str, list[int]]:
    """The text as it is compared, and where each of its characters stood; a last place is the text's length."""
    pieces: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        as_compared = _folded(character)
        pieces.append(as_compared)
        places += [place] * len(as_compared)
    return "".join(pieces), [*places, len(text)]


def numerals_as_digits(plain: str) -> str:
    """一三八 as 138: one character for one, so that places stay."""
    return plain.translate(_NUMERALS)


@lru_cache(maxsize=16_384)
def _folded(character: str) -> str:
    if character.isascii():
        return _SAME.get(ord(character), character.lower())
    if ord(character) in _SAME:
        return _SAME[ord(character)]
    if unicodedata.category(character) in _UNSEEN or character in _FILLERS:
        return ""
    compared = unicodedata.normalize("NFKC", character).lower()
    if len(compared) > _LONGEST:
        return character
    if compared == character and unicodedata.category(character) in {"Nd", "No"}:
        number = unicodedata.numeric(character)
        return str(int(number)) if number.is_integer() and number < 100 else character
    return compared if compared.isascii() and compared.isalnum() else _marks(compared)


def _marks(compared: str) -> str:
    return "".join(
        str(unicodedata.decimal(one)) if one.isdecimal() else _SAME.get(ord(one), one) for one in compared
    )
