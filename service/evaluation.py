"""``duijie evaluate``: match quality on judged needs, by the same code that serves, beside BM25."""

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import faiss
import numpy as np
import numpy.typing as npt
from pydantic import ValidationError
from rich.table import Table

from matching.centre import centred, mean_of
from matching.index import Candidates, Entry, MatchIndex
from matching.metrics import Measured, measure
from matching.score import score
from matching.text import terms
from schemas.capability import Capability, CapabilityCreate
from schemas.embedding import Side
from schemas.need import Need, NeedCreate
from schemas.vocabulary import CapabilityKind
from service.demo import sample_texts
from service.encoders import PROMPT_OF, encoder_for
from service.settings import settings
from service.texts import text_of

Progress = Callable[[str, float], None]
Scorer = Callable[[Candidates], npt.NDArray[np.float32]]

# What each row of the table ranks by. The last is what the API answers with.
SCORERS: dict[str, Scorer] = {
    "BM25": lambda found: found.lexical,
    "向量": lambda found: found.dense,
    "融合": lambda found: score(found.dense, found.lexical),
}
_DEPTH = 200
_BATCH = 64
# The longest title that the API takes.
_TITLE = 200
_NAMES = UUID(int=0)


class EvaluationFailed(Exception):
    """The folder does not hold what is needed; the message says what."""


@dataclass(frozen=True)
class JudgedSet:
    """Texts by their ids, and grades (0 to 3) by need and capability."""

    needs: dict[str, str]
    capabilities: dict[str, str]
    grades: dict[str, dict[str, int]]


def read_judged(folder: Path) -> JudgedSet:
    """Read a folder of judged pairs, its rows checked as the API checks bodies. Raises ``EvaluationFailed``."""
    try:
        needs = {row["id"]: text_of(_need(row)) for row in _rows(folder / "needs.jsonl")}
        capabilities = {row["id"]: text_of(_capability(row)) for row in _rows(folder / "capabilities.jsonl")}
        grades: dict[str, dict[str, int]] = {}
        for line in (folder / "qrels.tsv").read_text(encoding="utf-8").splitlines()[1:]:
            need, capability, grade = line.split("\t")
            grades.setdefault(need, {})[capability] = int(grade)
    except (OSError, ValueError, KeyError, ValidationError) as error:
        raise EvaluationFailed(f"{folder}: {error}") from error
    return JudgedSet(needs, capabilities, grades)


def evaluate_folder(folder: Path, progress: Progress) -> Table:
    faiss.omp_set_num_threads(1)
    judged = read_judged(folder)
    vectors = {
        Side.needs: _encoded(Side.needs, list(judged.needs.values()), progress),
        Side.capabilities: _encoded(Side.capabilities, list(judged.capabilities.values()), progress),
    }
    index = _index(judged, vectors[Side.capabilities])
    table = Table(
        title=f"{folder.name}：{len(judged.needs)} 条需求，{len(judged.capabilities)} 条供给",
        caption="* 只排已评判的供给；毫秒为一次检索的平均时间，不含编码",
    )
    for heading in ("方法", "nDCG@10*", "nDCG@10", "Recall@10", "MRR@10", "judged@10", "毫秒"):
        table.add_column(heading, justify="left" if heading == "方法" else "right", no_wrap=True)
    for name, scorer in SCORERS.items():
        measured, milliseconds = _measure(judged, vectors[Side.needs], index, scorer)
        figures = (measured.ndcg_judged, measured.ndcg, measured.recall, measured.mrr, measured.judged)
        table.add_row(name, *(f"{figure:.3f}" for figure in figures), f"{milliseconds:.1f}")
    return table


def _rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]


def _need(row: dict[str, Any]) -> Need:
    title, text = _split(row)
    body = NeedCreate(title=title, description=text)
    return Need.model_validate(body.model_dump(exclude={"publish"}), update={"organization_id": _NAMES})


def _capability(row: dict[str, Any]) -> Capability:
    title, text = _split(row)
    body = CapabilityCreate(title=title, description=text, kind=CapabilityKind.achievement)
    return Capability.model_validate(body.model_dump(exclude={"publish"}), update={"organization_id": _NAMES})


def _split(row: dict[str, Any]) -> tuple[str, str]:
    """Title and text as a posting has them; abstracts without a title give their beginning for it."""
    title = row["title"].strip()
    return (title[:_TITLE], row["text"]) if title else (row["text"][:_TITLE], row["text"][_TITLE:])


def _encoded(side: Side, texts: Sequence[str], progress: Progress) -> npt.NDArray[np.float32]:
    encoder = encoder_for(settings().model)
    mean = mean_of(encoder.encode(sample_texts(side), side=PROMPT_OF[side]))
    vectors = []
    for start in range(0, len(texts), _BATCH):
        vectors.append(encoder.encode(texts[start : start + _BATCH], side=PROMPT_OF[side]))
        progress(f"编码 {side}", min(1.0, (start + _BATCH) / len(texts)))
    return centred(np.concatenate(vectors), mean)


def _index(judged: JudgedSet, vectors: npt.NDArray[np.float32]) -> MatchIndex:
    index = MatchIndex(vectors.shape[1])
    index.upsert(
        [
            Entry(uuid5(_NAMES, key), vector, terms(text))
            for (key, text), vector in zip(judged.capabilities.items(), vectors, strict=True)
        ]
    )
    return index


def _measure(
    judged: JudgedSet, vectors: npt.NDArray[np.float32], index: MatchIndex, scorer: Scorer
) -> tuple[Measured, float]:
    names = {uuid5(_NAMES, key): key for key in judged.capabilities}
    runs: dict[str, dict[str, float]] = {}
    words = {key: terms(text) for key, text in judged.needs.items()}
    started = time.perf_counter()
    for key, vector in zip(judged.needs, vectors, strict=True):
        found = index.search(vector, words[key], k=_DEPTH)
        runs[key] = {
            names[posting_id]: float(value)
            for posting_id, value in zip(found.ids, scorer(found), strict=True)
        }
    milliseconds = (time.perf_counter() - started) * 1000 / len(runs)
    everything = _rank_judged(judged, vectors, words, index, scorer, names)
    return measure(runs, everything, judged.grades), milliseconds


def _rank_judged(
    judged: JudgedSet,
    vectors: npt.NDArray[np.float32],
    words: dict[str, list[str]],
    index: MatchIndex,
    scorer: Scorer,
    names: dict[UUID, str],
) -> dict[str, dict[str, float]]:
    """Scores of all judged pairs, whether a search would have found them or not."""
    ranked = {}
    for key, vector in zip(judged.needs, vectors, strict=True):
        found = index.search(vector, words[key], k=len(index))
        pairs = zip(found.ids, scorer(found), strict=True)
        ranked[key] = {
            names[one]: float(value) for one, value in pairs if names[one] in judged.grades.get(key, {})
        }
    return ranked
