"""What a trained encoder's folder says of itself, and whether that is enough to let it serve."""

import json
from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, ValidationError

from schemas.base import now
from schemas.wording import Wording
from service.platform.problems import WrongState
from service.platform.terminal_language import said

_CARD = "duijie.json"


class Difference(BaseModel):
    """Of the new model less the old one, over the same needs: the mean, and its bootstrap 95 % interval."""

    mean: float
    low: float
    high: float


class Quality(BaseModel):
    """nDCG@10 over judged pairs only, and over everything that a search would find."""

    ndcg_judged: float
    ndcg: float


class SetCompared(BaseModel):
    """One folder of judged pairs, and both models on those of its needs that were held back, if any were."""

    name: str
    needs_trained: int
    needs_held_back: int
    base: Quality | None
    trained: Quality | None


class EncoderCard(BaseModel):
    """base, model: fingerprints. The differences are over all held-back needs.

    judged_pairs: needs with an answer and two capabilities that are none. bare_pairs: titles with their texts.
    """

    made_at: datetime
    base: str
    model: str
    judged_pairs: int
    bare_pairs: int
    pairs_from: list[str]
    epochs: int
    sets: list[SetCompared]
    ndcg_judged: Difference
    ndcg: Difference
    better: bool


def is_better(ndcg_judged: Difference, ndcg: Difference) -> bool:
    """Surely better where it is judged, and not surely worse where most of what is found is not."""
    return ndcg_judged.low > 0 and ndcg.high >= 0


def fingerprint_of(name: str) -> str:
    """Of an encoder's name, without that of the folder, which anybody may rename."""
    return name.rpartition("@")[2]


def write_card(folder: Path, card: EncoderCard) -> None:
    (folder / _CARD).write_text(card.model_dump_json(indent=1), encoding="utf-8")
    (folder / "README.md").write_text(_told(card), encoding="utf-8")


def read_card(folder: Path) -> EncoderCard | None:
    """None where the folder has none: its model comes from elsewhere."""
    try:
        return EncoderCard.model_validate_json((folder / _CARD).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (ValidationError, json.JSONDecodeError, UnicodeDecodeError) as error:
        raise WrongState(
            Wording(f"{folder / _CARD} 已损坏，不能换上", f"{folder / _CARD} is damaged")
        ) from error


def refuse_unless_better(
    card: EncoderCard | None, model: str, serving: str | None, *, unproven: bool
) -> None:
    """Raise ``WrongState`` unless the folder's card says that ``model`` is better than the one that serves."""
    if card is None:
        if not unproven:
            raise WrongState(
                Wording(
                    "这个文件夹没有 duijie train encoder 写的成绩单，不知道它是否更好。"
                    "确实要换，请先用 duijie evaluate 测量，再加 --unproven",
                    "The folder has no card by 'duijie train encoder'. Measure it first, then add --unproven",
                )
            )
        return
    if fingerprint_of(model) != card.model:
        raise WrongState(
            Wording(
                "模型与成绩单不符：评测之后权重或提示语改过，不能换上",
                "The card is of other weights or prompts than those in the folder",
            )
        )
    if not card.better:
        raise WrongState(
            Wording(
                f"没有变好，不能换上：{told_difference(card)}", f"It is not better: {told_difference(card)}"
            )
        )
    if serving is not None and fingerprint_of(serving) not in (card.base, card.model):
        raise WrongState(
            Wording(
                f"成绩单比较的是 {card.base}，现在服务的却是 {serving}，不知道它是否更好。"
                "请以现在的模型为起点重新训练（--base）",
                f"The card compares it with {card.base}, while {serving} serves. Train again, with --base",
            )
        )


def told_difference(card: EncoderCard) -> str:
    needs = sum(one.needs_held_back for one in card.sets)
    parts = [
        said(
            "{what} {mean:+.3f}（95% 区间 {low:+.3f} 至 {high:+.3f}）",
            what=what,
            mean=found.mean,
            low=found.low,
            high=found.high,
        )
        for what, found in ((said("nDCG@10（只排已评判）"), card.ndcg_judged), ("nDCG@10", card.ndcg))
    ]
    return said("{needs} 条留出需求上，", needs=needs) + said("，").join(parts)


def new_folder(models: Path) -> Path:
    return models / f"encoder-{now():%Y%m%d-%H%M%S}"


def _told(card: EncoderCard) -> str:
    rows = [
        f"| {one.name} | {one.needs_trained} | {one.needs_held_back} | {_both(one)} |" for one in card.sets
    ]
    return "\n".join(
        [
            said("# 微调的编码模型"),
            "",
            (
                said(
                    "由 `duijie train encoder` 于 {made_at:%Y-%m-%d %H:%M} UTC 写成，起点是 `{base}`，"
                    "自身指纹 `{model}`。",
                    made_at=card.made_at,
                    base=card.base,
                    model=card.model,
                )
            ),
            (
                said(
                    "训练用了 {judged_pairs} 对有评判的、{bare_pairs} 对题目与正文（{data}），"
                    "{epochs} 轮。留出的需求从未参与训练。",
                    judged_pairs=card.judged_pairs,
                    bare_pairs=card.bare_pairs,
                    data=said("、").join(card.pairs_from),
                    epochs=card.epochs,
                )
            ),
            "",
            said("| 数据 | 训练需求 | 留出需求 | nDCG@10（只排已评判） | nDCG@10 |"),
            "|---|---|---|---|---|",
            *rows,
            "",
            said(
                "{difference}。{verdict}",
                difference=told_difference(card),
                verdict=said("可以换上。") if card.better else said("没有变好，不能换上。"),
            ),
            "",
        ]
    )


def _both(one: SetCompared) -> str:
    if one.base is None or one.trained is None:
        return " | "
    old, new = one.base, one.trained
    return f"{old.ndcg_judged:.3f} → {new.ndcg_judged:.3f} | {old.ndcg:.3f} → {new.ndcg:.3f}"
