"""How much memory, disk and time an installation takes, by the number of its postings."""

import argparse
from contextlib import suppress
from pathlib import Path

import psutil
from rich.table import Table
from sqlalchemy import text

from benchmarks import filling
from benchmarks.client import load
from benchmarks.stage import api, stage
from schemas.vocabulary import Side
from service.platform.console import print_table, progress_bar
from service.platform.db import transaction

_NEEDS = 50


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--capabilities", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--seconds", type=float, default=5, help="of matches, for each line")
    asked = parser.parse_args()
    table = Table(
        "postings", "API MB", "beside the first", "database MB on disk", "snapshot MB", "ready after s",
        "matches/s", "p95 ms", title="One API process; half a dozen clients would use two of them",
    )  # fmt: skip
    there, first = 0, 0.0
    with progress_bar() as progress, stage(progress) as folder:
        organizations = filling.prepare()
        needs = filling.fill(Side.needs, _NEEDS, organizations, progress)
        paths = [f"/v1/needs/{need}/matches?min_score=0" for need in needs]
        for count in sorted(asked.capabilities):
            filling.fill(Side.capabilities, count - there, organizations, progress)
            there = count
            # The first start writes the snapshot that the second one reads.
            with api():
                pass
            with api() as (port, seconds):
                found = load(port, paths, 2, asked.seconds)
                memory = _memory_of_api()
            first = first or memory
            table.add_row(
                f"{count:,}",
                f"{memory:.0f}",
                f"{memory / first:.2f}",
                f"{_database_megabytes():.0f}",
                f"{_megabytes(folder / 'index'):.0f}",
                f"{seconds:.1f}",
                f"{found.per_second:.0f}",
                f"{found.quantile(0.95):.0f}",
            )
    print_table(table)


def _memory_of_api() -> float:
    """Proportional set size, in MB, of the processes that this one has started."""
    total = 0.0
    for child in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            if "api" in child.cmdline():
                total += child.memory_full_info().pss / 1e6
    return total


def _database_megabytes() -> float:
    with transaction() as session:
        size = session.execute(text("SELECT pg_database_size(current_database())")).scalar_one()
    return float(size) / 1e6


def _megabytes(folder: Path) -> float:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6


if __name__ == "__main__":
    main()
