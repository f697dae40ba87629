"""How far a technology has come: 小试, TRL 5-7, 中期阶段, 正样级."""

import re
from typing import TypedDict

from schemas.reading.writing import Unreadable, plain_dashes, tidy
from schemas.vocabulary import MaturityScale, MaturityStage


class MaturityReading(TypedDict):
    """``value`` is a stage's key, a number, or a span such as ``"5-7"``, on the scale."""

    scale: MaturityScale
    value: str | int
    trl_min: int
    trl_max: int


_STAGES = {MaturityStage.early: (1, 4), MaturityStage.middle: (5, 7), MaturityStage.mature: (8, 9)}

# What people write instead of a level, and the levels that it may mean. Longer words first.
_WORDS = {
    "成熟应用": (8, 9),
    "大规模应用": (9, 9),
    "规模化应用": (9, 9),
    "推广应用": (9, 9),
    "批量应用": (9, 9),
    "批量生产": (9, 9),
    "大批量": (9, 9),
    "产业化": (9, 9),
    "商业化": (9, 9),
    "市场化": (9, 9),
    "量产": (9, 9),
    "投产": (9, 9),
    "推广": (9, 9),
    "产品定型": (8, 8),
    "定型": (8, 8),
    "小批量": (8, 8),
    "试生产": (8, 8),
    "成熟": (8, 9),
    "应用示范": (7, 7),
    "示范": (7, 7),
    "工程化": (7, 7),
    "田间试验": (6, 7),
    "区域试验": (6, 7),
    "中试": (6, 6),
    "样机": (6, 6),
    "样品": (5, 6),
    "原型": (5, 6),
    "中期": (5, 7),
    "小试": (4, 4),
    "实验室": (3, 4),
    "实验": (3, 4),
    "理论": (1, 2),
    "概念": (1, 2),
    "设想": (1, 2),
    "构思": (1, 2),
    "初期": (1, 4),
    "在研": (1, 4),
    "研发": (1, 4),
    "研究": (1, 4),
    "mass production": (9, 9),
    "commercial": (9, 9),
    "mature": (8, 9),
    "demonstration": (7, 7),
    "pilot": (6, 6),
    "prototype": (6, 6),
    "middle": (5, 7),
    "laboratory": (3, 4),
    "lab": (3, 4),
    "concept": (1, 2),
    "early": (1, 4),
}
_WORD = re.compile("|".join(sorted(_WORDS, key=len, reverse=True)))
_NOT_YET = re.compile(r"[未没非]|待|拟|计划|准备")
_LEVEL_NAMES = [
    "报告",
    "方案",
    "功能",
    "仿真",
    "初样",
    "正样",
    "环境",
    "产品",
    "系统",
    "销售",
    "盈亏",
    "利润",
    "回报",
]
_LEVEL_NAME = re.compile(rf"({'|'.join(_LEVEL_NAMES)})级")
_LEVELS = re.compile(
    r"(?:第|等级|级别|水平)?[:为]?(?P<low>[0-9]{1,2})级?(?:(?:-|至|到)(?:trl)?(?P<high>[0-9]{1,2})级?)?"
)
_AT_LEAST = re.compile(r"[>≥]=?|不低于|至少|达到|以上")
_AT_MOST = re.compile(r"[<≤]=?|不高于|不超过|至多|以下")


def read_maturity(written: str, scale: MaturityScale | str | None = None) -> MaturityReading:
    """Read a stage, a TRL (1 to 9) or a level of the 13-level scale, with the TRL that it may mean.

    A bare level is a TRL up to 9 and a level of the 13 above, unless ``scale`` says which it is.
    Levels 10 to 13 are commercial ones: all are TRL 9.
    """
    text = plain_dashes("".join(tidy(written).lower().split()))
    by_name = _LEVEL_NAME.fullmatch(text)
    if by_name:
        return _levels(MaturityScale.level13, _LEVEL_NAMES.index(by_name[1]) + 1, None)
    # Where a TRL is given beside words, as in 中试（TRL6）, it is the more exact.
    given = re.search(r"(?:[>≥]=?|不低于|至少|达到)?trl[^()]*[0-9][^()]*", text)
    bare = re.sub(r"trl-?|技术(?:就绪|成熟)[度]?|成熟度|\(.*?\)", "", given[0] if given else text)
    at_least, at_most = bool(_AT_LEAST.search(bare)), bool(_AT_MOST.search(bare))
    bare = _AT_LEAST.sub("", _AT_MOST.sub("", bare))
    found = _LEVELS.fullmatch(bare)
    if found:
        low, high = int(found["low"]), int(found["high"] or found["low"])
        chosen = MaturityScale(scale) if scale else _scale_of(text, high)
        if chosen is MaturityScale.stage:
            raise Unreadable("阶段应为初期、中期或成熟", "a stage is early, middle or mature")
        top = 9 if chosen is MaturityScale.trl else 13
        return _levels(chosen, 1 if at_most else low, top if at_least else high)
    return _read_words(tidy(written).lower(), at_least=at_least)


def _scale_of(text: str, level: int) -> MaturityScale:
    return MaturityScale.trl if "trl" in text or level <= 9 else MaturityScale.level13


def _levels(scale: MaturityScale, low: int, high: int | None) -> MaturityReading:
    high = low if high is None else high
    top = 9 if scale is MaturityScale.trl else 13
    if not 1 <= low <= high <= top:
        raise Unreadable("级别应在 1 到 {top} 之间", "a level lies between 1 and {top}", top=top)
    return MaturityReading(
        scale=scale,
        value=low if low == high else f"{low}-{high}",
        trl_min=min(low, 9),
        trl_max=min(high, 9),
    )


def _read_words(text: str, *, at_least: bool) -> MaturityReading:
    if _NOT_YET.search(text):
        raise Unreadable("请填写现在达到的阶段", "say what has been reached, not what has not")
    spans = [_WORDS[word] for word in _WORD.findall(text)]
    if not spans:
        raise Unreadable("请填写阶段（初期、中期、成熟）或 TRL 级别", "give a stage, or a TRL from 1 to 9")
    low = min(first for first, _ in spans)
    high = 9 if at_least else max(last for _, last in spans)
    stage = next(stage for stage, (_, last) in _STAGES.items() if high <= last)
    return MaturityReading(scale=MaturityScale.stage, value=stage.value, trl_min=low, trl_max=high)
