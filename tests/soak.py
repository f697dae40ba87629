"""`make soak`: four roles at work for minutes while processes are killed at random; then everything is counted."""

import argparse
import random
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Any

import httpx2 as httpx
import psutil
from rich.table import Table

from service.platform.console import output, print_table
from tests.running import Program, answers, wait_for

_PARTS = ("api", "worker", "database")
_TEXTS = ("棉花打顶机械", "盐碱地改良", "红枣分级设备", "残膜回收", "节水灌溉")
_SETTLED = 300.0


@dataclass
class Found:
    """What a soak has seen. ``memory`` and ``descriptors``: by process, the samples in order."""

    posted: set[str] = field(default_factory=set)
    kept: Counter[str] = field(default_factory=Counter)
    answers: Counter[tuple[str, str]] = field(default_factory=Counter)
    kills: Counter[str] = field(default_factory=Counter)
    memory: dict[str, list[float]] = field(default_factory=dict)
    descriptors: dict[str, list[int]] = field(default_factory=dict)
    waiting: int = 0

    @property
    def lost(self) -> set[str]:
        return self.posted - self.kept.keys()

    @property
    def doubled(self) -> set[str]:
        return {one for one, times in self.kept.items() if times > 1}


class _Role:
    """One caller that goes on until told to stop, whatever it is answered."""

    def __init__(self, name: str, client: httpx.Client, found: Found) -> None:
        self.name, self.client, self.found = name, client, found

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response | None:
        """None where nobody answered, or could."""
        try:
            answer = self.client.request(method, path, **more)
        except httpx.TransportError:
            self.found.answers[self.name, "no answer"] += 1
            time.sleep(0.2)
            return None
        self.found.answers[self.name, f"{answer.status_code // 100}xx"] += 1
        if answer.status_code in {429, 503}:
            time.sleep(min(float(answer.headers.get("Retry-After", 1)), 2))
        return answer

    def keep_on(self, act: Callable[["_Role", int], None], stop: Event) -> None:
        number = 0
        while not stop.is_set():
            number += 1
            act(self, number)


def _post(role: _Role, number: int) -> None:
    """Post a need, and again until it is taken: the same one, by its key and by its external id."""
    external_id = f"soak-{number}"
    body = {"title": f"{random.choice(_TEXTS)}{number}", "external_id": external_id, "publish": True}
    for _ in range(100):
        answer = role.ask("POST", "/v1/needs", json=body, headers={"Idempotency-Key": external_id})
        if answer is not None and answer.is_success:
            role.found.posted.add(external_id)
            return


def _match(role: _Role, number: int) -> None:
    role.ask("POST", "/v1/matches", json={"text": random.choice(_TEXTS), "looking_for": "needs", "limit": 5})
    if number % 5 == 0:
        role.ask("GET", "/v1/capabilities", params={"limit": 20, "facets": True})


def _read(role: _Role, number: int) -> None:
    role.ask("GET", ("/v1/needs?limit=20", "/feeds/needs.atom", "/", "/v1/statistics")[number % 4])


def _operate(role: _Role, number: int) -> None:
    role.ask("GET", ("/v1/audit?limit=20", "/v1/organizations", "/metrics", "/readyz")[number % 4])
    time.sleep(0.1)


def soak(folder: Path, minutes: float, kill_every: float = 20.0) -> Found:
    """Run the whole program in ``folder``, at work and being killed, then at rest; and count."""
    found = Found()
    program = Program(folder, RATE_LIMITS="null")
    try:
        program.start()
        member = program.member()
        clients = {
            "poster": member,
            "seeker": member,
            "reader": program.client(),
            "operator": program.client(),
        }
        acts = {"poster": _post, "seeker": _match, "reader": _read, "operator": _operate}
        stop, ends = Event(), time.monotonic() + minutes * 60
        with ThreadPoolExecutor(len(acts)) as threads:
            for name, act in acts.items():
                threads.submit(_Role(name, clients[name], found).keep_on, act, stop)
            try:
                _kill_at_random(program, found, ends, kill_every)
            finally:
                stop.set()
        wait_for(lambda: _settled(program, found), _SETTLED)
        _sample(program, found)
        found.kept = _kept(member)
    finally:
        program.end()
    return found


def _kill_at_random(program: Program, found: Found, ends: float, every: float) -> None:
    next_kill = time.monotonic() + every
    while time.monotonic() < ends:
        time.sleep(1)
        _sample(program, found)
        if time.monotonic() >= next_kill:
            part = random.choice(_PARTS)
            # A part that is still on its way back is left alone.
            with suppress(psutil.Error, FileNotFoundError, AssertionError):
                program.kill(part)
                found.kills[part] += 1
            next_kill = time.monotonic() + random.uniform(0.5, 1.5) * every


def _sample(program: Program, found: Found) -> None:
    assert program.process is not None
    processes = {"supervisor": psutil.Process(program.process.pid), "api": None, "worker": None}
    for name in ("api", "worker"):
        with suppress(psutil.Error):
            processes[name] = program.part(name)
    for name, process in processes.items():
        with suppress(psutil.Error):
            if process is not None:
                found.memory.setdefault(name, []).append(process.memory_info().rss / 1e6)
                found.descriptors.setdefault(name, []).append(process.num_fds())


def _settled(program: Program, found: Found) -> bool:
    """Whether everything answers again and no need waits to be encoded."""
    client = program.client()
    answer = answers(lambda: client.get("/v1/needs", params={"facets": True, "limit": 1}))
    ready = answers(lambda: client.get("/readyz"))
    if answer is None or ready is None or not ready.json()["worker"]:
        return False
    found.waiting = answer.json()["facets"]["index_status"].get("pending", 0)
    return found.waiting == 0


def _kept(member: httpx.Client) -> Counter[str]:
    kept: Counter[str] = Counter()
    cursor = None
    while True:
        asked = {"limit": 100, "mine": True, **({"cursor": cursor} if cursor else {})}
        page = member.get("/v1/needs", params=asked).json()
        kept.update(one["external_id"] for one in page["items"])
        cursor = page["next_cursor"]
        if cursor is None:
            return kept


def tables(found: Found) -> list[Table]:
    counted = Table("posted", "lost", "doubled", "still waiting", *(f"{part} killed" for part in _PARTS))
    counted.add_row(
        str(len(found.posted)),
        str(len(found.lost)),
        str(len(found.doubled)),
        str(found.waiting),
        *(str(found.kills[part]) for part in _PARTS),
    )
    kinds = sorted({kind for _, kind in found.answers})
    answered = Table("role", *kinds)
    for role in sorted({role for role, _ in found.answers}):
        answered.add_row(role, *(str(found.answers[role, kind]) for kind in kinds))
    held = Table(
        "process", "MB, first third", "last third", "ratio", "descriptors, first third", "last third"
    )
    for name, memory in found.memory.items():
        third = max(1, len(memory) // 3)
        descriptors = found.descriptors[name]
        before, after = max(memory[:third]), max(memory[-third:])
        held.add_row(
            name,
            f"{before:.0f}",
            f"{after:.0f}",
            f"{after / before:.2f}",
            str(max(descriptors[:third])),
            str(max(descriptors[-third:])),
        )
    return [counted, answered, held]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--kill-every", type=float, default=20, help="seconds, more or less")
    parser.add_argument("--seed", type=int, default=None, help="of what is killed, and when")
    asked = parser.parse_args()
    random.seed(asked.seed)
    with tempfile.TemporaryDirectory(prefix="duijie-soak-") as folder:
        found = soak(Path(folder), asked.minutes, asked.kill_every)
    for table in tables(found):
        print_table(table)
    if found.lost or found.doubled or found.waiting:
        output.print(
            f"lost: {sorted(found.lost)}; doubled: {sorted(found.doubled)}; waiting: {found.waiting}"
        )
        raise SystemExit(1)


if __name__ == "__main__":
    main()
