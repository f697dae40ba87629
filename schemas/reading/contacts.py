"""Phone numbers, addresses and account names inside running text, which must not be shown to strangers."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from schemas.reading.writing import FULL_WIDTH

MASK = "［联系方式已隐去］"


class FoundContact(NamedTuple):
    start: int
    end: int
    kind: str
    text: str


# People break a number up with these so that programs overlook it; zero-width characters too.
_GAP = r"[-\s.·_\u200b-\u200d\u2060\ufeff]?"
_NOT_BEFORE = r"(?<![0-9])(?<![0-9][.])"
# A figure of money or weight has a unit after it, a patent number a dot and its check character.
_NOT_AFTER = r"(?![0-9])(?!\.[0-9x])(?!\s*(?:[千万亿]?元|[千万亿]?[亩吨]|公斤|公顷|千克|kg\b|%))"
_MOBILE_GROUPS = "|".join(
    _GAP.join(f"[0-9]{{{size}}}" for size in sizes)
    for sizes in ((4, 4), (3, 5), (5, 3), (2, 3, 3), (2, 2, 2, 2), (8,))
)
_MOBILE = (
    rf"(?:\(?(?:\+|00)?86\)?{_GAP})?(?:1 [3-9](?: [0-9]){{9}}"
    rf"|1[3-9](?:[0-9]{_GAP}(?:{_MOBILE_GROUPS})|[0-9]{{2}}{_GAP}[0-9]{{3}}{_GAP}[0-9]{{4}}))"
)
_AREA = r"(?:\(?(?:\+|00)86\)?[-\s]?)?\(?0(?:10|2[0-9]|[3-9][0-9]{2})\)?"
_EXTENSION = r"(?:\s*(?:-|转|ext\.?)\s*[0-9]{1,6})?"
_SPELLED = "〇零一二三四五六七八九幺"

_PATTERNS = {
    "email": re.compile(r"[a-z0-9._%+-]{1,40}(?:@|\s?[(\[]at[)\]]\s?)(?:[a-z0-9-]{1,30}\.){1,3}[a-z]{2,15}"),
    "wechat": re.compile(
        r"(?:微信(?:公众号|号码?|id)?|薇信|威信|加[vV]|v信|(?<![a-z])(?:wechat|weixin|vx|wx))"
        r"(?:(?:[\s:：为是(]|同?号){0,6}[:：号是(]\s*[a-z][a-z0-9_-]{4,19}"
        r"|\s{0,3}(?=[a-z_-]{0,19}[0-9_])[a-z][a-z0-9_-]{5,19}|[\s:：号]{0,3}1[3-9][0-9]{9}(?![0-9]))"
    ),
    "qq": re.compile(r"(?<![a-z])qq(?:群|号码?|邮箱){0,2}[\s:：是为]{0,3}[1-9][0-9]{4,10}(?![0-9])"),
    "mobile": re.compile(rf"{_NOT_BEFORE}{_MOBILE}{_NOT_AFTER}"),
    "service": re.compile(
        rf"{_NOT_BEFORE}[48]00(?:-|\s)?(?!0{{7}})(?:[0-9]{{3}}[-\s]?[0-9]{{4}}|[0-9]{{4}}[-\s]?[0-9]{{3}}){_NOT_AFTER}"
    ),
    "landline": re.compile(
        rf"{_NOT_BEFORE}(?:(?<![a-z])|(?<=tel)){_AREA}[-\s]{{0,2}}[2-8][0-9]{{2,3}}[-\s]?[0-9]{{4}}(?![0-9]){_EXTENSION}{_NOT_AFTER}"
    ),
    "local": re.compile(r"(?<=[话机真系lx线])[\s:：是为]{1,3}(?P<number>[2-8][0-9]{2,3}-?[0-9]{4})(?![0-9])"),
    "spelled": re.compile(
        rf"(?<![0-9{_SPELLED}])(?=[0-9]{{0,10}}[{_SPELLED}])"
        rf"[一幺1][三四五六七八九3-9][0-9{_SPELLED}]{{9}}(?![0-9{_SPELLED}])"
    ),
}


def find_contacts(text: str) -> list[FoundContact]:
    """Find phone numbers, e-mail addresses, and WeChat and QQ names after those words, in order of place.

    Patent numbers, credit codes, dates and figures with a unit are left alone.
    """
    found: list[FoundContact] = []
    # Same length as the text, so that a place in one is a place in the other.
    plain = "".join(
        character.lower() if character.isascii() else character for character in text.translate(FULL_WIDTH)
    )
    while fresh := list(_find(plain, text)):
        found += fresh
        # Look again with these out of the way: taking one out may lay another one bare.
        characters = list(plain)
        for contact in fresh:
            characters[contact.start : contact.end] = MASK[-1] * (contact.end - contact.start)
        plain = "".join(characters)
    return sorted(found)


def _find(plain: str, text: str) -> Iterator[FoundContact]:
    taken = bytearray(len(plain))
    for kind, pattern in _PATTERNS.items():
        for match in pattern.finditer(plain):
            start, end = match.span("number" if "number" in pattern.groupindex else 0)
            if not any(taken[start:end]):
                taken[start:end] = b"\x01" * (end - start)
                yield FoundContact(start, end, kind, text[start:end])


def mask_contacts(text: str) -> tuple[str, list[str]]:
    """Put ``MASK`` in the place of each contact. Return the text, and what was taken out, in order."""
    found = find_contacts(text)
    pieces, start = [], 0
    for contact in found:
        pieces += [text[start : contact.start], MASK]
        start = contact.end
    return "".join([*pieces, text[start:]]), [contact.text for contact in found]
