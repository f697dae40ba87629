"""What minds processes: it starts them again, and finds those that a killed one left behind."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.commands import attached, supervisor
from service.commands.supervisor import Child
from service.platform import loops
from tests.running import wait_for

# Deaf to being told to end, as one that hangs is.
_DEAF = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("deaf", flush=True)
time.sleep(600)
"""
# Starts an attached module that stays, says which process it is, and waits to be killed.
_STARTER = """
import pathlib, subprocess, sys, time
from service.commands import attached
child = subprocess.Popen(attached.command(pathlib.Path(sys.argv[1]), "http.server", "0", "--bind", "127.0.0.1"))
print(child.pid, flush=True)
time.sleep(600)
"""


@pytest.fixture
def started() -> Iterator[list[subprocess.Popen[bytes]]]:
    made: list[subprocess.Popen[bytes]] = []
    yield made
    for process in made:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def start(code: str, *arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", code, *arguments], stdout=subprocess.PIPE)


def first_line(process: subprocess.Popen[bytes]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().decode().strip()


def test_what_keeps_dying_is_started_again_after_growing_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loops, "_FIRST_PAUSE", 0.001)
    told: list[float] = []
    monkeypatch.setattr(supervisor.log, "error", lambda said, **more: told.append(more["pause"]))
    child = Child("short", "a.module.that.is.not.there")

    def minded() -> bool:
        child.mind()
        return len(told) == 4

    wait_for(minded)
    child.stop()

    assert told == [0.001, 0.002, 0.004, 0.008]


def test_what_ran_well_for_long_begins_with_the_shortest_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[float] = []
    monkeypatch.setattr(supervisor.log, "error", lambda said, **more: told.append(more["pause"]))
    child = Child("short", "a.module.that.is.not.there")
    child.process.wait()
    child.failures, child.started_at = 5, child.started_at - 100

    child.mind()

    assert told == [1]


def test_a_child_ends_with_the_process_that_started_it(
    tmp_path: Path, started: list[subprocess.Popen[bytes]]
) -> None:
    starter = start(_STARTER, str(tmp_path))
    started.append(starter)
    child = int(first_line(starter))
    wait_for(lambda: b"http.server" in Path(f"/proc/{child}/cmdline").read_bytes())

    starter.kill()
    starter.wait()

    wait_for(lambda: not _runs(child))


def test_a_child_whose_starter_is_gone_before_it_can_follow_ends_at_once(tmp_path: Path) -> None:
    command = attached.command(tmp_path, "http.server", "0")
    command[command.index(str(os.getpid()))] = "1"

    ended = subprocess.run(command, capture_output=True, check=False, timeout=60)

    assert ended.returncode == 1
    assert b"gone" in ended.stderr


def test_a_start_ends_its_own_orphans_and_nobody_elses(
    tmp_path: Path, started: list[subprocess.Popen[bytes]]
) -> None:
    mine, others = tmp_path / "mine", tmp_path / "others"
    orphan = start(_DEAF, "service.commands.attached", str(mine), "1", "workers")
    elsewhere = start(_DEAF, "service.commands.attached", str(others), "1", "workers")
    minded = start(_DEAF, "service.commands.attached", str(mine), str(os.getpid()), "workers")
    started += [orphan, elsewhere, minded]
    assert [first_line(one) for one in started] == ["deaf"] * 3

    ended = attached.end_orphans(mine, patience=0.2)

    assert ended == 1
    assert orphan.wait(60) == -9
    assert [one.poll() for one in (elsewhere, minded)] == [None, None]


def _runs(pid: int) -> bool:
    """A zombie that nobody reaps runs no more."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False
