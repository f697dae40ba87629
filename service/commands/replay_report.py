"""What ``duijie replay`` prints."""

from rich.table import Table
from rich.text import Text

from service.matches.replay import Replay, Why
from service.platform.console import table_of
from service.platform.terminal_language import said

_WORDS: dict[Why, str] = {
    "deleted": "已删除",
    "not_published": "已不在发布状态",
    "not_readable": "已不对提问方公开",
    "new": "列表之后才发布",
    "changed": "列表之后改动过",
    "folded": "并入同一单位的相近条目",
    "left": "今天未入选：低于门槛，或被挤出",
    "joined": "当时未入选",
    "encoder": "编码模型已换",
    "scoring": "得分版本或权重已变",
    "policy": "政策加权已变",
    "signals": "信号不同",
    "other_side": "对供方（或需方）一侧的得分不同",
    "folding": "折叠的相近条目不同",
    "reranker": "重排器",
    "moved": "自身未变，别的条目有增减或升降",
}
_CIRCUMSTANCES = {
    "encoder": "编码模型",
    "scoring": "得分版本",
    "weights": "权重",
    "index": "索引",
    "reranker": "重排器",
    "asked": "提问方",
}


def replay_tables(replayed: Replay) -> list[Table]:
    """What the list depends on; then the places that differ, as far down as it was shown."""
    title = said(
        "列表 {list_id}，{created_at:%Y-%m-%d %H:%M} UTC，展示 {shown} 个名次",
        list_id=replayed.list_id,
        created_at=replayed.created_at,
        shown=replayed.shown,
    )
    whole = table_of("依据", "当时", "今天", "相同", title=title, title_justify="left")
    for one in replayed.circumstances:
        whole.add_row(
            said(_CIRCUMSTANCES[one.name]),
            one.then,
            one.now,
            said("是") if one.same else Text(said("否"), style="yellow"),
        )
    if not replayed.computed:
        whole.caption = said("提出匹配的条目已不在、已不对提问方公开或尚未编码，无法重算")
        return [whole]
    shown = replayed.shown or len(replayed.places)
    differing = [
        place
        for place in replayed.places
        if not place.same and min(place.place_then or shown + 1, place.place_now or shown + 1) <= shown
    ]
    if not differing:
        whole.caption = said("展示过的名次与今天重算的完全相同")
        return [whole]
    places = table_of("当时", "今天", "得分", "名称", "单位", "原因")
    for place in differing:
        why = said("；").join(said(_WORDS[one]) for one in place.why)
        places.add_row(
            _number(place.place_then),
            _number(place.place_now),
            f"{_score(place.score_then)} → {_score(place.score_now)}",
            place.title,
            place.organization,
            said("{why}（{signals}）", why=why, signals=said("、").join(place.signals))
            if place.signals
            else why,
        )
    return [whole, places]


def _number(place: int | None) -> str:
    return "—" if place is None else str(place)


def _score(score: float | None) -> str:
    return "—" if score is None else f"{score:.4f}"
