"""How long a page with twenty matches takes, beside the JSON answer that it shows."""

import argparse
import os
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.table import Table

from benchmarks import filling
from benchmarks.client import Answers, load
from benchmarks.stage import api, stage
from matching.score import shipped_scoring
from schemas.vocabulary import Side
from service.platform.console import print_table, progress_bar

_NEEDS = 50
_CLIENTS = (1, 4)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--capabilities", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=3, help="for each line of the table")
    asked = parser.parse_args()
    table = Table(
        "", "clients", "req/s", "p50 ms", "p99 ms", "p50 ratio", "kB",
        title=f"A need with twenty matches among {asked.capabilities:,}; ratio to the JSON",
    )  # fmt: skip
    with TemporaryDirectory() as folder, progress_bar() as progress:
        # What is made up fits nothing, so that the shipped threshold would leave every page empty.
        scoring = Path(folder) / "scoring.json"
        scoring.write_text(shipped_scoring().model_copy(update={"good_from": 0.0}).model_dump_json())
        os.environ["DUIJIE_SCORING"] = str(scoring)
        with stage(progress):
            organizations = filling.prepare()
            needs = filling.fill(Side.needs, _NEEDS, organizations, progress)
            filling.fill(Side.capabilities, asked.capabilities, organizations, progress)
            with api() as (port, _):
                for clients in _CLIENTS:
                    answered: Answers | None = None
                    for name, path in (("JSON", "/v1/needs/{}/matches?limit=20"), ("page", "/needs/{}")):
                        found = load(port, [path.format(need) for need in needs], clients, asked.seconds)
                        answered = answered or found
                        table.add_row(
                            name,
                            str(clients),
                            f"{found.per_second:.0f}",
                            f"{found.quantile(0.5):.1f}",
                            f"{found.quantile(0.99):.1f}",
                            f"{found.quantile(0.5) / answered.quantile(0.5):.2f}",
                            f"{found.bytes_each / 1_000:.1f}",
                            end_section=name == "page",
                        )
    print_table(table)


if __name__ == "__main__":
    main()
