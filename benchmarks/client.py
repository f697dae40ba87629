"""Clients in a process of their own, so that they do not wait for the interpreter of whoever measures."""

import json
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection
from itertools import count
from multiprocessing import get_context
from typing import Any

import numpy as np

from benchmarks.stage import HOST, OPERATOR_KEY

_HEADERS = {"Authorization": f"Bearer {OPERATOR_KEY}"}


@dataclass(frozen=True)
class Answers:
    """How long each request took, in seconds, and all of them together."""

    times: list[float]
    seconds: float
    bytes_each: int

    @property
    def per_second(self) -> float:
        return len(self.times) / self.seconds

    def quantile(self, share: float) -> float:
        """Milliseconds."""
        return float(np.quantile(self.times, share)) * 1_000


class Client:
    """One kept connection."""

    def __init__(self, port: int) -> None:
        self._connection = HTTPConnection(HOST, port, timeout=120)

    def close(self) -> None:
        self._connection.close()

    def get(self, path: str) -> bytes:
        return self._ask("GET", path, 200)

    def post(self, path: str, body: Any) -> Any:
        content = json.dumps(body, ensure_ascii=False).encode()
        return json.loads(self._ask("POST", path, 201, content, "application/json"))

    def _ask(self, method: str, path: str, wanted: int, body: bytes | None = None, kind: str = "") -> bytes:
        self._connection.request(method, path, body, _HEADERS | ({"Content-Type": kind} if kind else {}))
        answer = self._connection.getresponse()
        content = answer.read()
        if answer.status != wanted:
            raise RuntimeError(f"{method} {path}: {answer.status} {content.decode(errors='replace')[:500]}")
        return content


def load(port: int, paths: Sequence[str], clients: int, seconds: float) -> Answers:
    """Ask for ``paths`` in turn, over and over, by so many clients at once."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(_load, port, paths, clients, seconds).result()


def _load(port: int, paths: Sequence[str], clients: int, seconds: float) -> Answers:
    # Caches and connections on the other side are filled before anything counts.
    _ask_until(port, paths, 0, time.perf_counter() + seconds / 4)
    started = time.perf_counter()
    with ThreadPoolExecutor(clients) as threads:
        asked = [
            threads.submit(_ask_until, port, paths, number, started + seconds) for number in range(clients)
        ]
        found = [one for each in asked for one in each.result()]
    took = time.perf_counter() - started
    return Answers([one for one, _ in found], took, sum(size for _, size in found) // len(found))


def _ask_until(port: int, paths: Sequence[str], first: int, end: float) -> list[tuple[float, int]]:
    with closing(Client(port)) as client:
        return list(_asked(client, paths, first, end))


def _asked(client: Client, paths: Sequence[str], first: int, end: float) -> Iterator[tuple[float, int]]:
    for turn in count(first):
        started = time.perf_counter()
        content = client.get(paths[turn % len(paths)])
        yield time.perf_counter() - started, len(content)
        # After the first, so that even a slow service is asked once.
        if time.perf_counter() > end:
            return
