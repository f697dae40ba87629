"""The memory of this process, as the kernel counts it."""

import re
from collections.abc import Callable
from pathlib import Path


def resident() -> float:
    """Megabytes at this moment."""
    return _status("VmRSS")


def peak_beside(work: Callable[[], object]) -> float:
    """Megabytes that ``work`` takes at most, beside what was there before it.

    Not by ``ru_maxrss``: a new process begins with the peak of the one that started it.
    """
    before = resident()
    # From here on the kernel notes the highest anew.
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    work()
    return _status("VmHWM") - before


def _status(name: str) -> float:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    found = re.search(rf"^{name}:\s+(\d+) kB", status, re.MULTILINE)
    assert found is not None
    return int(found[1]) / 1000
