"""``python -m service.commands.attached FOLDER PARENT MODULE …``: a module that ends with the process that started it.

FOLDER is the data folder, PARENT the starter's number: by both, a later start knows whom it has left behind.
"""

import ctypes
import os
import runpy
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path

_NAME = "service.commands.attached"
_PR_SET_PDEATHSIG = 1
_LOOK_EVERY = 0.05


def command(folder: Path, module: str, *arguments: str) -> list[str]:
    """How to start a module attached to this process. Start it in the main thread: it ends with that thread."""
    return [sys.executable, "-m", _NAME, str(folder.resolve()), str(os.getpid()), module, *arguments]


def end_orphans(folder: Path, patience: float) -> int:
    """End what a killed starter left behind in this data folder; how many there were.

    Told to end, they have ``patience`` seconds. Children of a starter that lives are none.
    """
    found = _orphans(folder)
    _send(found, signal.SIGTERM)
    deadline = time.monotonic() + patience
    while (left := _orphans(folder) & found) and time.monotonic() < deadline:
        time.sleep(_LOOK_EVERY)
    _send(left, signal.SIGKILL)
    while _orphans(folder) & left:
        time.sleep(_LOOK_EVERY)
    return len(found)


def _orphans(folder: Path) -> set[int]:
    pids = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    return {pid for pid in pids if _is_orphan(pid, str(folder.resolve()))}


def _is_orphan(pid: int, folder: str) -> bool:
    try:
        entry = Path(f"/proc/{pid}")
        # A zombie has no arguments, so it is none.
        arguments = os.fsdecode((entry / "cmdline").read_bytes()).split("\0")
        place = arguments.index(_NAME)
        of, starter = arguments[place + 1 : place + 3]
        parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
        return of == folder and parent != int(starter) and entry.stat().st_uid == os.geteuid()
    except (OSError, ValueError):
        return False


def _send(pids: set[int], number: int) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)


def main() -> None:
    _, _, parent, module, *arguments = sys.argv
    if ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM) != 0:
        raise OSError(ctypes.get_errno(), "prctl")
    # It may have died before the line above.
    if os.getppid() != int(parent):
        sys.exit(f"{module}: the process that started it is gone")
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
