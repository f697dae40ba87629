"""``duijie evaluate``: match quality on judged needs, stage by stage, by the code that serves."""

import time
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path

import numpy as np

from matching.calibration import expected_calibration_error
from matching.index import Candidates, Query
from matching.metrics import RELEVANT, measure
from matching.score import SIGNALS, TEXT_SIGNALS
from schemas.match import MatchFilters
from schemas.vocabulary import Side
from service.learning.evaluation_report import Report, Row, report
from service.learning.judged import IndexedSet, Progress, index_judged, read_judged
from service.matches.encoders import encode_with, encoder_for, mean_for
from service.matches.ranking import rank, score_given
from service.matches.reranking import rerank
from service.platform.settings import settings
from service.platform.terminal_language import said
from service.postings.texts import writing_of

_DEPTH = 200
# Encoding is the same for every row, so a sample tells its time.
_TIMED = 20

# A need's capabilities, by their keys in the set, in the order of what they are worth: the judged ones where
# they are given, else all that are found.
Ranked = dict[str, float]
Stage = Callable[[IndexedSet, str, Sequence[str] | None], Ranked]


def evaluate_folders(folders: Sequence[Path], progress: Progress) -> list[Report]:
    """Raises ``EvaluationFailed`` for a folder that cannot be read."""
    encoder = encoder_for(settings().model)
    reports = []
    for folder in folders:
        indexed = index_judged(read_judged(folder), encoder, progress)
        stages: dict[str, Stage] = {"词": _words, "向量": _dense, "融合": _fused, "全流程": _whole}
        if settings().reranker is not None:
            stages["全流程，重排"] = _reranked
        encoding = _encoding_milliseconds(indexed)
        rows = []
        for number, (name, stage) in enumerate(stages.items(), 1):
            rows.append(_row(indexed, name, stage, encoding))
            progress(f"{folder.name} {said(name)}", number / len(stages))
        judged = indexed.judged
        reports.append(
            report(judged.name, needs=len(judged.needs), capabilities=len(judged.capabilities), rows=rows)
        )
    return reports


def _row(indexed: IndexedSet, name: str, stage: Stage, encoding: float) -> Row:
    grades = indexed.judged.grades
    judged = {need: stage(indexed, need, list(pairs)) for need, pairs in grades.items()}
    started = time.perf_counter()
    found = {need: stage(indexed, need, None) for need in grades}
    milliseconds = (time.perf_counter() - started) * 1000 / len(grades)
    error = None
    if stage in (_fused, _whole):
        pairs = [(score, grades[need][key]) for need, some in judged.items() for key, score in some.items()]
        error = expected_calibration_error(
            [score for score, _ in pairs], [grade >= RELEVANT for _, grade in pairs]
        )
    # Words need no encoder.
    times = {"编码": encoding, "检索与打分": milliseconds}
    return Row(name, measure(found, judged, grades), times, error)


def _words(indexed: IndexedSet, need: str, judged: Sequence[str] | None) -> Ranked:
    candidates = _candidates(indexed, need, judged)
    return _by_key(indexed, candidates, np.nan_to_num(candidates.words).tolist())


def _dense(indexed: IndexedSet, need: str, judged: Sequence[str] | None) -> Ranked:
    candidates = _candidates(indexed, need, judged, words=False)
    return _by_key(indexed, candidates, candidates.dense.tolist())


def _fused(indexed: IndexedSet, need: str, judged: Sequence[str] | None) -> Ranked:
    """By the two texts alone."""
    return _served(indexed, need, judged, [f"{name}:0" for name in SIGNALS if name not in TEXT_SIGNALS])


def _whole(indexed: IndexedSet, need: str, judged: Sequence[str] | None) -> Ranked:
    return _served(indexed, need, judged, [])


def _reranked(indexed: IndexedSet, need: str, judged: Sequence[str] | None) -> Ranked:
    """In the order in which the reranker leaves it."""
    order = list(_whole(indexed, need, judged))
    texts = {key: indexed.judged.capabilities[key] for key in order}
    again, _ = rerank(
        writing_of(indexed.judged.needs[need]).text, order, lambda key: writing_of(texts[key]).text
    )
    return {key: float(-place) for place, key in enumerate(again)}


def _candidates(
    indexed: IndexedSet, need: str, judged: Sequence[str] | None, *, words: bool = True
) -> Candidates:
    query = indexed.asking[need].query
    if not words:
        query = Query(query.vectors, {})
    index = indexed.serving.side(Side.capabilities)
    if judged is None:
        return index.search(query, k=_DEPTH)
    return index.signals(query, [indexed.id_of(key) for key in judged])


def _served(indexed: IndexedSet, need: str, judged: Sequence[str] | None, weights: list[str]) -> Ranked:
    asked = MatchFilters(limit=_DEPTH, min_score=0, max_per_organization=0, weight=weights)
    asking = indexed.asking[need]
    if judged is None:
        listed = rank(indexed.serving, asking, asked, {}).listed
    else:
        ids = [indexed.id_of(key) for key in judged]
        listed = score_given(indexed.serving, asking, ids, asked.multipliers)
    return {indexed.key_of[one.id]: one.score for one in listed}


def _by_key(indexed: IndexedSet, candidates: Candidates, scores: list[float]) -> Ranked:
    return {indexed.key_of[one]: score for one, score in zip(candidates.ids, scores, strict=True)}


def _encoding_milliseconds(indexed: IndexedSet) -> float:
    """Of one need at a time, as they come."""
    needs = list(islice(indexed.judged.needs.values(), _TIMED))
    encoder, mean = encoder_for(settings().model), mean_for(indexed.serving.model, Side.needs)
    started = time.perf_counter()
    for need in needs:
        encode_with(encoder, mean, Side.needs, [writing_of(need)])
    return (time.perf_counter() - started) * 1000 / len(needs)
