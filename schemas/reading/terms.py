"""Words of a vocabulary, and yes or no."""

import re
import unicodedata
from functools import cache
from typing import TypeVar

from schemas.reading.synonyms import SYNONYMS
from schemas.reading.writing import Unreadable, tidy
from schemas.vocabulary import Term

Word = TypeVar("Word", bound=Term)

_YES = {"是", "有", "对", "√", "✓", "✔", "1", "true", "yes", "y", "真", "已", "属于", "是的", "on"}
_NO = {
    "否",
    "无",
    "不",
    "没有",
    "×",
    "✗",
    "✕",
    "✘",
    "x",
    "0",
    "false",
    "no",
    "n",
    "假",
    "未",
    "不是",
    "不属于",
    "off",
}
_NO_PUBLIC_MONEY = re.compile(r"^[否无未不非没]|[无未没非不][^,;，；。]{0,4}(?:财政|政府|资助|国家)")
_PRIVATE_MONEY = re.compile(r"自筹|企业(?:自有|资金|投入)|横向|社会资本")
_PUBLIC_MONEY = re.compile(
    r"财政|国家|省[级财科部]|自治区|兵团|政府|纵向|基金|重点研发|计划项目|科技(?:专项|计划)|863|973|部分|资助"
)


def _plain(written: str) -> str:
    text = unicodedata.normalize("NFKC", written).casefold()
    return re.sub(r"[\s_\-·.。、,;:'\"“”]+", "", text)


@cache
def _written_as(vocabulary: type[Word]) -> dict[str, Word]:
    """Every way of writing a word of the vocabulary. A key or a label comes before a synonym."""
    ways = {
        _plain(way): vocabulary(key)
        for key, many in SYNONYMS.get(vocabulary, {}).items()
        for way in many.split()
    }
    for term in vocabulary:
        # Half of 装备/自动化升级, and 地方 of 地方（自治区）, stand for the whole.
        halves = filter(None, re.split(r"[/（）]", term.zh))
        ways |= {_plain(way): ways.get(_plain(way), term) for way in halves}
    for term in vocabulary:
        ways |= {_plain(term.en): term, _plain(term.zh): term}
    exact = {str(term): term for term in vocabulary}
    return {**ways, **{_plain(key): term for key, term in exact.items() if _plain(key)}, **exact}


def read_term(vocabulary: type[Word], written: str) -> Word | None:
    """Find the word by its key, its Chinese or English label, or a usual synonym."""
    ways = _written_as(vocabulary)
    return ways.get(written.strip()) or ways.get(_plain(written))


def read_bool(written: str | bool | int) -> bool:
    """Read yes or no; a source of funds says whether public money was in it."""
    if isinstance(written, bool | int):
        if written in {0, 1}:
            return bool(written)
        raise Unreadable("请填写“是”或“否”", "say yes or no")
    text = tidy(written).lower()
    if text in _YES:
        return True
    if text in _NO or _NO_PUBLIC_MONEY.search(text):
        return False
    if _PUBLIC_MONEY.search(text):
        return True
    if _PRIVATE_MONEY.search(text):
        return False
    raise Unreadable("请填写“是”或“否”", "say yes or no")
