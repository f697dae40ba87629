"""``duijie train``: fit the score on judged pairs, and say how it does on needs that it was not fitted on."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from rich.table import Table

from matching.calibration import expected_calibration_error, lowest_threshold, reliability
from matching.fitting import Pairs, fit, folds_of
from matching.index import Candidates
from matching.metrics import RELEVANT, Measured, auc, measure
from matching.score import SIGNALS, Scores, Scoring, score
from schemas.base import now
from schemas.vocabulary import Side
from service.learning.judged import EvaluationFailed, IndexedSet, Progress, index_judged, read_judged
from service.learning.reliability_plot import reliability_svg
from service.matches.encoders import encoder_for
from service.matches.ranking import Asking
from service.matches.scoring import scoring
from service.platform.settings import settings
from service.platform.terminal_language import said

_FOLDS = 5
_DEPTH = 200
# Of what is shown unasked, so large a share at least was judged relevant.
_PRECISION = 0.4


@dataclass(frozen=True)
class _Need:
    """A need's judged pairs, and what a search brings, ready to be scored by one model after another."""

    key: str
    group: str
    asking: Asking
    judged: Candidates
    judged_keys: list[str]
    relevant: npt.NDArray[np.bool_]
    found: Candidates
    found_keys: list[str]


@dataclass(frozen=True)
class _Set:
    name: str
    needs: list[_Need]
    grades: dict[str, dict[str, int]]


@dataclass(frozen=True)
class Quality:
    """How a score did on one set: ranking, telling relevant pairs apart, and calibration."""

    measured: Measured
    auc: float
    calibration_error: float


def train_score(folders: Sequence[Path], out: Path, plot: Path | None, progress: Progress) -> Table:
    """Fit on all folders and write the scoring to ``out``; ``plot`` gets a reliability plot of needs that were
    held out. Raises ``EvaluationFailed``.
    """
    encoder = encoder_for(settings().model)
    sets = [
        _prepared(index_judged(read_judged(folder), encoder, progress), number)
        for number, folder in enumerate(folders)
    ]
    progress("交叉验证", 0.5)
    predicted = _cross_validated(sets)
    table = Table(title=said("{folds} 折交叉验证，同一需求不会同时用于训练和检验", folds=_FOLDS))
    for heading in ("数据", "得分拟合于", "nDCG@10*", "nDCG@10", "Recall@100", "AUC", "ECE"):
        table.add_column(said(heading), no_wrap=True)
    card: dict[str, Any] = {"date": str(now().date()), "encoder": encoder.name, "sets": {}}
    for number, one in enumerate(sets):
        qualities = {
            "（现行）": _quality(one, [scoring()] * len(one.needs)),
            "其余各折": _quality(one, predicted[number]),
        }
        if len(sets) > 1:
            others = _fitted([other for other in sets if other is not one])
            qualities["其他数据"] = _quality(one, [others] * len(one.needs))
        for name, quality in qualities.items():
            table.add_row(one.name, said(name), *_figures(quality))
        card["sets"][one.name] = _about(one) | {
            "cross_validated": dict(zip(_FIGURES, _numbers(qualities["其余各折"]), strict=True))
        }
    if plot is not None:
        scores, relevant = _all_predictions(sets, predicted)
        error = expected_calibration_error(scores, relevant)
        bins = reliability(scores, relevant)
        plot.write_text(
            reliability_svg(bins, title=said("得分与评判：未参与拟合的需求"), error=error), encoding="utf-8"
        )
    final = _fitted(sets)
    final = final.model_copy(
        update={"good_from": _threshold(sets, predicted), "card": card, "version": _version(final)}
    )
    written = final.model_dump_json(indent=2)
    out.write_text(written + "\n", encoding="utf-8")
    table.caption = said(
        "推荐线 {good_from:.2f}（其上的结果至少 {precision:.0%} 被评为相关）；版本 {version}",
        good_from=final.good_from,
        precision=_PRECISION,
        version=final.version,
    )
    return table


def cross_validate(sets: Sequence[IndexedSet]) -> list[Quality]:
    """How scores fitted on four fifths of the needs of all sets do on the others, set by set."""
    prepared = [_prepared(one, number) for number, one in enumerate(sets)]
    models = _cross_validated(prepared)
    return [_quality(one, own) for one, own in zip(prepared, models, strict=True)]


_FIGURES = ("ndcg_judged", "ndcg", "recall_100", "auc", "calibration_error")


def _numbers(quality: Quality) -> tuple[float, ...]:
    measured = quality.measured
    return tuple(
        round(figure, 4)
        for figure in (
            measured.ndcg_judged,
            measured.ndcg,
            measured.recall_100,
            quality.auc,
            quality.calibration_error,
        )
    )


def _figures(quality: Quality) -> list[str]:
    return [f"{figure:.3f}" for figure in _numbers(quality)]


def _prepared(indexed: IndexedSet, number: int) -> _Set:
    index = indexed.serving.side(Side.capabilities)
    needs = []
    for key, asking in indexed.asking.items():
        grades = indexed.judged.grades.get(key, {})
        judged = index.signals(asking.query, [indexed.id_of(one) for one in grades])
        judged_keys = [indexed.key_of[one] for one in judged.ids]
        found = index.search(asking.query, k=_DEPTH)
        needs.append(
            _Need(
                key=f"{number}:{key}",
                # The same need stands in several sets under different ids.
                group=indexed.judged.needs[key].title,
                asking=asking,
                judged=judged,
                judged_keys=judged_keys,
                relevant=np.array([grades[one] >= RELEVANT for one in judged_keys], np.bool_),
                found=found,
                found_keys=[indexed.key_of[one] for one in found.ids],
            )
        )
    named = {f"{number}:{key}": pairs for key, pairs in indexed.judged.grades.items()}
    return _Set(indexed.judged.name, needs, named)


def _cross_validated(sets: Sequence[_Set]) -> list[list[Scoring]]:
    """For each need of each set the scoring that was fitted without its fold."""
    together = folds_of([need.group for one in sets for need in one.needs], _FOLDS)
    folds = np.split(together, np.cumsum([len(one.needs) for one in sets])[:-1])
    without = [
        _fitted(
            [
                _Set(
                    one.name,
                    [need for need, own in zip(one.needs, of, strict=True) if own != fold],
                    one.grades,
                )
                for one, of in zip(sets, folds, strict=True)
            ]
        )
        for fold in range(_FOLDS)
    ]
    return [[without[fold] for fold in of] for of in folds]


def _fitted(sets: Sequence[_Set]) -> Scoring:
    bias, weights = fit([_pairs(one) for one in sets])
    return Scoring(version="", bias=bias, weights=weights, good_from=0, card={})


def _pairs(one: _Set) -> Pairs:
    values = [_values(need) for need in one.needs]
    return Pairs(np.concatenate(values), np.concatenate([need.relevant for need in one.needs]))


def _values(need: _Need) -> npt.NDArray[np.float64]:
    """The signals do not depend on the weights, so any scoring gives them."""
    signals = _score(scoring(), need, need.judged).signals
    return np.stack([signals[name] for name in SIGNALS], axis=1).astype(np.float64)


def _score(model: Scoring, need: _Need, candidates: Candidates) -> Scores:
    return score(model, candidates, need.asking.facts, asking_is_need=True, today=now().date())


def _quality(one: _Set, models: Sequence[Scoring]) -> Quality:
    """How the needs' own models did, each on its need."""
    found: dict[str, dict[str, float]] = {}
    judged: dict[str, dict[str, float]] = {}
    for need, model in zip(one.needs, models, strict=True):
        found[need.key] = _by_key(need.found_keys, _score(model, need, need.found))
        judged[need.key] = _by_key(need.judged_keys, _score(model, need, need.judged))
    scores, relevant = _predictions(one, models)
    return Quality(
        measure(found, judged, one.grades),
        auc(scores, relevant),
        expected_calibration_error(scores, relevant),
    )


def _by_key(keys: Sequence[str], scores: Scores) -> dict[str, float]:
    return dict(zip(keys, scores.both.tolist(), strict=True))


def _predictions(
    one: _Set, models: Sequence[Scoring]
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.bool_]]:
    scores = [_score(model, need, need.judged).both for need, model in zip(one.needs, models, strict=True)]
    return np.concatenate(scores), np.concatenate([need.relevant for need in one.needs])


def _all_predictions(
    sets: Sequence[_Set], models: Sequence[Sequence[Scoring]]
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.bool_]]:
    parts = [_predictions(one, own) for one, own in zip(sets, models, strict=True)]
    return np.concatenate([scores for scores, _ in parts]), np.concatenate([yes for _, yes in parts])


def _threshold(sets: Sequence[_Set], models: Sequence[Sequence[Scoring]]) -> float:
    """From where on what is shown is worth it, on needs that the score was not fitted on."""
    scores, relevant = _all_predictions(sets, models)
    found = lowest_threshold(scores, relevant, _PRECISION)
    if found is None:
        raise EvaluationFailed(
            said("没有哪个得分以上的结果有 {precision:.0%} 被评为相关", precision=_PRECISION)
        )
    return round(found, 2)


def _about(one: _Set) -> dict[str, Any]:
    return {
        "needs": len(one.needs),
        "pairs": int(sum(len(need.relevant) for need in one.needs)),
        "relevant": int(sum(need.relevant.sum() for need in one.needs)),
    }


def _version(made: Scoring) -> str:
    """Of the figures alone, so that the same data give the same version."""
    figures = made.model_dump(mode="json", include={"bias", "weights"})
    return hashlib.sha256(json.dumps(figures, sort_keys=True).encode()).hexdigest()[:8]
