"""Kazakh as the glossary reads it: in Cyrillic letters, and stems as they stand before endings."""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from matching.glossary import Endings, Glossary, any_endings, read_glossary, verb_endings

_LETTER = "[\u0400-\u052f]"
_WORD = re.compile(f"{_LETTER}+")
_BETWEEN_WORDS = re.compile(rf"(?<={_LETTER})[ \t-]+(?={_LETTER})")

# In China, Kazakh is written in Arabic letters. A word has front vowels if a hamza, or one of three letters
# that only such words have, says so.
_ARABIC_WORD = re.compile("[\u0621-\u064a\u0674-\u06d5]+")
_CONSONANTS = str.maketrans("بپتجچحدرزسشعفقكگڭلمنھۋۆيە", "бптжчхдрзсшғфқкгңлмнһувйе")
_BACK, _FRONT = str.maketrans("اوۇى", "аоұы", "ءٴ"), str.maketrans("اوۇى", "әөүі", "ءٴ")
_SAYS_FRONT = re.compile("[ءٴەكگ]")

# What a noun may end in, any number of them in a row.
_NOUN_ENDINGS = (
    "лар лер дар дер тар тер ы і сы сі ның нің дың дің тың тің ны ні ды ді ты ті н на не ға ге қа ке а е "
    "да де та те нда нде дан ден тан тен нан нен мен бен пен дағы дегі тағы тегі ындағы індегі ім ым м мыз міз "
    "ымыз іміз лық лік дық дік тық тік лы лі сыз сіз шы ші ын ін ынан інен ына іне"
)
# The same after the stem of a verb, one to three in a row.
_VERB_ENDINGS = (
    "у ю й а е йді ды ді ты ті ған ген қан кен атын етін йтын йтін п ып іп са се йық ғы гі ғымыз гіміз ғысы гісі "
    "қы кі қысы кісі қымыз кіміз май мей бай бей пай пей майды мейді мау меу т л н ыл іл ын ін ар ер с ыс іс "
    "дыр дір тыр тір ады еді йды амыз еміз йміз"
)
_AFTER_NOUN = any_endings(_NOUN_ENDINGS)
_AFTER_VERB = verb_endings(_VERB_ENDINGS, _NOUN_ENDINGS)

_VOICED = {"п": "б", "к": "г", "қ": "ғ"}


def plain(text: str) -> str:
    """In small Cyrillic letters, with one space between words."""
    cyrillic = _ARABIC_WORD.sub(_in_cyrillic, unicodedata.normalize("NFKC", text))
    return _BETWEEN_WORDS.sub(" ", cyrillic.lower())


def _in_cyrillic(word: re.Match[str]) -> str:
    vowels = _FRONT if _SAYS_FRONT.search(word.group()) else _BACK
    return word.group().translate(vowels).translate(_CONSONANTS)


@lru_cache(maxsize=1)
def glossary() -> Glossary:
    return read_glossary("kazakh_glossary.tsv", _WORD, plain, _inflections)


def _inflections(word: str) -> Iterator[tuple[set[str], Endings]]:
    yield {word, word[:-1] + _VOICED.get(word[-1], word[-1])}, _AFTER_NOUN
    if word.endswith("у") and len(word) > 3:
        yield {stem for stem in (word[:-1], word[:-1].rstrip("ыі")) if len(stem) >= 3}, _AFTER_VERB
