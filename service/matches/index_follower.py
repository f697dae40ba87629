"""The threads that keep this process's index equal to the tables, and a copy of it on disk."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event

from service.matches.live_index import CHANNEL, LiveIndex
from service.platform.db import psycopg_connection
from service.platform.loops import thread_doing
from service.platform.settings import settings

# NOTIFY wakes the follower at once; this is for when one was missed.
_LOOK_EVERY = 0.5
_STOP_PATIENCE = 10.0


@contextmanager
def followed(index: LiveIndex) -> Iterator[None]:
    """Keep ``index`` up to date, and write snapshots of it, until the block ends."""
    stop = Event()

    def follow() -> None:
        """Without the database the index goes on answering, and catches up when it is back."""
        with psycopg_connection() as connection:
            connection.execute(f"LISTEN {CHANNEL}")
            while not stop.is_set():
                index.refresh()
                for _ in connection.notifies(timeout=_LOOK_EVERY, stop_after=1):
                    pass

    def save() -> None:
        """In a thread of its own: what is posted meanwhile is not to wait for a disk. At the end once more."""
        stop.wait(settings().snapshot_every)
        index.save()

    following, saving = (
        thread_doing("index", follow, stop),
        thread_doing("index snapshots", save, stop),
    )
    following.start()
    saving.start()
    try:
        yield
    finally:
        stop.set()
        following.join(_STOP_PATIENCE)
        saving.join()
