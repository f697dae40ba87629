"""Words that mark matter which is classified, and must not be on this network (保守国家秘密法)."""

import re
from collections.abc import Iterator
from typing import NamedTuple


class Marked(NamedTuple):
    start: int
    end: int


# "不涉密", "请勿填写涉密内容": whoever says that it is not there gives nothing away.
_DENIED = re.compile(r"(?:不|非|无|未|勿|禁止|严禁|不得|遵守|保守|防止|杜绝|脱离)[^，。；,;\n]{0,10}$")
_DENIED_AFTER = re.compile(r"^(?:资质|检查|系统集成资质|信息系统集成|人员培训|法|教育|管理法)")
_BEFORE = 14

# As many as are printed within a mark. Without an end, each of a row of blanks would be tried with each other.
_BLANKS = r"\s{0,4}"

# Marks as they are printed: nobody writes a star there for another reason.
_MARKS = re.compile(
    rf"(?:绝密|机密|秘密){_BLANKS}[★☆⭐*＊]"
    rf"|密{_BLANKS}级{_BLANKS}[:：为是]?{_BLANKS}[\"“【\[]?(?:绝密|机密|秘密|内部)"
    r"|[【\[(（〔](?:绝密|机密|秘密)[】\])）〕]"
    r"|(?:绝密|机密|秘密)级"
    r"|绝密(?:文件|资料|材料|件|信息|项目|技术)"
    r"|(?<!商业)(?<!企业)(?<!技术)机密(?:文件|资料|材料|件)"
    # Alone on its line: a search that began at the line before would look at every line end again.
    r"|(?:^|(?<=[\n\r]))[^\S\n\r]{0,40}(?:绝密|机密|秘密)[^\S\n\r]{0,40}$"
    rf"|内部(?:资料|文件|材料|刊物|文稿){_BLANKS}[，,、。·:：；;]?{_BLANKS}(?:请?注意|妥善)?{_BLANKS}(?:保密|保管|不得外传|严禁外传|请勿外传|禁止外传)"
    r"|(?<!请)注意保密(?!协议|条款|义务|工作)|请注意保密(?!协议|条款|义务|工作)|(?:不得|严禁|请勿|禁止)(?:对外)?外传"
    r"|\btop secret\b|\bclassified (?:documents?|information|materials?|matter)\b"
    rf"|совершенно\s{{1,4}}секретно|сов\.{_BLANKS}секретно|гриф\s+секретности|для служебного пользования"
    r"|مۇتلەق مەخپىي|قاتتىق مەخپىي",
    re.MULTILINE | re.IGNORECASE,
)
# Words that speak of such matter; what stands around them may deny it.
_SPOKEN = re.compile(
    r"涉密|(?:国家|国防|军事)(?:秘密|机密)|军品保密|武器装备科研生产保密"
    r"|state secrets?|государственн\w{1,4} тайн\w{1,4}|دۆلەت مەخپىيىتى",
    re.IGNORECASE,
)


def find_classified(text: str) -> list[Marked]:
    """Where words stand that mark something as classified, in order of place.

    商业秘密, 技术秘密, 保密协议 and the like are what contracts are full of, and are left alone.
    """
    return sorted({*_marks(text), *_spoken(text)})


def _marks(text: str) -> Iterator[Marked]:
    for match in _MARKS.finditer(text):
        yield Marked(*match.span())


def _spoken(text: str) -> Iterator[Marked]:
    for match in _SPOKEN.finditer(text):
        before = text[max(match.start() - _BEFORE, 0) : match.start()]
        if not _DENIED.search(before) and not _DENIED_AFTER.search(text[match.end() :]):
            yield Marked(*match.span())
