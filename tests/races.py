"""Many who do something at the same moment."""

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from itertools import cycle, islice
from threading import Barrier
from typing import TypeVar

import httpx2 as httpx
from sqlalchemy import text

from service.platform import db

Answer = TypeVar("Answer")

MANY = 32
# Somebody who never comes must not keep the others waiting for good.
_PATIENCE = 60


def race(runners: Sequence[Callable[[], Answer]]) -> list[Answer]:
    """Run all at once, each on a thread of its own; what each gave, in their order. What one raises is raised."""
    together = Barrier(len(runners))

    def run(runner: Callable[[], Answer]) -> Answer:
        together.wait(_PATIENCE)
        return runner()

    with ThreadPoolExecutor(len(runners)) as threads:
        return list(threads.map(run, runners))


def held_up(threads: ThreadPoolExecutor, runner: Callable[[], Answer]) -> Future[Answer]:
    """Start it on another thread. It is back once it waits for a row that somebody holds; or was not held up at all."""
    started = threads.submit(runner)
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    while not wait([started], timeout=0.02).done:
        with db.transaction() as looking:
            if looking.execute(waiting).scalar_one():
                break
    return started


def many(*runners: Callable[[], Answer], count: int = MANY) -> list[Callable[[], Answer]]:
    """``count`` of them, taken in turn."""
    return list(islice(cycle(runners), count))


def statuses(answers: Sequence[httpx.Response]) -> dict[int, int]:
    """How many got which status. Whoever lost a race is told 409, with the state that it lost to."""
    lost = [answer for answer in answers if answer.status_code == httpx.codes.CONFLICT]
    assert all("status_now" in answer.json() for answer in lost), [answer.text for answer in lost]
    return dict(Counter(answer.status_code for answer in answers))
