"""Phone numbers, addresses, account names and a person's numbers in running text: not for strangers to read."""

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from typing import NamedTuple

import phonenumbers
from stdnum.cn import uscc

from schemas.reading.contact_patterns import PATTERNS, TAKEN, UNIT
from schemas.reading.folding import folded, numerals_as_digits
from schemas.reading.person_numbers import is_card, is_identity

MASK = "［联系方式已隐去］"
# The same, where a person asked to be forgotten.
ERASED = "［个人信息已删除］"
# Taking one contact out may lay another one bare. Nobody wraps one up so often by accident.
_LAYERS = 12


class FoundContact(NamedTuple):
    start: int
    end: int
    kind: str
    text: str


Span = tuple[int, int]
Found = tuple[int, int, str]

# Before a number: that it is one to call, a figure, or the mark of a thing.
_CALLED = re.compile(
    r"(?:电话|手机|热线|联系|致电|来电|拨打?|微信|号码|tel|phone|mob(?:ile)?|call|whatsapp|тел|моб|تېلېفون|يانفون)[^0-9]{0,6}$"
)
_COUNTED = re.compile(
    r"(?:值|额|量|积|价|款|资|费|入|润|本|金|预算|决算|债|支出|合计|总计|共计|共|约|达|到|超过?|近|库存|销售|营收|产出|尺寸|规格)\s{0,2}[:为约达至]?\s{0,2}$"
)
_NAMED_AS_THING = re.compile(
    r"(?:批号|批次|型号|货号|编号|序列号|产品号|牌号|图号|料号|件号|物料号?|规格|机号|单号|条码|代码|证号|电机|部件|零件|标准号?|登记号|许可证号?|备案号"
    r"|model|lot|batch|s/n|sn|no\.?|part|isbn|gb/t|db[0-9/t]{0,6})\s{0,2}[:为是#]?\s{0,2}[a-z-]{0,6}$"
)
_SIZE = re.compile(r"\s{0,2}(?:mm|cm|dm|km|m|毫米|厘米|米|目|px)(?![a-z])")
_UNIT_AFTER = re.compile(rf"\s{{0,2}}{UNIT}")
_ONE_CHARACTER_AFTER = re.compile(r"\.[0-9x]{1,2}(?![0-9])")
_WHOLE_PART = re.compile(r"(?<![0-9])[0-9]{1,3}\.$")
_TOKEN = re.compile(r"(?<![0-9a-z])[0-9a-z]{18}(?![0-9a-z])")
# As numbers of mobile telephones are grouped when they are printed.
_GROUPS = {
    *(
        (11,),
        (3, 4, 4),
        (3, 3, 5),
        (3, 5, 3),
        (3, 8),
        (7, 4),
        (4, 3, 4),
        (4, 4, 3),
        (3, 2, 3, 3),
        (3, 2, 2, 2, 2),
    ),
    *((3, 4, 2, 2), (1,) * 11),
}
_USUAL_GAP = re.compile(r" ?[-.·_] ?|\s{0,2}")
_BEFORE = 24


def find_contacts(text: str) -> list[FoundContact]:
    """Find phone numbers, addresses of mail and sites, and names in WeChat, QQ and the like after those words, in
    order of place; and identity and card numbers whose check digit is right, or which are called so.

    They are found however they are spelled: see ``folded``. Patent numbers, credit codes, dates, marks of lots and
    models, and figures with a unit are left alone.
    """
    plain, places = folded(text.replace(MASK, TAKEN * len(MASK)))
    codes = [code.span() for code in _TOKEN.finditer(plain) if _is_code(code[0])]
    plain = _covered(plain, codes)
    return sorted(
        FoundContact(*span, kind, text[slice(*span)])
        for start, end, kind in _all_in(plain)
        for span in [_span(places, start, end)]
    )


def _span(places: list[int], start: int, end: int) -> Span:
    """Where it stood in the text, with what is not seen between its characters and behind it."""
    return places[start], max(places[end], places[end - 1] + 1)


def _all_in(plain: str) -> Iterator[Found]:
    for _ in range(_LAYERS):
        fresh = list(_find(plain))
        yield from fresh
        if not fresh:
            return
        plain = _covered(plain, [(start, end) for start, end, _ in fresh])


def _find(plain: str) -> Iterator[Found]:
    """Contacts of all kinds, none over another."""
    taken = bytearray(len(plain))
    spoken = numerals_as_digits(plain)
    for kind, view in [(kind, plain) for kind in PATTERNS] + [(kind, spoken) for kind in _SPOKEN]:
        for start, end in _matches(kind, view):
            if not any(taken[start:end]):
                taken[start:end] = b"\x01" * (end - start)
                yield start, end, kind.removeprefix("named_") if view is plain else "spelled"


def _matches(kind: str, view: str) -> Iterator[Span]:
    pattern, check = PATTERNS[kind], _CHECKS.get(kind)
    part = "number" if "number" in pattern.groupindex else 0
    place = 0
    while match := pattern.search(view, place):
        span = match.span(part) if match[part] is not None else match.span()
        if check is None or check(view, *span):
            yield span
            place = match.end()
        else:
            # What has the form of one may hide another that begins in it.
            place = match.start() + 1


def _is_code(token: str) -> bool:
    return bool(uscc.is_valid(token.upper())) and not is_identity(token)


def _is_mobile(view: str, start: int, end: int) -> bool:
    """Whether it is grouped as such numbers are, and neither a figure nor part of the mark of a thing."""
    before, after = view[max(start - _BEFORE, 0) : start], view[end : end + _BEFORE]
    sizes, gaps = _groups(view[start:end])
    if _CALLED.search(before):
        return True
    if sizes not in _GROUPS or _is_thing(before, after):
        return False
    if sizes == (11,):
        return not (_is_figure(view[start:end], before, after) or _WHOLE_PART.search(before))
    if all(_USUAL_GAP.fullmatch(gap) for gap in gaps):
        return True
    listed = re.search(rf"[0-9]{re.escape(gaps[0])}$", before) or re.match(
        rf"{re.escape(gaps[0])}[0-9]", after
    )
    return not (listed or _SIZE.match(after) or _COUNTED.search(before))


def _groups(number: str) -> tuple[tuple[int, ...], list[str]]:
    """How many digits stand together, without the country's prefix, and what stands between them."""
    parts = ["".join(part) for _, part in groupby(number, str.isdigit)]
    more = sum(len(part) for part in parts if part[0].isdigit()) - 11
    while more > 0 or not parts[0][0].isdigit():
        first = parts.pop(0)
        if first[0].isdigit():
            if len(first) > more:
                parts.insert(0, first[more:])
            more -= min(more, len(first))
    return tuple(len(part) for part in parts[::2]), parts[1::2]


def _is_thing(before: str, after: str) -> bool:
    lettered = re.match(r"-?[a-z]", after) or re.search(r"[a-z]-?$", before)
    return bool(lettered and _NAMED_AS_THING.search(before))


def _is_figure(number: str, before: str, after: str) -> bool:
    if _ONE_CHARACTER_AFTER.match(after):
        return True
    return bool(_UNIT_AFTER.match(after) and (_COUNTED.search(before) or number.endswith("00000")))


def _is_abroad(view: str, start: int, end: int) -> bool:
    number = re.sub(r"[^0-9+]", "", view[start:end])
    if number.startswith("00"):
        number = f"+{number[2:]}"
    return any(_is_valid(number, country) for country in ((None,) if number[0] == "+" else ("KZ", "RU")))


def _is_landline(view: str, start: int, end: int) -> bool:
    """Written in one it may be any number; in groups it is one to call."""
    number = view[start:end]
    return not number.isdigit() or _is_valid(number, "CN")


def _is_valid(number: str, country: str | None) -> bool:
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(number, country))
    except phonenumbers.NumberParseException:
        return False


def _is_website(view: str, start: int, end: int) -> bool:
    """Sites of authorities are sources, and lead to no poster."""
    return not re.match(r"(?:https?:/{1,2})?[^/]{0,200}\.gov\.cn(?![a-z.])", view[start:end])


# What has the form of one, and is one only if more is right.
_CHECKS: dict[str, Callable[[str, int, int], bool]] = {
    "identity": lambda view, start, end: is_identity(view[start:end]),
    "card": lambda view, start, end: is_card(view[start:end]),
    "mobile": _is_mobile,
    "abroad": _is_abroad,
    "landline": _is_landline,
    "website": _is_website,
}
# Also in Chinese numerals: 一三八 is as good as 138.
_SPOKEN = ("mobile", "landline", "qq")
# A person's, but no way to reach that person.
NUMBERS_OF_A_PERSON = {"identity", "card", "passport"}


def _covered(plain: str, spans: Iterable[Span]) -> str:
    characters = list(plain)
    for start, end in spans:
        characters[start:end] = TAKEN * (end - start)
    return "".join(characters)


def mask_contacts(text: str) -> tuple[str, list[str]]:
    """Put ``MASK`` in the place of each contact. Return the text, and what was taken out, in order."""
    found = find_contacts(text)
    return masked(text, found), [contact.text for contact in found]


def masked(text: str, found: list[FoundContact]) -> str:
    pieces, start = [], 0
    for contact in found:
        pieces += [text[start : contact.start], MASK]
        start = contact.end
    return "".join([*pieces, text[start:]])


def without_masks(text: str) -> str:
    """The text with blanks where contacts and names stood, so that places stay: for those who compare words."""
    return text.replace(MASK, " " * len(MASK)).replace(ERASED, " " * len(ERASED))
