"""Engines for the lexical side at 100,000 records: time, memory, and whether scores stay exact under change."""

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from random import Random

import numpy as np
import psutil
from rich.table import Table

from benchmarks.lexical_engines import ENGINES, PACKAGES, Engine, Records, Scores, missing
from benchmarks.stage import Progress
from matching.text import terms
from schemas.vocabulary import Side
from service.matches.sample_texts import sample_texts
from service.platform.console import print_table, progress_bar

_QUERIES, _SHORT, _LONG = 50, 8, 60
_ROUNDS, _SHARE = 20, 0.01
_FOUND, _FIRST = 200, 10
# The best of so many counts, since a cold cache or other work on the machine only ever adds.
_TRIES = 5
# An engine whose round takes so many seconds is timed for three, and given the others at once.
_SLOW, _ENOUGH = 2.0, 3


@dataclass(frozen=True)
class Workload:
    """Records to begin with, rounds of records that replace some of them, and queries of two lengths."""

    records: dict[int, list[str]]
    rounds: list[dict[int, list[str]]]
    short: list[list[str]]
    long: list[list[str]]


@dataclass(frozen=True)
class Outcome:
    """Times are of the processor, in all threads, so that other work on the machine does not count. Milliseconds
    are medians, all before the rounds but ``after``, which is ``long`` once more. off: how far
    scores are from those of a fresh build, at most; moved: which share of the first tens is another.
    """

    build_seconds: float
    megabytes: float
    short: float
    long: float
    labelled: float
    given: float
    one: float
    round: float
    after: float
    off: float
    moved: float
    first: list[list[int]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "texts", type=Path, nargs="?", help="a folder with capabilities.jsonl; else the demo's"
    )
    parser.add_argument("--records", type=int, default=100_000)
    asked = parser.parse_args()
    if absent := missing():
        print(f"Left out for want of a package; .venv/bin/pip install {' '.join(absent)}", file=sys.stderr)
    engines = [name for name in ENGINES if PACKAGES.get(name) not in absent]
    with progress_bar() as progress:
        workload = _workload(_texts(asked.texts), asked.records, progress)
        outcomes = {}
        for done, name in enumerate(engines, 1):
            # Each in a process of its own, so that its memory can be told.
            with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
                outcomes[name] = process.submit(_measure, name, workload).result()
            progress("measuring engines", done / len(engines))
    print_table(_table(workload, outcomes))


def _texts(folder: Path | None) -> list[str]:
    if folder is None:
        return [text for side in Side for text in sample_texts(side)]
    path = folder / "capabilities.jsonl"
    if not path.is_file():
        sys.exit(
            f"{path} is not there; give a folder that has it, or none for the demonstration's few texts."
        )
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]
    return [f"{row['title']}\n{row['text']}" for row in rows]


def _workload(texts: Sequence[str], count: int, progress: Progress) -> Workload:
    """Records are halves of two texts each: lengths, frequencies and company of words are those of real ones."""
    words = []
    for done, text in enumerate(texts, 1):
        words.append([sys.intern(word) for word in terms(text)])
        if done % 500 == 0 or done == len(texts):
            progress("cutting texts into words", done / len(texts))
    random = Random(1)

    def record() -> list[str]:
        one, other = random.choice(words), random.choice(words)
        return one[: len(one) // 2] + other[len(other) // 2 :]

    records = {number: record() for number in range(count)}
    rounds = [
        {number: record() for number in random.sample(range(count), max(1, round(count * _SHARE)))}
        for _ in range(_ROUNDS)
    ]
    asked = [record() for _ in range(_QUERIES)]
    return Workload(records, rounds, [one[:_SHORT] for one in asked], [one[:_LONG] for one in asked])


def _measure(name: str, workload: Workload) -> Outcome:
    process = psutil.Process()
    engine: Engine = ENGINES[name]()
    before = process.memory_info().rss
    started = time.process_time()
    engine.build(workload.records)
    build_seconds = time.process_time() - started
    megabytes = (process.memory_info().rss - before) / 1e6
    first = [list(engine.best(words, _FIRST)) for words in workload.long]
    given = Random(2).sample(sorted(workload.records), _FOUND)
    times = {
        "short": _median(lambda words: engine.best(words, _FOUND), workload.short),
        "long": _median(lambda words: engine.best(words, _FOUND), workload.long),
        "labelled": _median(lambda words: engine.best_labelled(words, _FOUND), workload.long),
        "given": _median(lambda words: engine.scores_of(words, given), workload.long),
    }
    rounds: list[float] = []
    now: dict[int, list[str]] = dict(workload.records)
    for number, some in enumerate(workload.rounds, 1):
        now |= some
        if number > _ENOUGH and rounds[0] > _SLOW:
            continue
        started = time.process_time()
        engine.replace(some)
        # Visible is what a search sees.
        engine.best(workload.short[0], 1)
        rounds.append(time.process_time() - started)
    if len(rounds) < len(workload.rounds):
        engine.replace({number: now[number] for some in workload.rounds[_ENOUGH:] for number in some})
    ones = []
    # A round's first records put in again, one by one, which changes nothing.
    for number in list(workload.rounds[-1])[: _ENOUGH if rounds[0] > _SLOW else _QUERIES]:
        started = time.process_time()
        engine.replace({number: now[number]})
        engine.best(workload.short[0], 1)
        ones.append(time.process_time() - started)
    times["after"] = _median(lambda words: engine.best(words, _FOUND), workload.long)
    fresh: Engine = ENGINES[name]()
    fresh.build(now)
    off, moved = _off(engine, fresh, workload.long)
    return Outcome(
        build_seconds=build_seconds,
        megabytes=megabytes,
        one=float(np.median(ones)) * 1_000,
        round=float(np.median(rounds)) * 1_000,
        off=off,
        moved=moved,
        first=first,
        **times,
    )


def _median(ask: Callable[[Sequence[str]], Scores], queries: Sequence[Sequence[str]]) -> float:
    return float(np.median([min(_timed(ask, words) for _ in range(_TRIES)) for words in queries])) * 1_000


def _timed(ask: Callable[[Sequence[str]], Scores], words: Sequence[str]) -> float:
    started = time.process_time()
    ask(words)
    return time.process_time() - started


def _off(engine: Engine, fresh: Engine, queries: Sequence[Sequence[str]]) -> tuple[float, float]:
    """How far scores are from a fresh build's, relatively and at most, and which share of first tens differs."""
    worst, moved = 0.0, 0
    for words in queries:
        right = fresh.best(words, _FOUND)
        found = engine.scores_of(words, list(right))
        worst = max(worst, *(abs(found.get(number, 0) / score - 1) for number, score in right.items()))
        # Among equals any order is right, so scores are compared, place by place.
        wanted = list(right.values())[:_FIRST]
        moved += not np.allclose([right.get(one, 0) for one in engine.best(words, _FIRST)], wanted, rtol=1e-5)
    return worst, moved / len(queries)


def _table(workload: Workload, outcomes: dict[str, Outcome]) -> Table:
    records: Records = workload.records
    vocabulary = len({word for words in records.values() for word in words})
    average = sum(map(len, records.values())) / len(records)
    ours = next(iter(outcomes.values()))
    table = Table(
        "", *outcomes,
        title=f"{len(records):,} records of {average:.0f} words, {vocabulary:,} different ones",
        caption=(
            f"Processor time; medians of {_QUERIES} queries for the best {_FOUND}.\n"
            f"A round replaces {_SHARE:.0%}; {_ROUNDS} of them are compared with a fresh build.\n"
            "Overlap is that of the first ten."
        ),
    )  # fmt: skip
    lines: dict[str, Callable[[Outcome], str]] = {
        "build, s": lambda one: f"{one.build_seconds:.1f}",
        "memory, MB": lambda one: f"{one.megabytes:.0f}",
        f"query of {_SHORT} words, ms": lambda one: f"{one.short:.1f}",
        f"query of {_LONG} words, ms": lambda one: f"{one.long:.1f}",
        "the same, filter keeps 1 %": lambda one: f"{one.labelled:.1f}",
        f"scores of {_FOUND} given records, ms": lambda one: f"{one.given:.1f}",
        "one record changed until visible, ms": lambda one: f"{one.one:.1f}",
        "1 % changed until visible, ms": lambda one: f"{one.round:.0f}",
        f"query of {_LONG} words after {_ROUNDS} rounds, ms": lambda one: f"{one.after:.1f}",
        "scores off a fresh build by up to": lambda one: f"{one.off:.2%}" if one.off > 1e-5 else "0",
        "first tens that differ from it": lambda one: f"{one.moved:.0%}",
        "overlap with own lists": lambda one: f"{_overlap(one.first, ours.first):.0%}",
    }
    for name, tell in lines.items():
        table.add_row(name, *(tell(outcome) for outcome in outcomes.values()))
    return table


def _overlap(some: Sequence[Sequence[int]], others: Sequence[Sequence[int]]) -> float:
    pairs = zip(some, others, strict=True)
    return float(np.mean([len({*one} & {*other}) / max(1, len(one)) for one, other in pairs]))


if __name__ == "__main__":
    main()
