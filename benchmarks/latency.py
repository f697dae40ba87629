"""How long a capability takes from its 201 until it is in the matches of a need, beside the 201 itself."""

import argparse
import io
import json
import time
from contextlib import closing
from random import Random

import numpy as np
from rich.table import Table
from sqlalchemy import select
from sqlmodel import col

from benchmarks import wordstock
from benchmarks.client import Client
from benchmarks.stage import OPERATOR_KEY, Progress, api, stage, wait, worker
from schemas.outbox import OutboxMessage, Topic
from schemas.vocabulary import Side
from service.access.principal import principal_for
from service.platform.console import print_table, progress_bar
from service.platform.db import transaction
from service.postings import imports

_IMPORTED_AT_ONCE = 300
# The rest of an import that is nearly done would not be in the way of anything.
_FEWEST_OWED = 100
# Little beside what is measured, and enough for the service to do something else than to answer.
_PAUSE = 0.005

Times = tuple[list[float], list[float]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--postings", type=int, default=30)
    asked = parser.parse_args()
    with (
        progress_bar() as progress,
        stage(progress),
        worker(),
        api() as (port, _),
        closing(Client(port)) as client,
    ):
        found = _measure(client, asked.postings, progress)

    table = Table(
        "", "p50 ms", "p95 ms", "max ms", "p50 ratio",
        title=f"{asked.postings} capabilities, one after the other",
    )  # fmt: skip
    for name, (posted, matchable) in found.items():
        base = float(np.median(posted))
        table.add_row(f"{name}: until the 201", *_row(posted, base))
        table.add_row(f"{name}: 201 to matchable", *_row(matchable, base), end_section=True)
    print_table(table)


def _row(times: list[float], base: float) -> list[str]:
    figures = [np.quantile(times, share) * 1_000 for share in (0.5, 0.95, 1)]
    return [*(f"{figure:.0f}" for figure in figures), f"{np.median(times) / base:.1f}"]


def _measure(client: Client, count: int, progress: Progress) -> dict[str, Times]:
    random = Random(1)
    title, description = wordstock.title(random), wordstock.description(random)
    need = client.post("/v1/needs", {"title": title, "description": description, "publish": True})["id"]
    wait(lambda: json.loads(client.get(f"/v1/needs/{need}/matches"))["status"] == "ready")
    # The need's own words, and a number: among the first of its matches, whatever else there is.
    bodies = [
        {"kind": "achievement", "title": f"{title}{number}", "description": description, "publish": True}
        for number in range(2 * count + 1)
    ]
    _post(client, need, bodies.pop(), len(bodies))
    found: dict[str, Times] = {"idle": ([], []), "importing": ([], [])}
    for name, (posted, matchable) in found.items():
        for done in range(count):
            if name == "importing":
                _keep_importing(random)
            took = _post(client, need, bodies.pop(), 2 * count + 1)
            posted.append(took[0])
            matchable.append(took[1])
            progress(f"one by one, {name}", (done + 1) / count)
    return found


def _post(client: Client, need: str, body: dict[str, object], among: int) -> tuple[float, float]:
    """Seconds until the 201, and from then until it is among the need's first matches."""
    started = time.perf_counter()
    posted = client.post("/v1/capabilities", body)["id"]
    answered = time.perf_counter()
    wait(
        lambda: posted in _ids(client, f"/v1/needs/{need}/matches?reasons=false&limit={among}"), pause=_PAUSE
    )
    return answered - started, time.perf_counter() - answered


def _ids(client: Client, path: str) -> set[str]:
    return {item["capability"]["id"] for item in json.loads(client.get(path))["items"]}


def _keep_importing(random: Random) -> None:
    """See to it that an import is under way, or that a good part of one waits to be indexed."""
    with transaction() as session:
        topics = list(session.execute(select(col(OutboxMessage.topic))).scalars())
        if Topic.import_posted in topics or topics.count(Topic.capability_changed) > _FEWEST_OWED:
            return
        imports.post_import(
            session,
            principal_for(session, OPERATOR_KEY),
            kind=Side.capabilities,
            publish=True,
            file_name="postings.jsonl",
            file=io.BytesIO(wordstock.jsonl(wordstock.capabilities(random, _IMPORTED_AT_ONCE))),
            language="en",
        )


if __name__ == "__main__":
    main()
