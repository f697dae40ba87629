"""Whatever people write is read in time that grows as its length does: else one form stops the service for all."""

import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from matching import kazakh, uyghur
from matching.language import language_of_text
from matching.readable import readable
from matching.text import sentences, terms
from schemas.domains import find_domain, read_domains
from schemas.personal_data import PersonAsked
from schemas.reading import (
    find_classified,
    find_contacts,
    find_own_names,
    read_bool,
    read_date,
    read_indicator,
    read_list,
    read_maturity,
    read_money,
    read_term,
)
from schemas.reading.foreign_names import chinese_part, foreign_patterns
from schemas.regions import find_region
from schemas.vocabulary import NeedType, Side
from service.contracts.registration_rules.grounds import MONOPOLY
from service.portal.line_fields import COMMA
from service.postings.files import _is_number
from service.postings.headings import column_for
from service.trust.person import Person

_NAME = "图木舒克市绿华枣业有限公司 Lvhua Jujube Co., Ltd. لۈخۇا چىلان شىركىتى"
_PERSON = Person(PersonAsked(name="阿卜杜拉·买买提", phone="13800138000", email="a.b@c.cn"))

READERS: dict[str, Callable[[str], Any]] = {
    "classified": find_classified,
    "contacts": find_contacts,
    "own names": lambda text: find_own_names(text, _NAME, "91653003MA7812345X", "https://www.lvhua.cn"),
    "list": read_list,
    "domains": read_domains,
    "domain": find_domain,
    "region": find_region,
    "term": lambda text: read_term(NeedType, text),
    "yes or no": read_bool,
    "money": read_money,
    "date": read_date,
    "indicator": read_indicator,
    "maturity": read_maturity,
    "name": lambda text: list(foreign_patterns(chinese_part(text))),
    "person": lambda text: _PERSON.taken_out_of([text, {"name": text, "phone": ""}]),
    "heading": lambda text: column_for(text, Side.needs),
    "number": _is_number,
    "commas": COMMA.split,
    "monopoly": MONOPOLY.findall,
    "sentences": sentences,
    "terms": terms,
    "language": language_of_text,
    "readable": readable,
    "uyghur": uyghur.plain,
    "kazakh": kazakh.plain,
}
# What is repeated, and what a text begins with before it is repeated: each may keep an expression searching.
_ALONE = {
    "line ends": "\n",
    "spaces": " ",
    "wide spaces": "\u3000",
    "invisible": "\u200b",
    "digits": "1",
    "spaced digits": "1 3 ",
    "numbers": "13812345678 ",
    "decimals": "1.",
    "groups": "1,000",
    "numbered lines": "1\n",
    "circled": "①",
    "numerals": "一三八",
    "brackets": "(",
    "wide brackets": "【（(",
    "closed brackets": "()",
    "Chinese": "棉花",
    "letters": "a",
    "letters and dots": "a.",
    "ats": "@",
    "letters and ats": "a@",
    "addresses": "a@b.cn ",
    "hosts": "www.",
    "dashes": "-",
    "commas": "，、",
    "per cent": "%",
    "Uyghur": "ئۇيغۇر",
    "Cyrillic": "государственн",
    "passports": "паспорт",
    "mixed": "1 (一a.@\n：",
}
_HEADED = (
    *(
        "密级",
        "秘密",
        "内部资料",
        "сов.",
        "совершенно",
        "微信",
        "加v",
        "qq",
        "telegram",
        "tel",
        "тел",
        "电话",
        "银行",
    ),
    *(
        "паспорт",
        "身份证",
        "+7",
        "+86",
        "0998",
        "138",
        "1",
        "绿",
        "Lvhua",
        "阿卜杜拉",
        "不低于",
        "长期",
        "trl",
        "1)",
    ),
    *("a@", "a at ", "www.", "必须向", "(", "2027", "①", "，"),
)
_FILLS = {"line ends": "\n", "spaces": " ", "digits": "1", "letters": "a"}

FAMILIES = {name: (lambda size, unit=unit: (unit * size)[:size]) for name, unit in _ALONE.items()} | {
    f"{head}, {name}": (lambda size, head=head, fill=fill: (head + fill * size)[:size])
    for head in _HEADED
    for name, fill in _FILLS.items()
}
_SHORT, _LONG = 1_000, 64_000
# Linear is 64 times as much, quadratic 4,096 times. Caches and neighbours account for some of what lies between.
_MOST = 640
# What is done in no time at all is as long as the clock is coarse.
_COARSE = 50e-6


@pytest.mark.parametrize("reader", READERS)
def test_the_time_of_a_reader_grows_as_its_text_does(reader: str) -> None:
    _cost(READERS[reader], "棉花")

    slow = [name for name, family in FAMILIES.items() if _is_slow(READERS[reader], family)]

    assert not slow


def _is_slow(read: Callable[[str], Any], family: Callable[[int], str]) -> bool:
    """Whether it grows faster than in a line, from size to size, so that what is quadratic is soon found out.

    Of processor time, and thrice before it counts: something else may have run in between.
    """
    return all(_grows(read, family) for _ in range(3))


def _grows(read: Callable[[str], Any], family: Callable[[int], str]) -> bool:
    least = max(_cost(read, family(_SHORT)), _COARSE)
    for times in (4, 16, _LONG // _SHORT):
        if _cost(read, family(_SHORT * times)) > least * times * _MOST / (_LONG // _SHORT):
            return True
    return False


def _cost(read: Callable[[str], Any], text: str) -> float:
    before = time.thread_time()
    with suppress(ValueError):
        read(text)
    return time.thread_time() - before
