"""Words of a language with endings, looked up in a glossary that gives their Chinese."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

# Whether what follows a stem, up to the end of the word, is made of endings.
Endings = Callable[[str], bool]
# Stems as they stand before endings, and what may follow them.
Inflections = Callable[[str], Iterable[tuple[set[str], Endings]]]

_Entry = tuple[str, Endings, str]

# No word has endings of more letters.
_LONGEST_ENDING = 30

# Whatever is no word of the language and no mark or space: figures, and words in other scripts.
_LEFT = re.compile(r"[^\W_]+(?:[.,]\d+)*")
_MARKS = str.maketrans("،؛؟۔", "，；？。")


@dataclass(frozen=True)
class Glossary:
    """word: matches a word of the language. entries: by the first two letters of a stem, longest stems first."""

    word: re.Pattern[str]
    entries: Mapping[str, list[_Entry]]

    def pieces(self, plain: str) -> Iterator[tuple[str, bool]]:
        """What is kept of a text, in order: each piece, and whether it is the Chinese of a known word."""
        place = 0
        while place < len(plain):
            if word := self.word.match(plain, place):
                place, chinese = self._known(plain, place) or (word.end(), "")
                if chinese:
                    yield chinese, True
            elif left := _LEFT.match(plain, place):
                yield left.group(), False
                place = left.end()
            else:
                if plain[place] not in " \t":
                    yield plain[place].translate(_MARKS), False
                place += 1

    def _known(self, plain: str, place: int) -> tuple[int, str] | None:
        """The entry with the longest stem that stands at ``place``: where its word ends, and its Chinese."""
        for stem, may_follow, chinese in self.entries.get(plain[place : place + 2], ()):
            if plain.startswith(stem, place):
                after = place + len(stem)
                rest = self.word.match(plain, after)
                if may_follow(rest.group() if rest else ""):
                    return rest.end() if rest else after, chinese
        return None


def read_glossary(
    name: str, word: re.Pattern[str], plain: Callable[[str], str], inflections: Inflections
) -> Glossary:
    """Read ``matching/data/name``: a word or several, a tab, Chinese; a hyphen for words that say nothing."""
    entries: dict[str, list[_Entry]] = {}
    for line in (files("matching") / "data" / name).read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        words, _, chinese = line.partition("\t")
        before, space, last = plain(words).rpartition(" ")
        for stems, may_follow in inflections(last):
            for stem in stems:
                whole = before + space + stem
                entries.setdefault(whole[:2], []).append((whole, may_follow, chinese.removeprefix("-")))
    for same in entries.values():
        same.sort(key=lambda entry: -len(entry[0]))
    return Glossary(word, entries)


def any_endings(nouns: str) -> Endings:
    """Any number of the endings that stand in a line, one after the other."""
    endings = tuple(nouns.split())

    @lru_cache(maxsize=4096)
    def may_follow(rest: str) -> bool:
        return _reach(rest, {0}, endings)

    return may_follow


def verb_endings(verbs: str, nouns: str) -> Endings:
    """One to three endings of verbs, then any number of nouns' endings."""
    firsts, endings = tuple(verbs.split()), tuple(nouns.split())

    @lru_cache(maxsize=4096)
    def may_follow(rest: str) -> bool:
        places, after = {0}, set[int]()
        for _ in range(3):
            places = _after_one(rest, places, firsts)
            after |= places
        return _reach(rest, after, endings)

    return may_follow


def _reach(rest: str, places: set[int], endings: tuple[str, ...]) -> bool:
    """Whether endings lead from one of ``places`` to the end.

    Places are kept, not the ways there: some endings are made of others, and of the ways there may be
    thousands in a few letters.
    """
    if len(rest) > _LONGEST_ENDING:
        return False
    while places and len(rest) not in places:
        places = _after_one(rest, places, endings)
    return bool(places)


def _after_one(rest: str, places: set[int], endings: tuple[str, ...]) -> set[int]:
    return {place + len(ending) for place in places for ending in endings if rest.startswith(ending, place)}
