"""Phone numbers, addresses, account names and a person's numbers in running text: not for strangers to read."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from schemas.reading.person_numbers import is_card, is_identity
from schemas.reading.writing import FULL_WIDTH

MASK = "［联系方式已隐去］"


class FoundContact(NamedTuple):
    start: int
    end: int
    kind: str
    text: str


# Dashes of every kind, and the digits of Arabic writing: one character for one, so that places stay.
_PLAIN = (
    FULL_WIDTH
    | {ord(dash): "-" for dash in "—–‒―‐‑−－"}
    | {ord(bracket): "(" for bracket in "【〔［"}
    | {ord(bracket): ")" for bracket in "】〕］"}
    | {0x0660 + digit: str(digit) for digit in range(10)}
    | {0x06F0 + digit: str(digit) for digit in range(10)}
)
# People break a number up with these so that programs overlook it; zero-width characters too.
_GAP = r"(?: ?[-.·_] ?|[\s\u200b-\u200d\u2060\ufeff]{0,2})"
_NOT_BEFORE = r"(?<![0-9])(?<![0-9][.])"
# A figure of money or weight has a unit after it, a patent number a dot and its check character.
_NOT_AFTER = r"(?![0-9])(?!\.[0-9x])(?!\s*(?:[千万亿]?元|[千万亿]?[亩吨]|公斤|公顷|千克|kg\b|%))"
_MOBILE_GROUPS = "|".join(
    _GAP.join(f"[0-9]{{{size}}}" for size in sizes)
    for sizes in ((4, 4), (3, 5), (5, 3), (2, 3, 3), (2, 2, 2, 2), (8,))
)
_MOBILE = (
    rf"(?:(?:\((?:\+|00)?86\)|(?:\+|00)?86){_GAP})?(?:1 [3-9](?: [0-9]){{9}}"
    rf"|1[3-9](?:[0-9]{_GAP}(?:{_MOBILE_GROUPS})|[0-9]{{2}}{_GAP}[0-9]{{3}}{_GAP}[0-9]{{4}}))"
)
_CODE = r"(?:10|2[0-9]|[3-9][0-9]{2})"
# A day, or two years.
_NO_DATE = r"(?!(?:19|20)[0-9]{2}(?:(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])|[-\s]{1,3}(?:19|20)[0-9]{2})(?![0-9]))"
# No number of a subscriber begins with 1, and people write one down all the same.
_AREA_AND_NUMBER = (
    rf"(?:\(0{_CODE}\)|0{_CODE})[-\s.]{{0,2}}{_NO_DATE}[2-8][0-9]{{2,3}}[-\s]?[0-9]{{4}}"
    rf"|(?:\(0{_CODE}\)\s?|0{_CODE}\s?-\s?){_NO_DATE}[1-9][0-9]{{2,3}}[-\s]?[0-9]{{4}}"
    rf"|(?:\+|00)86[-\s(]{{0,2}}0?{_CODE}[-\s)]{{0,2}}[2-8][0-9]{{2,3}}[-\s]?[0-9]{{4}}"
)
_EXTENSION = r"(?:\s*(?:-|转|ext\.?)\s*[0-9]{1,6})?"
_SPELLED = "〇零一二三四五六七八九幺壹贰叁肆伍陆柒捌玖"

# Digits in a row, or in groups as they are printed on a card.
_CARD = rf"(?:[0-9]{{15,19}}|[0-9]{{4}}(?:{_GAP}[0-9]{{4}}){{3}}(?:{_GAP}[0-9]{{1,3}})?)"

_WECHAT = (
    r"(?:微信|薇信|威信|加[vV]|v信|ئۈندىدار|(?i:вичат|вэйсинь|вейсинь)|(?<![a-z])(?:wechat|weixin|vx|wx))"
    r"(?:\s?(?:公众号|号码?|账号|id|نومۇرى))?"
)
_PROVIDER = r"(?:qq|163|126|139|189|sina|sohu|foxmail|gmail|outlook|hotmail|yahoo|yandex|mail)"
_DOT = r"(?:\.|。(?=(?:com|cn|net|org|edu|gov|ru|kz)(?![a-z]))|\s?[(\[]?\bdot\b[)\]]?\s?)"

_PATTERNS = {
    # The long ones first, so that no piece of them is taken for a telephone.
    "identity": re.compile(
        rf"(?<![0-9a-z.])(?:[1-8][0-9]{{5}}{_GAP}[0-9]{{8}}{_GAP}[0-9]{{3}}[0-9x]|[1-8][0-9]{{14}})(?![0-9a-z.])"
    ),
    "named_identity": re.compile(
        r"(?:身份证(?:件)?|كىملىك|(?i:удостоверени[ея]м? личности)|(?<![a-z])id(?: card)?(?= ?n))"
        r"(?:号码?|编号| ?نومۇرى| ?no\.?| ?number)?[\s:：是为(]{0,4}"
        r"(?P<number>[0-9](?:[- ]?[0-9]){13}(?:(?:[- ]?[0-9]){3})?[- ]?[0-9x])(?![0-9a-z])"
    ),
    "passport": re.compile(
        r"(?:护照(?:号码?|编号)?|پاسپورت(?: ?نومۇرى)?|(?i:паспорт\w*)|(?<![a-z])passport(?: no\.?| number)?)"
        r"[\s:：是为(№]{0,4}(?P<number>[a-z]{1,2} ?[0-9]{7,8})(?![0-9a-z])"
    ),
    "card": re.compile(rf"(?<![0-9a-z.])(?=62|[45]){_CARD}{_NOT_AFTER}(?![a-z])"),
    "named_card": re.compile(
        r"(?:银行|开户|收款|汇款)[^0-9\n。；]{0,30}?(?:[账帐]|卡)号[\s:：是为(]{0,4}"
        r"(?P<number>[0-9](?:[- ]?[0-9]){9,23})(?![0-9])"
    ),
    "email": re.compile(
        rf"[a-z0-9._%+-]{{1,40}}(?:\s?@\s?|\s?\(at\)\s?|\s?\[at\]\s?|艾特|\s+at\s+(?={_PROVIDER}\s?{_DOT})"
        rf"|#(?={_PROVIDER}{_DOT}))"
        rf"(?:[a-zа-яёА-ЯЁ0-9-]{{1,30}}{_DOT}){{1,3}}(?:[a-z]{{2,15}}|рф|РФ)"
    ),
    "wechat": re.compile(
        rf"(?:{_WECHAT}"
        r"(?:(?:[\s:：为是(]|同?号){0,6}[:：号是(ى]\s*[a-z][a-z0-9_-]{4,19}"
        r"|\s{0,3}(?=[a-z_-]{0,19}[0-9_])[a-z][a-z0-9_-]{5,19}|[\s:：号]{0,3}1[3-9][0-9]{9}(?![0-9]))"
        r"|(?<![a-z0-9])v\s?[:：]\s?(?=[a-z_-]{0,19}[0-9_])[a-z][a-z0-9_-]{5,19})"
    ),
    "qq": re.compile(
        r"(?:(?<![a-z])q\s?q|扣扣|企鹅)(?:群|号码?|邮箱| نومۇرى){0,2}[\s:：是为]{0,3}[1-9][0-9]{4,10}(?![0-9])"
    ),
    "messenger": re.compile(
        r"(?:钉钉|抖音|快手|微博|小红书|(?<![a-z])(?:telegram|whatsapp|skype))(?:账?号|帐号|id|群)?"
        r"\s?[:：@]\s*@?(?=[a-z0-9_.+-]{0,19}[0-9_])[a-z0-9_+][a-z0-9_.-]{4,19}"
    ),
    "mobile": re.compile(rf"{_NOT_BEFORE}{_MOBILE}{_NOT_AFTER}"),
    "service": re.compile(
        rf"{_NOT_BEFORE}[48]00(?:-|\s)?(?!0{{7}})(?:[0-9]{{3}}[-\s]?[0-9]{{4}}|[0-9]{{4}}[-\s]?[0-9]{{3}}){_NOT_AFTER}"
    ),
    "landline": re.compile(
        rf"{_NOT_BEFORE}(?:(?<![a-z])|(?<=tel))(?:{_AREA_AND_NUMBER})(?![0-9]){_EXTENSION}{_NOT_AFTER}"
    ),
    # As neighbours write theirs: +7 (701) 123-45-67, 8 (727) 250-12-34.
    "abroad": re.compile(
        r"(?<![0-9+])(?:\+(?!86|[0-9]+\.[0-9]+(?![0-9.]))[1-9](?:[\s().-]{0,2}[0-9]){9,12}|8[\s-]?\([0-9]{3,4}\)(?:[\s-]?[0-9]){6,7})(?![0-9])"
    ),
    "named": re.compile(
        r"(?:(?i:(?<!\w)(?:тел(?:ефон[аы]?)?|факс|моб(?:ильный)?|сот(?:овый)?)(?!\w))\.?|تېلېفون|يانفون|تېل|فاكىس|(?<![a-z])(?:tel|phone|mobile|fax)\.?)"
        r"(?: ?نومۇرى| ?(?:no|number)\.?)?[\s:：№]{0,3}"
        rf"{_NO_DATE}(?P<number>\+?\(?[0-9](?:[\s()-]{{0,2}}[0-9]){{6,12}}){_NOT_AFTER}"
    ),
    "local": re.compile(
        rf"(?:(?:电话|座机|传真(?!机)|热线)(?:号码?)?[\s:：是为]{{0,3}}|(?<=[机系lx])[\s:：是为]{{1,3}}(?=[2-8]))"
        rf"{_NO_DATE}(?P<number>[1-9][0-9]{{2,3}}-?[0-9]{{4}}){_NOT_AFTER}(?!\s*[台套件个只头株户辆])"
    ),
    "spelled": re.compile(
        rf"(?<![0-9{_SPELLED}])(?=[0-9]{{0,10}}[{_SPELLED}])"
        rf"[一幺壹1][三四五六七八九叁肆伍陆柒捌玖3-9][0-9{_SPELLED}]{{9}}(?![0-9{_SPELLED}])"
    ),
}
# What has the form of one, and is one only if its check digit says so.
_CHECKS = {"identity": is_identity, "card": is_card}
# A person's, but no way to reach that person.
NUMBERS_OF_A_PERSON = {"identity", "card", "passport"}


def find_contacts(text: str) -> list[FoundContact]:
    """Find phone numbers, e-mail addresses, and names in WeChat, QQ and the like after those words, in order of
    place; and identity and card numbers whose check digit is right, or which are called so.

    Patent numbers, credit codes, dates and figures with a unit are left alone.
    """
    found: list[FoundContact] = []
    # Same length as the text, so that a place in one is a place in the other.
    plain = "".join(
        character.lower() if character.isascii() else character for character in text.translate(_PLAIN)
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
            if kind in _CHECKS and not _CHECKS[kind](plain[start:end]):
                continue
            if not any(taken[start:end]):
                taken[start:end] = b"\x01" * (end - start)
                yield FoundContact(start, end, kind.removeprefix("named_"), text[start:end])


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
