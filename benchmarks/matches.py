"""How fast matches are answered, beside an answer of the same program that reads one row."""

import argparse
from dataclasses import dataclass
from uuid import UUID

from rich.table import Table

from benchmarks import filling
from benchmarks.client import Answers, load
from benchmarks.stage import Progress, api, stage
from schemas.vocabulary import Side
from service.platform.console import print_table, progress_bar

_NEEDS = 50
_CLIENTS = (1, 4)


@dataclass(frozen=True)
class Start:
    """How many capabilities there were, what the start began with, and the seconds until it was ready."""

    capabilities: int
    began_with: str
    seconds: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--capabilities", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--seconds", type=float, default=3, help="for each line of the table")
    asked = parser.parse_args()
    tables: list[Table] = []
    starts: list[Start] = []
    with progress_bar() as progress, stage(progress):
        organizations = filling.prepare()
        needs = filling.fill(Side.needs, _NEEDS, organizations, progress)
        there = 0
        for count in sorted(asked.capabilities):
            filling.fill(Side.capabilities, count - there, organizations, progress)
            there = count
            for began_with in ("tables", "snapshot"):
                with api() as (port, seconds):
                    starts.append(Start(count, began_with, seconds))
                    if began_with == "snapshot":
                        tables.append(_measure(port, count, needs, organizations[0], asked.seconds, progress))
    for table in (*tables, _started(starts)):
        print_table(table)


def _measure(
    port: int, count: int, needs: list[UUID], organization: UUID, seconds: float, progress: Progress
) -> Table:
    # What is made up fits nothing, so that without this every answer would be empty.
    matches = [f"/v1/needs/{need}/matches?min_score=0" for need in needs]
    questions = {
        "one organization": [f"/v1/organizations/{organization}"],
        "matches": matches,
        "reasons=false": [f"{path}&reasons=false" for path in matches],
        "1 % filter": [f"{path}&kind={filling.RARE_KIND}" for path in matches],
        "limit=100": [f"{path}&limit=100" for path in matches],
    }
    table = Table(
        "", "clients", "req/s", "p50 ms", "p99 ms", "p50 ratio", "kB",
        title=f"GET matches among {count:,} capabilities; ratio to the one organization",
    )  # fmt: skip
    for clients in _CLIENTS:
        one_row: Answers | None = None
        for done, (name, paths) in enumerate(questions.items(), 1):
            found = load(port, paths, clients, seconds)
            one_row = one_row or found
            table.add_row(
                name,
                str(clients),
                f"{found.per_second:.0f}",
                f"{found.quantile(0.5):.1f}",
                f"{found.quantile(0.99):.1f}",
                f"{found.quantile(0.5) / one_row.quantile(0.5):.1f}",
                f"{found.bytes_each / 1_000:.1f}",
                end_section=done == len(questions),
            )
            progress(f"{count} capabilities, {clients} client(s)", done / len(questions))
    return table


def _started(starts: list[Start]) -> Table:
    table = Table(
        "capabilities", "index read from", "s", "beside the first", title="From the API's start to ready"
    )
    for start in starts:
        table.add_row(
            f"{start.capabilities:,}",
            start.began_with,
            f"{start.seconds:.1f}",
            f"{start.seconds / starts[0].seconds:.2f}",
        )
    return table


if __name__ == "__main__":
    main()
