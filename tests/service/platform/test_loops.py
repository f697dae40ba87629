"""What goes on in a thread goes on."""

from threading import Event

import pytest

from service.platform import loops
from service.platform.loops import growing_pause, keep_doing


def test_whatever_fails_is_done_again_until_it_is_to_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loops, "_FIRST_PAUSE", 0.001)
    stop = Event()
    done: list[int] = []

    def work() -> None:
        done.append(len(done))
        if len(done) == 5:
            stop.set()
        raise [OSError(28, "No space left on device"), ValueError("?"), KeyError("k")][len(done) % 3]

    keep_doing("test", work, stop)

    assert done == [0, 1, 2, 3, 4]


def test_pauses_grow_and_do_not_grow_for_ever() -> None:
    pauses = [growing_pause(failures) for failures in range(1, 9)]

    assert pauses == [1, 2, 4, 8, 16, 30, 30, 30]
