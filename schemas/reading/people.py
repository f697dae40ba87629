"""Names of people, compared by their letters: whatever stands between these, and however each is written."""

import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

# What people write between the parts of a name, or leave out: 阿卜杜拉·买买提, 阿卜杜拉 买买提, 阿卜杜拉买买提.
_BETWEEN = " \t\u3000\u00a0·•・‧．.∙⋅･᛫'’‘`-‐‑‒–—_"
_GAP = 3
# Uyghur vowels stand on it where nothing stands before them, and many leave it out.
_HAMZA = "ئ"
# Letters of Uyghur that keyboards and fonts give in several forms.
_SAME = {ord(one): same for many, same in (("يی", "ى"), ("ھهة", "ە"), ("ک", "ك"), ("ءـ", "")) for one in many}


def letters_of(text: str) -> str:
    """Letters and figures alone, in one form each."""
    return unicodedata.normalize("NFKD", text.replace(_HAMZA, "")).casefold().translate(_FORMS)


def find_name(text: str, name: str) -> Iterator[tuple[int, int]]:
    """Where a text has the letters of a name, in their order, with no more between them than names have."""
    wanted = letters_of(name)
    # Most texts name nobody who is asked for, and this takes no time.
    if not wanted or wanted not in letters_of(text):
        return
    kept = [(letter, place) for place, one in enumerate(text) for letter in _letters(one)]
    plain = "".join(letter for letter, _ in kept)
    start = plain.find(wanted)
    while start >= 0:
        end = start + len(wanted)
        places = [place for _, place in kept[start:end]]
        if _is_one(text, places):
            stop = kept[end][1] if end < len(kept) else len(text)
            began = places[0] - (text[max(places[0] - 1, 0)] == _HAMZA)
            yield began, places[-1] + 1 + _marks_after(text[places[-1] + 1 : stop])
            start = plain.find(wanted, end)
        else:
            start = plain.find(wanted, start + 1)


def _is_one(text: str, places: list[int]) -> bool:
    for one_place, next_place in pairwise(places):
        between = [one for one in text[one_place + 1 : next_place] if not _is_mark(one)]
        if len(between) > _GAP or any(one not in _BETWEEN for one in between):
            return False
    first, last = text[places[0]], text[places[-1]]
    before, after = text[max(places[0] - 1, 0) : places[0]], text[places[-1] + 1 : places[-1] + 2]
    # 王安 is no Ann, and Annex neither. Uyghur and Russian names take endings; Chinese has no spaces.
    joined = (_is_latin(first) and _is_latin(before)) or (_is_latin(last) and _is_latin(after))
    return not joined


def _is_latin(one: str) -> bool:
    return bool(one) and one.isascii() and one.isalnum()


def _is_mark(one: str) -> bool:
    return unicodedata.category(one) in {"Mn", "Me", "Cf"} or one in "ءئـ"


def _marks_after(rest: str) -> int:
    count = 0
    while count < len(rest) and unicodedata.category(rest[count]) in {"Mn", "Me"}:
        count += 1
    return count


@lru_cache(maxsize=16_384)
def _letters(one: str) -> str:
    return letters_of(one)


class _Forms(dict[int, str]):
    """By code point: the letter that it is compared as; nothing for what is no letter."""

    def __missing__(self, code: int) -> str:
        self[code] = _SAME.get(code, chr(code) if chr(code).isalnum() else "")
        return self[code]


_FORMS = _Forms()
