"""Ranking quality on graded judgements, need by need, by trec_eval's own definitions."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pytrec_eval
from scipy.stats import rankdata

# From this grade on a pair counts as relevant, where a measure knows only yes and no.
RELEVANT = 2

Scores = Mapping[str, Mapping[str, float]]
Grades = Mapping[str, Mapping[str, int]]
Values = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Measured:
    """Values of 0 to 1 for each query that has a relevant document, in the order of ``queries``.

    each: by measure. ``ndcg_judged`` (nDCG@10 with only judged documents ranked), ``ndcg`` (nDCG@10),
    ``recall_10``, ``recall_100``, ``mrr`` (reciprocal rank of the first relevant one among ten) and
    ``judged`` (share of the first ten that was judged). A query for which nothing was found counts as nought.
    auc: over all judged pairs of all queries, see ``auc``.
    """

    queries: list[str]
    each: dict[str, Values]
    auc: float

    @property
    def ndcg_judged(self) -> float:
        return float(self.each["ndcg_judged"].mean())

    @property
    def ndcg(self) -> float:
        return float(self.each["ndcg"].mean())

    @property
    def recall_10(self) -> float:
        return float(self.each["recall_10"].mean())

    @property
    def recall_100(self) -> float:
        return float(self.each["recall_100"].mean())

    @property
    def mrr(self) -> float:
        return float(self.each["mrr"].mean())

    @property
    def judged(self) -> float:
        return float(self.each["judged"].mean())


def measure(found: Scores, judged_only: Scores, grades: Grades) -> Measured:
    """Measure ``found`` (what a search returned) and ``judged_only`` (the judged documents, ranked alone).

    Raises ``ValueError`` when no query has a relevant document.
    """
    asked = {query: dict(docs) for query, docs in grades.items() if max(docs.values(), default=0) >= RELEVANT}
    if not asked:
        raise ValueError(f"No query has a document of grade {RELEVANT} or more.")
    full = _trec(found, asked, {"ndcg_cut.10"}, 1)
    only = _trec(judged_only, asked, {"ndcg_cut.10"}, 1)
    binary = _trec(found, asked, {"recall.10,100", "recip_rank"}, RELEVANT)
    ranks = _each(binary, "recip_rank", asked)
    return Measured(
        list(asked),
        {
            "ndcg_judged": _each(only, "ndcg_cut_10", asked),
            "ndcg": _each(full, "ndcg_cut_10", asked),
            "recall_10": _each(binary, "recall_10", asked),
            "recall_100": _each(binary, "recall_100", asked),
            "mrr": np.where(ranks >= 1 / 10, ranks, 0.0),
            "judged": np.array([_judged(found.get(query, {}), docs) for query, docs in asked.items()]),
        },
        _auc_of_pairs(judged_only, grades),
    )


def auc(scores: npt.ArrayLike, relevant: npt.ArrayLike) -> float:
    """How often a relevant pair scores above one that is not, ties by half. NaN when there is but one kind.

    Pairs of all queries are compared with each other, so scores must mean the same for every query.
    """
    values, yes = np.asarray(scores, np.float64), np.asarray(relevant, np.bool_)
    positives, negatives = int(yes.sum()), int((~yes).sum())
    if not positives or not negatives:
        return float("nan")
    # The rank sum of Mann and Whitney is the area under the curve, up to these two terms.
    ranks = float(rankdata(values)[yes].sum())
    return (ranks - positives * (positives + 1) / 2) / (positives * negatives)


def _auc_of_pairs(scores: Scores, grades: Grades) -> float:
    pairs = [
        (score, grades[query][doc] >= RELEVANT)
        for query, docs in scores.items()
        for doc, score in docs.items()
        if doc in grades.get(query, {})
    ]
    return auc([score for score, _ in pairs], [relevant for _, relevant in pairs])


def _judged(scores: Mapping[str, float], judged: Mapping[str, int]) -> float:
    # In trec_eval's order, which puts the greater name first among equals.
    first = sorted(((score, doc) for doc, score in scores.items()), reverse=True)[:10]
    return sum(doc in judged for _, doc in first) / len(first) if first else 0.0


def _trec(run: Scores, grades: Grades, measures: set[str], relevant: int) -> dict[str, dict[str, float]]:
    evaluator = pytrec_eval.RelevanceEvaluator(
        {query: dict(docs) for query, docs in grades.items()}, measures, relevance_level=relevant
    )
    results: dict[str, dict[str, float]] = evaluator.evaluate(
        {query: dict(docs) for query, docs in run.items() if query in grades}
    )
    return results


def _each(results: Mapping[str, Mapping[str, float]], name: str, asked: Grades) -> Values:
    return np.array([results.get(query, {}).get(name, 0.0) for query in asked])
