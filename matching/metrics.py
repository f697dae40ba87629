"""Ranking quality on graded judgements, by trec_eval's own definitions."""

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import fmean

import pytrec_eval

# From this grade on a pair counts as relevant, where a measure knows only yes and no.
RELEVANT = 2

Scores = Mapping[str, Mapping[str, float]]
Grades = Mapping[str, Mapping[str, int]]


@dataclass(frozen=True)
class Measured:
    """Means over queries that have a relevant document: nDCG@10 over judged documents only and over all,
    Recall@10, MRR@10, and the share of the first ten that was judged. Each 0 to 1.
    """

    ndcg_judged: float
    ndcg: float
    recall: float
    mrr: float
    judged: float


def measure(found: Scores, judged_only: Scores, grades: Grades) -> Measured:
    """Measure ``found`` (what a search returned) and ``judged_only`` (the judged documents, ranked alone)."""
    asked = {query: dict(docs) for query, docs in grades.items() if max(docs.values(), default=0) >= RELEVANT}
    full = _trec(found, asked, {"ndcg_cut.10"}, 1)
    only = _trec(judged_only, asked, {"ndcg_cut.10"}, 1)
    firsts = {query: _first_ten(found.get(query, {})) for query in asked}
    binary = _trec(firsts, asked, {"recall.10", "recip_rank"}, RELEVANT)
    return Measured(
        ndcg_judged=_mean(only, "ndcg_cut_10", asked),
        ndcg=_mean(full, "ndcg_cut_10", asked),
        recall=_mean(binary, "recall_10", asked),
        mrr=_mean(binary, "recip_rank", asked),
        judged=fmean(
            fmean(doc in asked[query] for doc in docs) if docs else 0.0 for query, docs in firsts.items()
        ),
    )


def _first_ten(scores: Mapping[str, float]) -> dict[str, float]:
    return dict(sorted(scores.items(), key=lambda pair: -pair[1])[:10])


def _trec(run: Scores, grades: Grades, measures: set[str], relevant: int) -> dict[str, dict[str, float]]:
    evaluator = pytrec_eval.RelevanceEvaluator(
        {query: dict(docs) for query, docs in grades.items()}, measures, relevance_level=relevant
    )
    results: dict[str, dict[str, float]] = evaluator.evaluate(
        {query: dict(docs) for query, docs in run.items() if query in grades}
    )
    return results


def _mean(results: Mapping[str, Mapping[str, float]], name: str, asked: Grades) -> float:
    """A query for which nothing was found counts as nought."""
    return fmean(results.get(query, {}).get(name, 0.0) for query in asked)
