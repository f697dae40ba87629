"""What each stage of a match costs beside a search by vectors alone, in one process and one thread."""

import argparse
import time
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import numpy as np
import numpy.typing as npt
from rich.table import Table

from matching.facts import record
from matching.index import Entry, MatchIndex, Query
from schemas.embedding import EncoderModel, ModelState
from schemas.match import MatchFilters
from schemas.vocabulary import Side
from service.matches.live_index import Serving, serving_of
from service.matches.ranking import Asking, rank
from service.platform.console import print_table, progress_bar

DIM = 384
_NEEDS = 60
# As many as a segment of real texts has; a word's share falls by Zipf's law.
_VOCABULARY, _WORDS_EACH, _WORDS_ASKED = 60_000, 50, 60
_ORGANIZATIONS = 500
AT_ONCE = 5_000
# Each is measured so often, in turn, and the median counts.
_ROUNDS = 5

Stage = Callable[[Asking], object]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--capabilities", type=int, nargs="+", default=[10_000, 100_000])
    asked = parser.parse_args()
    rng = np.random.default_rng(0)
    table = Table(
        "", "capabilities", "ms a need", "of vectors alone",
        title="One need among so many capabilities",
    )  # fmt: skip
    index = MatchIndex(DIM)
    with progress_bar() as progress:
        for count in sorted(asked.capabilities):
            while len(index) < count:
                index.upsert(entries(rng, len(index), min(AT_ONCE, count - len(index))))
                progress(f"{count} capabilities", len(index) / count)
            _measure(table, serving(index), [asking(rng) for _ in range(_NEEDS)], count)
    print_table(table)


def _measure(table: Table, serving: Serving, needs: list[Asking], count: int) -> None:
    index = serving.side(Side.capabilities)
    bare = MatchFilters()
    stages: dict[str, Stage] = {
        "vectors alone": lambda need: index.search(Query(need.query.vectors, {}), k=200),
        "vectors and words": lambda need: index.search(need.query, k=200),
        "whole pipeline": lambda need: rank(serving, need, bare, {}),
        "whole pipeline, 1 % filter": lambda need: rank(serving, need, bare, {"kind": ["rare"]}),
    }
    seconds: dict[str, list[float]] = {name: [] for name in stages}
    for _ in range(_ROUNDS):
        for name, stage in stages.items():
            started = time.perf_counter()
            for need in needs:
                stage(need)
            seconds[name].append((time.perf_counter() - started) / len(needs))
    alone = float(np.median(seconds["vectors alone"]))
    for name, measured in seconds.items():
        median = float(np.median(measured))
        table.add_row(
            name,
            f"{count:,}",
            f"{median * 1000:.1f}",
            f"{median / alone:.2f}",
            end_section=name == [*stages][-1],
        )


def serving(index: MatchIndex) -> Serving:
    model = EncoderModel(
        name="none", source="", dim=DIM, need_mean=b"", capability_mean=b"", state=ModelState.serving
    )
    return serving_of(model, {Side.needs: MatchIndex(DIM), Side.capabilities: index})


def entries(rng: np.random.Generator, first: int, count: int) -> list[Entry]:
    return [
        Entry(
            UUID(int=first + place),
            vector,
            _words(rng, _WORDS_EACH),
            {"kind": ["rare" if (first + place) % 100 == 0 else "common"]},
            str(UUID(int=(first + place) % _ORGANIZATIONS)),
            _facts(rng),
            vector if place % 5 == 0 else None,
        )
        for place, vector in enumerate(_unit(rng, count))
    ]


def asking(rng: np.random.Generator) -> Asking:
    words = _words(rng, _WORDS_ASKED)
    query = Query(_unit(rng, 1), {word: 1 / len(words) for word in words}, _unit(rng, 1)[0])
    return Asking(Side.needs, query, _facts(rng))


def _unit(rng: np.random.Generator, count: int) -> npt.NDArray[np.float32]:
    vectors = rng.normal(size=(count, DIM)).astype(np.float32)
    unit: npt.NDArray[np.float32] = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit


def _words(rng: np.random.Generator, count: int) -> list[str]:
    ranks = np.minimum(rng.zipf(1.2, count), _VOCABULARY)
    return [f"词{rank}" for rank in ranks.tolist()]


def _facts(rng: np.random.Generator) -> Any:
    domain = int(rng.integers(17))
    return record(
        modes=int(rng.integers(1, 1 << 18)),
        domains=1 << domain,
        items=1 << int(rng.integers(57)),
        near=1 << int(rng.integers(17)),
        money=(None, float(rng.integers(10_000, 1_000_000))),
        trl=(int(rng.integers(1, 6)), 9),
        region=["65", "6531"],
        day=date(2026, 1, 1) + timedelta(days=int(rng.integers(300))),
        completeness=float(rng.random()),
        wishes=bool(rng.random() < 0.5),
        affiliation=int(rng.integers(1, 7)),
    )


if __name__ == "__main__":
    main()
