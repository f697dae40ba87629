"""What searches and changes wait for while a snapshot of the index is written, and the memory that writing takes."""

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread

import numpy as np
from rich.table import Table

from benchmarks.memory import peak_beside, resident
from benchmarks.stages import AT_ONCE, DIM, asking, entries, serving
from matching.index import MatchIndex
from schemas.match import MatchFilters
from service.matches.ranking import rank
from service.platform.console import output, print_table, progress_bar

# So often in turn, with and without; of each kind of call so many seconds.
_ROUNDS, _SECONDS = 3, 4.0
_NEEDS = 60
_CHANGED = 10


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--capabilities", type=int, nargs="+", default=[100_000])
    asked = parser.parse_args()
    table = Table(
        "", "capabilities", "snapshot", "p50 ms", "p99 ms", "p50 ratio", "p99 ratio",
        title="Beside a snapshot that is written, and without one",
    )  # fmt: skip
    said: list[str] = []
    rng = np.random.default_rng(0)
    index = MatchIndex(DIM)
    with progress_bar() as progress:
        for count in sorted(asked.capabilities):
            while len(index) < count:
                index.upsert(entries(rng, len(index), min(AT_ONCE, count - len(index))))
                progress(f"{count} capabilities", len(index) / count)
            _measure(table, index, rng, count)
            said.append(_memory(index, count))
    print_table(table)
    for line in said:
        output.print(line)


def _measure(table: Table, index: MatchIndex, rng: np.random.Generator, count: int) -> None:
    needs, bare, served = [asking(rng) for _ in range(_NEEDS)], MatchFilters(), serving(index)
    changed = entries(rng, 0, _CHANGED)
    calls: dict[str, Callable[[int], object]] = {
        "a need's matches": lambda turn: rank(served, needs[turn % _NEEDS], bare, {}),
        f"{_CHANGED} postings anew": lambda _: index.upsert(changed),
    }
    for name, call in calls.items():
        times: dict[str, list[float]] = {"none": [], "written": []}
        for _ in range(_ROUNDS):
            times["none"] += _timed(call)
            with _writing(index):
                times["written"] += _timed(call)
        base = np.quantile(times["none"], (0.5, 0.99))
        for kind, found in times.items():
            now = np.quantile(found, (0.5, 0.99))
            table.add_row(
                name,
                f"{count:,}",
                kind,
                *(f"{one * 1000:.1f}" for one in now),
                *(f"{one:.1f}" for one in now / base),
                end_section=kind == "written",
            )


def _timed(call: Callable[[int], object]) -> list[float]:
    found: list[float] = []
    ends_at = time.perf_counter() + _SECONDS
    while (started := time.perf_counter()) < ends_at:
        call(len(found))
        found.append(time.perf_counter() - started)
    return found


@contextmanager
def _writing(index: MatchIndex) -> Iterator[None]:
    """One snapshot after the other, as no service ever writes them: every call meets one."""
    stop = Event()

    def write() -> None:
        while not stop.is_set():
            _write(index)

    thread = Thread(target=write)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _write(index: MatchIndex) -> float:
    """Seconds that it took."""
    started = time.perf_counter()
    with tempfile.TemporaryFile() as file:
        index.save(file)
    return time.perf_counter() - started


def _memory(index: MatchIndex, count: int) -> str:
    took: list[float] = []
    before = resident()
    more = peak_beside(lambda: took.append(_write(index)))
    return (
        f"{count:,}: one snapshot takes {took[0]:.1f} s, and {more:.0f} MB at most "
        f"beside the {before:.0f} MB of the process ({more / before:.2f})."
    )


if __name__ == "__main__":
    main()
