"""Free texts of many requests at once: each encoded by itself, and together, as the queue does."""

import argparse
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import cycle, islice
from random import Random

from rich.table import Table

from benchmarks import wordstock
from benchmarks.stage import Progress, stage, worker
from schemas.embedding import EncoderModel
from schemas.vocabulary import Side
from service.matches.encoders import EncodedText, encode
from service.matches.encoding_queue import EncodingQueue, Wanted
from service.matches.live_index import serving_model
from service.platform.console import output, progress_bar
from service.platform.db import transaction
from service.platform.settings import settings
from service.postings.texts import Writing

_SIDE = Side.needs
Encoding = Callable[[Sequence[str]], object]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=int, default=240, help="of each length")
    asked = parser.parse_args()
    with progress_bar() as progress, stage(progress):
        with worker():  # It registers the model.
            pass
        with transaction() as session:
            model = serving_model(session)
        assert model is not None
        table = _measure(model, asked.texts, progress)
    output.print(table)


def _measure(model: EncoderModel, count: int, progress: Progress) -> Table:
    threads = settings().api_threads
    ways: dict[str, Encoding] = {
        "one by one, 1 thread": lambda texts: [_alone(model, text) for text in texts],
        f"one by one, {threads} threads": lambda texts: _by_threads(model, texts, threads),
        "together, by the queue": lambda texts: _by_queue(model, texts),
    }
    table = Table("characters", *ways, "queue beside one by one", title=f"texts/s, {count} texts at once")
    rows = [one["description"] for one in wordstock.capabilities(Random(1), count)]
    for length in (20, 100, 400):
        texts = ["".join(islice(cycle(one), length)) for one in rows]
        speeds = []
        for name, way in ways.items():
            progress(f"{length}: {name}", 0)
            way(texts[:8])
            started = time.perf_counter()
            way(texts)
            speeds.append(count / (time.perf_counter() - started))
            progress(f"{length}: {name}", 1)
        table.add_row(str(length), *(f"{one:.0f}" for one in speeds), f"{speeds[2] / speeds[0]:.2f}")
    return table


def _alone(model: EncoderModel, text: str) -> list[EncodedText]:
    return encode(model, _SIDE, [Writing(text)])


def _by_threads(model: EncoderModel, texts: Sequence[str], count: int) -> object:
    with ThreadPoolExecutor(count) as threads:
        return list(threads.map(lambda text: _alone(model, text), texts))


def _by_queue(model: EncoderModel, texts: Sequence[str]) -> object:
    """As many at a time as may wait."""
    queue = EncodingQueue()
    some = settings().encoding_queue
    promised: list[Future[list[EncodedText]]] = []
    for start in range(0, len(texts), some):
        promised = [queue.put(Wanted(model, _SIDE, (Writing(text),))) for text in texts[start : start + some]]
        for one in promised:
            one.result()
    return promised


if __name__ == "__main__":
    main()
