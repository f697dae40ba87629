"""What each part of the text score is worth: cross-validated quality on judged needs with one part left out."""

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
from rich.table import Table

from matching.centre import centred, mean_of
from matching.encoder import Encoder
from matching.facts import NOTHING
from matching.index import Entry, MatchIndex, Query
from matching.metrics import Measured
from matching.reading import read
from matching.significance import paired_p
from matching.text import query_weights, terms
from schemas.embedding import EncoderModel, ModelState
from schemas.vocabulary import Side
from service.learning.judged import IndexedSet, JudgedSet, Progress, read_judged
from service.learning.score_training import Quality, cross_validate
from service.matches.encoders import PROMPT_OF, encoder_for
from service.matches.live_index import serving_of
from service.matches.ranking import Asking
from service.matches.sample_texts import sample_texts
from service.platform.console import print_table, progress_bar
from service.platform.settings import settings
from service.postings.facts import Posting
from service.postings.texts import Writing, writing_of

_AT_ONCE = 64
_LEAN = 2.0

Vectors = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Raw:
    """One posting as the model read it, before anything was made of it."""

    key: str
    passages: Vectors
    title: Vectors
    words: list[str]
    title_words: list[str]


@dataclass(frozen=True)
class Parts:
    """Which parts are there."""

    vectors: bool = True
    words: bool = True
    centring: bool = True
    lean: float = _LEAN
    title_words: bool = True


WHOLE = Parts()
WITHOUT: dict[str, Parts] = {
    "everything": WHOLE,
    "vectors": replace(WHOLE, vectors=False),
    "words": replace(WHOLE, words=False),
    "centring": replace(WHOLE, centring=False),
    "the need's lean to its title": replace(WHOLE, lean=0),
    "the title's share of the words": replace(WHOLE, title_words=False),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", type=Path, nargs="+", help="judged sets, as duijie evaluate reads them")
    asked = parser.parse_args()
    with progress_bar() as progress:
        encoder = encoder_for(settings().model)
        means = {side: mean_of(encoder.encode(sample_texts(side), side=PROMPT_OF[side])) for side in Side}
        sets = [read_judged(folder) for folder in asked.folders]
        raw = [_read(encoder, one, progress) for one in sets]
        found: dict[str, list[Quality]] = {}
        for number, (name, parts) in enumerate(WITHOUT.items(), 1):
            indexed = [_indexed(judged, texts, parts, means) for judged, texts in zip(sets, raw, strict=True)]
            found[name] = cross_validate(indexed)
            progress("parts", number / len(WITHOUT))
    for place, one in enumerate(sets):
        print_table(_table(one.name, {name: qualities[place] for name, qualities in found.items()}))


def _table(name: str, found: dict[str, Quality]) -> Table:
    table = Table(
        "without", "nDCG@10*", "p", "nDCG@10", "p", "Recall@100", "AUC", "ECE",
        title=f"{name}, five folds; * judged only; p: paired randomisation against the first row",
    )  # fmt: skip
    first = found["everything"].measured
    for part, quality in found.items():
        measured = quality.measured
        table.add_row(
            "–" if part == "everything" else part,
            f"{measured.ndcg_judged:.3f}",
            _p(first, measured, "ndcg_judged"),
            f"{measured.ndcg:.3f}",
            _p(first, measured, "ndcg"),
            f"{measured.recall_100:.3f}",
            f"{quality.auc:.3f}",
            f"{quality.calibration_error:.3f}",
        )
    return table


def _p(first: Measured, other: Measured, measure: str) -> str:
    return "" if first is other else f"{paired_p(first.each[measure], other.each[measure]):.3f}"


def _read(encoder: Encoder, judged: JudgedSet, progress: Progress) -> dict[Side, list[Raw]]:
    postings: dict[Side, Mapping[str, Posting]] = {
        Side.needs: judged.needs,
        Side.capabilities: judged.capabilities,
    }
    return {
        side: _raw(
            encoder,
            side,
            list(some),
            [writing_of(one) for one in some.values()],
            lambda done, side=side: progress(f"{judged.name} {side}", done),  # type: ignore[misc]
        )
        for side, some in postings.items()
    }


def _raw(
    encoder: Encoder,
    side: Side,
    keys: Sequence[str],
    writings: Sequence[Writing],
    progress: Callable[[float], None],
) -> list[Raw]:
    found = []
    for start in range(0, len(keys), _AT_ONCE):
        some = writings[start : start + _AT_ONCE]
        vectors = read(
            encoder,
            [one.text for one in some],
            [one.title for one in some],
            [[] for _ in some],
            PROMPT_OF[side],
        )
        for key, one, read_text in zip(keys[start:], some, vectors, strict=False):
            title_words = terms(one.text[: one.title])
            words = title_words + terms(one.text[one.title :])
            found.append(Raw(key, read_text.passages, read_text.title, words, title_words))
        progress(min(1.0, (start + _AT_ONCE) / len(keys)))
    return found


def _indexed(
    judged: JudgedSet, texts: dict[Side, list[Raw]], parts: Parts, means: dict[Side, Vectors]
) -> IndexedSet:
    dim = len(means[Side.needs])
    index = MatchIndex(dim)
    ids = {one.key: IndexedSet.id_of(one.key) for one in texts[Side.capabilities]}
    index.upsert(
        [
            Entry(ids[one.key], _vectors(one, means[Side.capabilities], 0, parts), one.words)
            for one in texts[Side.capabilities]
        ]
    )
    asking = {
        one.key: Asking(
            Side.needs,
            Query(
                _vectors(one, means[Side.needs], parts.lean, parts),
                query_weights(one.words, one.title_words if parts.title_words else []) if parts.words else {},
            ),
            NOTHING,
        )
        for one in texts[Side.needs]
    }
    model = EncoderModel(
        name="", source="", dim=dim, need_mean=b"", capability_mean=b"", state=ModelState.serving
    )
    serving = serving_of(model, {Side.needs: MatchIndex(dim), Side.capabilities: index})
    return IndexedSet(judged, serving, asking, {posting_id: key for key, posting_id in ids.items()})


def _vectors(one: Raw, mean: Vectors, lean: float, parts: Parts) -> Vectors:
    if not parts.vectors:
        # All alike, so that they tell nothing.
        return np.eye(1, len(mean), dtype=np.float32)
    taken_off = mean if parts.centring else np.zeros_like(mean)
    leaning = centred(one.passages, taken_off) + lean * centred(one.title[np.newaxis], taken_off)
    unit: Vectors = leaning / np.linalg.norm(leaning, axis=1, keepdims=True)
    return unit


if __name__ == "__main__":
    main()
