"""An organisation's own name in a text that is published without it, also in part and in short."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from urllib.parse import urlsplit

from schemas.reading.classified import Marked
from schemas.reading.foreign_names import chinese_part, foreign_patterns

_PLACE = (
    r"^(?:中国|新疆(?:维吾尔自治区|生产建设兵团)?|兵团|第[一二三四五六七八九十]+师|[一-龥]{2,7}?(?:省|自治区|自治州|地区)"
    r"|图木舒克(?:市)?|喀什|阿克苏|和田|乌鲁木齐(?:市)?|北京(?:市)?|上海(?:市)?|广东|广州(?:市)?|深圳(?:市)?"
    r"|[一-龥]{2,5}?(?:市|县|区|镇|团场)|[一二三四五六七八九十]{1,4}团)"
)
_FORM = (
    r"(?:[（(][^（）()]{1,12}[）)])?(?:集团)?(?:股份)?(?:有限)?(?:责任)?(?:公司|集团)?$"
    r"|(?:农民)?(?:专业)?合作(?:联)?社$|工厂$|研究(?:总)?院$|研究所$|研究中心$|中心$|工作室$|协会$"
)
# Behind these a short name is a name, not a word.
_NAMED_SO = "(?:公司|集团|厂|合作社|研究院|研究所|院|所|中心|牌|品牌|科技|实验室)"
_SHORTEST = 3
# What is left of a name when place and form are gone, and says nothing of whose it is.
_PLAIN = re.compile(
    r"^(?:农业|农业科学|林业|畜牧|兽医|水利|科技|科学|科学技术|信息|信息技术|生物|生物技术|新材料|环保|食品|机械|装备|能源|新能源|技术转移"
    r"|技术推广|农业技术推广|农业科技|农科|红枣|棉花|果业|枣业|林果|纺织|科技服务|检验检测|产业技术|应用技术|人民医院|职业技术学院)+$"
)


@lru_cache(maxsize=2_048)
def name_pattern(name: str, credit_code: str | None, website: str | None) -> re.Pattern[str]:
    """What gives an organisation away: its name, in each script that it has, the same without place and form, a short
    name, code and site.
    """
    whole = re.sub(r"\s+", "", chinese_part(name))
    parts = {part for part in _parts(whole) if len(part) >= _SHORTEST and not _PLAIN.match(part)}
    spelled = [_loosely(part) for part in sorted({whole, *parts} - {""}, key=len, reverse=True)]
    spelled += foreign_patterns(name)
    spelled += [rf"{_loosely(brand)}{_NAMED_SO}" for brand in _brands(whole)]
    if credit_code:
        spelled.append(_loosely(credit_code))
    if website and (host := urlsplit(website).hostname):
        spelled.append(re.escape(host.removeprefix("www.")))
    return re.compile("|".join(spelled), re.IGNORECASE)


def find_own_names(
    text: str, name: str, credit_code: str | None = None, website: str | None = None
) -> list[Marked]:
    return [Marked(*match.span()) for match in name_pattern(name, credit_code, website).finditer(text)]


def _parts(name: str) -> Iterator[str]:
    for local in _without_place(name):
        yield local
        yield re.sub(_FORM, "", local)


def _without_place(name: str) -> Iterable[str]:
    """The name as it gets shorter, place by place: 图木舒克市某枣业有限公司, 某枣业有限公司."""
    yield name
    while (shorter := re.sub(_PLACE, "", name, count=1)) != name and len(shorter) >= _SHORTEST:
        yield shorter
        name = shorter


def _brands(name: str) -> Iterator[str]:
    """Its first two characters, as people say them before 公司: 绿华枣业有限公司, 绿华公司."""
    *_, last = _without_place(name)
    core = re.sub(_FORM, "", last)
    if len(core) > 2 and not _PLAIN.match(core) and not _PLAIN.match(core[:2]):
        yield core[:2]


def _loosely(part: str) -> str:
    return r"\s*".join(re.escape(character) for character in part)
