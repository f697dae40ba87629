"""Postings written from a small stock of words: alike enough to be texts, different enough to be embedded anew."""

import json
from collections.abc import Sequence
from random import Random

_PLACES = ("棉田", "枣园", "戈壁", "盐碱地", "温室", "加工车间", "灌区", "牧场", "水库", "园区")
_THINGS = (
    "残膜",
    "红枣",
    "核桃",
    "滴灌带",
    "土壤盐分",
    "棉花秸秆",
    "病虫害",
    "水肥",
    "籽棉",
    "驼奶",
    "光伏板",
    "饲草",
)
_DEEDS = (
    "回收",
    "分选",
    "监测",
    "降解",
    "烘干",
    "清洗",
    "检测",
    "改良",
    "调控",
    "综合利用",
    "智能识别",
    "节能改造",
)
_MEANS = (
    "机器视觉",
    "微生物菌剂",
    "近红外光谱",
    "无人机遥感",
    "变频控制",
    "纳米材料",
    "数字孪生",
    "低温萃取",
)
_GOALS = (
    "提高作业效率",
    "降低能耗",
    "减少人工成本",
    "延长货架期",
    "达到国家标准",
    "满足出口要求",
    "实现全程追溯",
)


def title(random: Random) -> str:
    return f"{random.choice(_PLACES)}{random.choice(_THINGS)}{random.choice(_DEEDS)}技术"


def description(random: Random) -> str:
    """Three sentences, some 90 characters."""
    return "".join(
        f"面向{random.choice(_PLACES)}的{random.choice(_THINGS)}，采用{random.choice(_MEANS)}进行{random.choice(_DEEDS)}，"
        f"{random.choice(_GOALS)}。"
        for _ in range(3)
    )


def capabilities(random: Random, count: int) -> list[dict[str, str]]:
    return [
        {"kind": "achievement", "title": title(random), "description": description(random)}
        for _ in range(count)
    ]


def jsonl(rows: Sequence[dict[str, str]]) -> bytes:
    return "\n".join(json.dumps(row, ensure_ascii=False) for row in rows).encode()
