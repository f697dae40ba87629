"""The memory that an import takes, in the API's process and in the worker's, by the size and kind of its file."""

import argparse
import io
import multiprocessing
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from random import Random

from rich.table import Table

from benchmarks.memory import peak_beside
from benchmarks.wordstock import description, title
from schemas.vocabulary import Side
from service.platform.console import output
from service.platform.sheets import csv_file, xlsx_file
from service.postings.files import look_at_file, read_file
from service.postings.unreadable_file import UnreadableFile

_ROWS = 1_000_000
_MEGABYTE = 1_000_000

Maker = Callable[[int], tuple[str, bytes]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, nargs="+", default=[1, 10, 50])
    asked = parser.parse_args()
    table = Table(
        "", "MB", "taken: MB more", "read: MB more", "read: s", "ended",
        title="Peak memory beside that of a process that has imported the program",
    )  # fmt: skip
    makers: dict[str, Maker] = {"csv": _csv, "xlsx": _xlsx, "xlsx of a million columns": _wide}
    # Each in a process of its own: a peak never falls.
    context = multiprocessing.get_context("spawn")
    for name, make in makers.items():
        for size in asked.megabytes if make is not _wide else [0]:
            file_name, content = make(size * _MEGABYTE)
            with tempfile.NamedTemporaryFile() as file:
                file.write(content)
                file.flush()
                row = [name, f"{len(content) / _MEGABYTE:.1f}"]
                del content
                with context.Pool(1, maxtasksperchild=1) as pool:
                    taken, _, _ = pool.apply(_measured, (_take, file_name, file.name))
                with context.Pool(1, maxtasksperchild=1) as pool:
                    read, seconds, ended = pool.apply(_measured, (_read, file_name, file.name))
            table.add_row(*row, f"{taken:.0f}", f"{read:.0f}", f"{seconds:.1f}", ended)
    output.print(table)


def _measured(
    work: Callable[[str, io.BufferedReader], None], name: str, path: str
) -> tuple[float, float, str]:
    ended = "read"

    def watched() -> None:
        nonlocal ended
        with Path(path).open("rb") as file:
            try:
                work(name, file)
            except UnreadableFile as refused:
                ended = str(refused)

    started = time.process_time()
    more = peak_beside(watched)
    return more, time.process_time() - started, ended


def _take(name: str, file: io.BufferedReader) -> None:
    """What the API does with the bytes, but for writing them to the database piece by piece."""
    look_at_file(name, file, Side.needs)


def _read(name: str, file: io.BufferedReader) -> None:
    for _ in read_file(name, file, Side.needs, _ROWS).rows:
        pass


def _csv(size: int) -> tuple[str, bytes]:
    random = Random(1)
    lines = [[title(random), description(random)] for _ in range(1_000)]
    once = csv_file([["需求名称", "需求描述"], *lines])
    more = csv_file(lines)[3:]
    return "a.csv", once + more * (size // len(more))


def _xlsx(size: int) -> tuple[str, bytes]:
    random, count = Random(1), max(100, size // 260)
    # Chance, which does not compress: as large unpacked as a file of so many megabytes well can be.
    lines = ([f"{title(random)}{number}", random.randbytes(200).hex()] for number in range(count))
    return "a.xlsx", xlsx_file({"需求": [["需求名称", "需求描述"], *lines]})


def _wide(_: int) -> tuple[str, bytes]:
    sheet, written = xlsx_file({"需求": [["需求名称"], ["甲"]]}), io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(sheet)) as old,
        zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for part in old.namelist():
            new.writestr(part, old.read(part).replace(b"</row>", b"<c><v>1</v></c>" * 1_000_000 + b"</row>"))
    return "a.xlsx", written.getvalue()


if __name__ == "__main__":
    main()
