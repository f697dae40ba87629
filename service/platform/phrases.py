"""The fixed phrases that reasons are told in, and the names that go into them: four languages, a file each."""

import re
import tomllib
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from importlib.resources import files

from schemas.domains import DOMAINS
from schemas.regions import REGIONS
from schemas.vocabulary import Term

_LONGEST_QUOTE = 60
_PAUSES = re.compile(r"[，、,；;：:،؛\s]")
_NAME = re.compile(r"(?<=[a-z])(?=[A-Z])")
_ENDS = "。．.！!；;،؛ "


@lru_cache
def _phrases(language: str) -> dict[str, dict[str, str]]:
    file = files("service") / "reason_phrases" / f"{language}.toml"
    return tomllib.loads(file.read_text(encoding="utf-8"))


def phrase(language: str, part: str, key: str, **slots: object) -> str:
    return _phrases(language)[part][key].format(**slots)


def name_of(language: str, condition: str) -> str:
    return _phrases(language)["names"][condition]


def listed(language: str, names: Sequence[str]) -> str:
    return _phrases(language)["marks"]["comma"].join(names)


def sentence(language: str, clauses: Sequence[str]) -> str:
    marks = _phrases(language)["marks"]
    return capitalised(marks["clause"].join(clauses)) + marks["stop"]


def capitalised(said: str) -> str:
    return said[0].upper() + said[1:]


def quoted(language: str, text: str) -> str:
    """A piece of ``text`` between quotation marks: what stands between them is in it, word for word."""
    marks = _phrases(language)["marks"]
    # A heading may have been read as one sentence with the line below it.
    line = max(text.splitlines(), key=len).strip()
    piece = line.rstrip(_ENDS) or line
    if len(piece) <= _LONGEST_QUOTE:
        return marks["open"] + piece + marks["close"]
    pauses = [pause.start() for pause in _PAUSES.finditer(piece, _LONGEST_QUOTE // 2, _LONGEST_QUOTE)]
    end = pauses[-1] if pauses else _LONGEST_QUOTE
    return marks["open"] + piece[:end] + marks["close"] + marks["cut"]


def label_of(language: str, term: Term | None) -> str:
    """The label of a word of any vocabulary; its vocabulary is its class."""
    return "" if term is None else named(language, _NAME.sub("_", type(term).__name__).lower(), term)


def named(language: str, vocabulary: str, term: Term) -> str:
    """The label of a word of a vocabulary; in Chinese, between quotation marks, where there is no other."""
    return _own(language, vocabulary, term.value, term.zh, term.en)


def named_domain(language: str, key: str) -> str:
    return _own(language, "domain", key, DOMAINS[key].zh, DOMAINS[key].en)


def named_region(language: str, code: str) -> str:
    return _own(language, "region", code, REGIONS[code].name, REGIONS[code].en)


def yuan(language: str, low: int | None, high: int | None) -> str:
    """A sum or a range of them, either end of which may be open."""
    ends = {"low": low, "high": high}
    told = {name: _figure(language, end) for name, end in ends.items() if end is not None}
    if low == high:
        return phrase(language, "sums", "one", sum=told["low"])
    key = "span" if len(told) == 2 else "from" if low is not None else "to"
    return phrase(language, "sums", key, **told)


def _figure(language: str, sum_of_money: int) -> str:
    if language != "zh":
        return f"{sum_of_money:,}".replace(",", "\u00a0" if language == "ru" else ",")
    for unit, name in ((10**8, "亿元"), (10**4, "万元")):
        # 3.5万元, but 12345元: nothing is rounded.
        if sum_of_money >= unit and sum_of_money % (unit // 100) == 0:
            return f"{Decimal(sum_of_money) / unit:f}{name}"
    return f"{sum_of_money}元"


def _own(language: str, vocabulary: str, key: str, zh: str, en: str) -> str:
    if language == "zh":
        return zh
    if language == "en" and en:
        return en
    marks = _phrases(language)["marks"]
    return _phrases(language).get(vocabulary, {}).get(key) or marks["open"] + zh + marks["close"]
