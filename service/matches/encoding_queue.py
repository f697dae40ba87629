"""Encodes the texts of requests in one thread, batched across requests.

A request that needs a text encoded ends its transaction and gives back its turn. It waits here, on no thread, and
is then carried out from its beginning, with what was encoded. So encoding holds up no other request, a client
that has left is forgotten, and the way a text took to ``encode_texts`` makes no difference.
"""

import sys
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from queue import Empty, Full, Queue
from typing import NamedTuple

from prometheus_client import Counter, Gauge

from matching.encoder import EncodingFailed
from schemas.embedding import EncoderModel
from schemas.vocabulary import Side
from service.matches.encoders import EncodedText, encode
from service.platform.problems import Busy
from service.platform.settings import settings
from service.postings.texts import Writing

# So many characters are encoded at once at most, beside the first text: some two seconds on one core. A longer
# batch would be no faster, and whoever comes next would wait for it.
_CHARACTERS_TOGETHER = 4_000

TEXTS = Counter(
    "duijie_texts_total", "Texts of requests that were to be encoded, by what came of it.", ["end"]
)
WAITING = Gauge("duijie_texts_waiting", "Requests whose texts wait to be encoded, or are being encoded.")


class Wanted(NamedTuple):
    """Texts that a request needs encoded."""

    model: EncoderModel
    side: Side
    writings: tuple[Writing, ...]

    @property
    def key(self) -> tuple[str, Side, tuple[Writing, ...]]:
        return self.model.name, self.side, self.writings


class NotEncoded(Exception):
    """Ends a request's first round."""

    def __init__(self, wanted: Wanted) -> None:
        self.wanted = wanted


@dataclass
class Rounds:
    """What was encoded for a request so far, or why it could not be."""

    encoded: dict[object, "Future[list[EncodedText]]"] = field(default_factory=dict)


current_rounds: ContextVar[Rounds | None] = ContextVar("rounds", default=None)


def encode_texts(model: EncoderModel, side: Side, writings: Sequence[Writing]) -> list[EncodedText]:
    """``encode``, by the queue where a request asks. Raises ``Busy`` there, and ``EncodingFailed``."""
    rounds = current_rounds.get()
    if rounds is None:
        return encode(model, side, writings)
    wanted = Wanted(model, side, tuple(writings))
    if wanted.key not in rounds.encoded:
        raise NotEncoded(wanted)
    return rounds.encoded[wanted.key].result()


def first_round() -> bool:
    """Whether this request is carried out for the first time: what is counted is counted then."""
    rounds = current_rounds.get()
    return rounds is None or not rounds.encoded


class EncodingQueue:
    """Bounded; first come, first served."""

    def __init__(self) -> None:
        self._waiting: Queue[tuple[Wanted, Future[list[EncodedText]]]] = Queue(settings().encoding_queue)
        self._thread = ThreadPoolExecutor(1, "encoding")

    def put(self, wanted: Wanted) -> "Future[list[EncodedText]]":
        """Raises ``Busy`` where too many wait already."""
        promised: Future[list[EncodedText]] = Future()
        try:
            self._waiting.put_nowait((wanted, promised))
        except Full:
            TEXTS.labels("refused").inc()
            raise Busy from None
        self._thread.submit(self._encode_some)
        return promised

    def _encode_some(self) -> None:
        """Encode what waits now as one batch. A later call may find the queue empty."""
        together: dict[tuple[str, Side], list[tuple[Wanted, Future[list[EncodedText]]]]] = defaultdict(list)
        characters = 0
        while characters < _CHARACTERS_TOGETHER:
            try:
                wanted, promised = self._waiting.get_nowait()
            except Empty:
                break
            if promised.set_running_or_notify_cancel():
                together[wanted.model.name, wanted.side].append((wanted, promised))
                characters += sum(len(one.text) for one in wanted.writings)
        for some in together.values():
            _encode_together(some)


def _encode_together(some: list[tuple[Wanted, "Future[list[EncodedText]]"]]) -> None:
    first = some[0][0]
    try:
        encoded = encode(first.model, first.side, [one for wanted, _ in some for one in wanted.writings])
        place = 0
        for wanted, promised in some:
            promised.set_result(encoded[place : place + len(wanted.writings)])
            place += len(wanted.writings)
    except EncodingFailed:
        if len(some) == 1:
            raise
        # One text failed; encode each request by itself, so that the others succeed.
        for one in some:
            with suppress(EncodingFailed):
                _encode_together([one])
    finally:
        # After any failure each waiting request gets the error instead of waiting for ever.
        for _, promised in some:
            if not promised.done():
                promised.set_exception(sys.exception())
