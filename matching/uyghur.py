"""Uyghur as the glossary reads it: one form for each letter, and stems as they stand before endings."""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from matching.glossary import Endings, Glossary, any_endings, read_glossary, verb_endings

_LETTER = "[\u0621-\u06d3\u06d5\u06fa-\u06ff]"
_WORD = re.compile(f"{_LETTER}+")
_BETWEEN_WORDS = re.compile(rf"(?<={_LETTER})[ \t-]+(?={_LETTER})")

# Letters that keyboards and fonts give in several forms; those that are taken for one another become one.
_FOLDED = str.maketrans(
    {
        **dict.fromkeys(
            "ئء\u0654\u0640\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u2066\u2067\u2068\u2069"
        ),
        **dict.fromkeys(map(chr, range(0x064B, 0x0653))),
        **dict.fromkeys("يی", "ى"),
        **dict.fromkeys("ھهةہ", "ە"),
        "ک": "ك",
    }
)

# What a noun may end in, any number of them in a row.
_NOUN_ENDINGS = (
    "ى سى لار لەر لىر نىڭ نى غا قا گە كە دا دە تا تە دىن تىن دىكى تىكى لىق لىك لۇق لۈك مىز ىمىز ۇمىز ۈمىز "
    "ىم ۇم ۈم م چى سىز چە غىچە گىچە مۇ دەك تەك لاشتۇرۇش لەشتۈرۈش لىشىش لاش لەش"
)
# The same after the stem of a verb, one to three in a row.
_VERB_ENDINGS = (
    "ش ىش ۇش ۈش ي ى ا ە ىدىغان يدىغان دىغان غان قان گەن كەن مىغان مىگەن ماي مەي مايدىغان مەيدىغان ىپ ۇپ ۈپ پ "
    "سا سە ىدۇ يدۇ دى ۋاتقان ۋاتىدۇ ۋاتىمىز ىۋاتقان ىۋاتىدۇ ماقچى مەكچى غىلى قىلى گىلى كىلى غۇچى قۇچى گۈچى "
    "كۈچى ىل ۇل ۈل ىن ۇن ۈن ن ل دۇر تۇر دۈر تۈر ۋېلىش ۋېتىش ىمىز يمىز"
)


def plain(text: str) -> str:
    """One form for each letter, without marks that are not heard or not seen; one space between words."""
    return _BETWEEN_WORDS.sub(" ", unicodedata.normalize("NFKC", text).translate(_FOLDED))


_AFTER_NOUN = any_endings(plain(_NOUN_ENDINGS))
_AFTER_VERB = verb_endings(plain(_VERB_ENDINGS), plain(_NOUN_ENDINGS))


@lru_cache(maxsize=1)
def glossary() -> Glossary:
    return read_glossary("uyghur_glossary.tsv", _WORD, plain, _inflections)


def _inflections(word: str) -> Iterator[tuple[set[str], Endings]]:
    yield _weakened(word), _AFTER_NOUN
    if word.endswith("ش"):
        yield _verb_stems(word), _AFTER_VERB


def _verb_stems(gerund: str) -> set[str]:
    """As in تېجەش: تېجە, تېجى. Stems of one or two letters are left out, for they begin too many words."""
    stem = gerund[:-1]
    stems = {stem, stem[:-1]} if stem.endswith(("ى", "ۇ", "ۈ")) and len(stem) > 3 else _weakened(stem)
    return {stem for stem in stems if len(stem) >= 3}


def _weakened(word: str) -> set[str]:
    """A word, and how its last vowel sounds before an ending: پاختا, پاختى."""
    if word.endswith(("ا", "ە")):
        return {word, word[:-1] + "ى"}
    if len(word) > 2 and word[-2] in "اە":
        return {word, word[:-2] + "ى" + word[-1], word[:-2] + "ې" + word[-1]}
    return {word}
