"""Cutting texts: into sentences, for reasons, and into words, for the lexical side."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from importlib.resources import files

import rjieba

Span = tuple[int, int]

# Each costs a vector, and is compared with each of the other side. Passages are made of the whole text.
_MOST_SENTENCES = 200
_SHORTEST, _LONGEST = 6, 200

# A full stop ends a sentence unless a letter or a figure follows, as in 3.5 and v2.0: Chinese abstracts
# often have one without a space after it.
_END = re.compile(r"(?:[。！？；!?;؟؛۔…\n]|\.(?![0-9A-Za-z]))+[”’」』）)\"']*")
_PAUSE = re.compile(r"[，、,：:،]")


def sentences(text: str) -> list[Span]:
    """Where sentences stand in ``text``: at most 200 (start, end), in order, without white space around them.

    What is shorter than six characters (a number, a heading) joins the sentence after it, the last one the
    sentence before; what is longer than 200 is cut at the commas nearest to its middle.
    """
    spans: list[Span] = []
    for whole in _joined(list(_ended(text))):
        spans += _cut(text, *whole)
        if len(spans) >= _MOST_SENTENCES:
            break
    return spans[:_MOST_SENTENCES]


def _ended(text: str) -> Iterator[Span]:
    start = 0
    for end in [*(mark.end() for mark in _END.finditer(text)), len(text)]:
        if text[start:end].strip():
            yield _trimmed(text, start, end)
        start = end


def _trimmed(text: str, start: int, end: int) -> Span:
    part = text[start:end]
    return start + len(part) - len(part.lstrip()), end - len(part) + len(part.rstrip())


def _joined(spans: list[Span]) -> list[Span]:
    """Spans of which none is short, unless it is the only one."""
    joined: list[Span] = []
    waiting: int | None = None
    for start, end in spans:
        begin = start if waiting is None else waiting
        if end - begin < _SHORTEST:
            waiting = begin
        else:
            joined.append((begin, end))
            waiting = None
    if waiting is not None:
        begin = joined.pop()[0] if joined else waiting
        joined.append((begin, spans[-1][1]))
    return joined


def _cut(text: str, start: int, end: int) -> list[Span]:
    if end - start <= _LONGEST:
        return [(start, end)]
    middle, quarter = (start + end) // 2, (end - start) // 4
    pauses = [mark.end() for mark in _PAUSE.finditer(text, start + quarter, end - quarter)]
    at = min(pauses, key=lambda pause: abs(pause - middle), default=middle)
    return _cut(text, *_trimmed(text, start, at)) + _cut(text, *_trimmed(text, at, end))


_HAN = "\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_WORD = re.compile(rf"[{_HAN}]+|[^\W_{_HAN}]+(?:\.\d+)?")
_BEGINS_HAN = re.compile(rf"[{_HAN}]")

# Words of the plan's domains. Taught at import, since the segmenter must not change while another thread cuts.
for _line in (files("matching") / "data" / "domain_words.txt").read_text(encoding="utf-8").splitlines():
    for _known in () if _line.startswith("#") else _line.split():
        rjieba.add_word(_known, None, None)

# A figure says little about what a text is on, with or without its unit. Not among the units: g and d,
# for 5g and 3d are words.
_FIGURE = re.compile(
    r"\d+(?:\.\d+)?"
    r"(?:nm|μm|mm|cm|km|m|mg|kg|t|ml|l|s|min|h|w|kw|mw|kwh|v|kv|a|hz|khz|mhz|ghz|pa|kpa|mpa|bar|rpm)?"
)

# Words that join others, and words that stand on every form: they explain nothing to a reader of reasons.
# For ranking they hardly matter: leaving them out moved nDCG@10 by less than two standard errors on both
# judged sets. So did a longer list, and leaving figures in.
_STOP_WORDS = frozenset(
    word
    for line in (
        "以及 及其 或者 并且 而且 但是 因此 由于 为了 同时 其中 之间 目前 已经 没有 可以 能够 不能 不同",
        "进行 通过 采用 利用 使用 具有 存在 包括 相关 主要 方面 需要 一种 一个 这种 我们 公司 本公司 所述",
        "技术 关键 关键技术 研究 应用 项目 问题 研发 开发 需求 解决 实现 提供",
        "the and for with of in on to by is are an as at or from that this",
        "на для по из от не как или что это при",
    )
    for word in line.split()
)


def terms(text: str) -> list[str]:
    """Words of ``text`` in lower case, with repeats. Chinese compounds give their parts too: 盐碱地, 盐碱.

    Words of one character, figures and stop words are left out. Safe for use by several threads.
    """
    found: list[str] = []
    for word in _WORD.findall(unicodedata.normalize("NFKC", text).lower()):
        # The segmenter takes other scripts than Chinese and Latin apart into letters.
        found += rjieba.cut_for_search(word) if _BEGINS_HAN.match(word) else [word]
    return [
        word for word in found if len(word) > 1 and word not in _STOP_WORDS and not _FIGURE.fullmatch(word)
    ]


# How much of a query's weight its title has, beside what the title has as a part of the whole: half of a
# real form is the company's history. Found by cross-validation; docs/matching.md has the figures.
_TITLE_SHARE = 0.15


def query_weights(words: list[str], title_words: list[str]) -> dict[str, float]:
    """Weights of a query's words, adding up to 1; ``words`` holds those of the title, too."""
    weights: Counter[str] = Counter()
    for part, share in ((words, 1 - _TITLE_SHARE), (title_words, _TITLE_SHARE)):
        for word in part:
            weights[word] += share / len(part)  # type: ignore[assignment]
    return dict(weights)
