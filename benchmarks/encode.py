"""How fast an import is encoded through the worker, beside the bare model over the same texts."""

import argparse
import io
import time
from collections.abc import Sequence
from random import Random

from rich.table import Table
from sqlalchemy import func, select
from sqlmodel import Session, col

from benchmarks import wordstock
from benchmarks.stage import OPERATOR_KEY, Progress, stage, wait, worker
from schemas.capability import Capability
from schemas.embedding import EncoderModel
from schemas.import_run import ImportRun, ImportStatus
from schemas.posting import IndexStatus
from schemas.vocabulary import Side
from service.access.principal import principal_for
from service.matches.encoders import PROMPT_OF, encode, encoder_for
from service.matches.live_index import serving_model
from service.platform.console import print_table, progress_bar
from service.platform.db import transaction
from service.platform.settings import settings
from service.postings import imports
from service.postings.texts import Writing


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--postings", type=int, default=600)
    asked = parser.parse_args()
    with progress_bar() as progress, stage(progress):
        table = _measure(asked.postings, progress)
    print_table(table)


def _measure(count: int, progress: Progress) -> Table:
    rows = wordstock.capabilities(Random(1), count)
    texts = ["\n".join((row["title"], row["description"])) for row in rows]
    bare = [_bare(texts, "bare model, before", progress)]
    with worker():
        taken_in, through = _through_worker(wordstock.jsonl(rows), count, progress)
    with transaction() as session:
        model = serving_model(session)
    assert model is not None
    batched = _batched(model, texts, progress)
    # Other work on the machine comes and goes: the bare model on both sides of what it is compared with.
    bare.append(_bare(texts, "bare model, after", progress))
    seconds = sum(bare) / len(bare)

    table = Table(
        "", "s", "texts/s", "of the bare model",
        title=f"{count} capabilities of {sum(map(len, texts)) / count:.0f} characters, "
        f"{settings().encoder_threads} encoder thread(s), batches of {settings().index_batch}",
    )  # fmt: skip
    for name, took in (
        ("bare model, before", bare[0]),
        ("bare model, after", bare[1]),
        ("encoding as the worker does", batched),
        ("worker, until all indexed", through),
        ("  until the last row is in", taken_in),
    ):
        table.add_row(name, f"{took:.2f}", f"{count / took:.1f}", f"{seconds / took:.2f}")
    table.caption = (
        f"Of the worker's time {1 - batched / through:.0%} lies outside encoding,\n"
        f"{1 - seconds / through:.0%} outside the bare model."
    )
    return table


def _bare(texts: Sequence[str], name: str, progress: Progress) -> float:
    encoder = encoder_for(settings().model)
    encoder.encode(texts[:32], side=PROMPT_OF[Side.capabilities])
    progress(name, 0)
    started = time.perf_counter()
    encoder.encode(texts, side=PROMPT_OF[Side.capabilities])
    took = time.perf_counter() - started
    progress(name, 1)
    return took


def _batched(model: EncoderModel, texts: Sequence[str], progress: Progress) -> float:
    step = settings().index_batch
    started = time.perf_counter()
    for start in range(0, len(texts), step):
        encode(model, Side.capabilities, [Writing(text) for text in texts[start : start + step]])
        progress("encoding by the batch", (start + step) / len(texts))
    return time.perf_counter() - started


def _through_worker(file: bytes, count: int, progress: Progress) -> tuple[float, float]:
    """Seconds until the last row was taken in, and until all were indexed."""
    started = time.perf_counter()
    with transaction() as session:
        run = imports.post_import(
            session,
            principal_for(session, OPERATOR_KEY),
            kind=Side.capabilities,
            publish=True,
            file_name="postings.jsonl",
            file=io.BytesIO(file),
            language="en",
        )
    taken_in = 0.0

    def all_indexed() -> bool:
        nonlocal taken_in
        with transaction() as session:
            status = session.get_one(ImportRun, run.id).status
            indexed = _indexed(session)
        if status is not ImportStatus.running and not taken_in:
            taken_in = time.perf_counter() - started
        progress("through the worker", indexed / count)
        return indexed == count

    wait(all_indexed)
    return taken_in, time.perf_counter() - started


def _indexed(session: Session) -> int:
    indexed = select(func.count(col(Capability.id))).where(
        col(Capability.index_status) == IndexStatus.indexed
    )
    return int(session.execute(indexed).scalar_one())


if __name__ == "__main__":
    main()
