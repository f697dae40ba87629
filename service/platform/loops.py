"""Loops that go on for as long as their process, whatever happens in them."""

import time
from collections.abc import Callable
from threading import Event, Thread

import structlog

log = structlog.get_logger()

_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 30.0
# What is wrong around the process, and says so in one line: database away, disk full, no network.
# By name: the supervisor loads no library that talks to the database.
_OUTSIDE = {"OSError", "OperationalError"}


def growing_pause(failures: int) -> float:
    """Seconds to wait after so many failures in a row, twice as long each time, up to a limit."""
    return min(_FIRST_PAUSE * 2.0 ** (failures - 1), _LONGEST_PAUSE)


def keep_doing(name: str, work: Callable[[], object], stop: Event) -> None:
    """Call ``work`` again and again until ``stop`` is set. A failure is logged, and slept on.

    Here alone any exception is caught: nobody starts a thread again that has ended, and the process
    would go on without it, as if all were well.
    """
    failures = 0
    while not stop.is_set():
        started = time.monotonic()
        try:
            work()
        except Exception as error:
            # What had gone well for long is a first failure again.
            failures = failures + 1 if time.monotonic() - started < _LONGEST_PAUSE else 1
            pause = growing_pause(failures)
            shown = None if _OUTSIDE & {kind.__name__ for kind in type(error).__mro__} else error
            log.warning("failed, goes on", loop=name, error=str(error), pause=pause, exc_info=shown)
            stop.wait(pause)
        else:
            failures = 0


def thread_doing(name: str, work: Callable[[], object], stop: Event) -> Thread:
    """A thread, not started yet, that keeps doing ``work``."""
    return Thread(target=keep_doing, args=(name, work, stop), name=name, daemon=True)
