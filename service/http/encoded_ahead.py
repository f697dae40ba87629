"""Carries a request out again when the texts that it needs are encoded."""

import asyncio
from concurrent.futures import Future
from typing import Any

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from service.http.body_first import CLIENT_LEFT, Body
from service.matches.encoders import EncodedText
from service.matches.encoding_queue import (
    TEXTS,
    WAITING,
    EncodingQueue,
    NotEncoded,
    Rounds,
    Wanted,
    current_rounds,
)
from service.platform.problems import Busy
from service.platform.settings import settings


class EncodedAhead:
    """Carries a request out again when what it needs is encoded. Its body must be there already: ``BodyFirst``."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.queue = EncodingQueue()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        assert isinstance(receive, Body)
        rounds, untouched = Rounds(), dict(scope)
        token = current_rounds.set(rounds)
        try:
            while True:
                try:
                    await self.app(scope, receive, send)
                except NotEncoded as needed:
                    found = await self._encoded(needed.wanted, receive)
                    if found is None:
                        TEXTS.labels("left").inc()
                        await Response(status_code=CLIENT_LEFT)(scope, receive, send)
                        return
                    rounds.encoded[needed.wanted.key] = found
                    scope.clear()
                    scope.update(untouched)
                    receive.rewind()
                else:
                    return
        finally:
            current_rounds.reset(token)

    async def _encoded(self, wanted: Wanted, receive: Body) -> "Future[list[EncodedText]] | None":
        """Done: with the texts, or with what is the matter. None where the client has left."""
        try:
            promised = self.queue.put(wanted)
        except Busy as busy:
            return _failed(busy)
        encoding = asyncio.wrap_future(promised)
        leaving = asyncio.ensure_future(receive.client_left())
        WAITING.inc()
        try:
            either: set[asyncio.Future[Any]] = {encoding, leaving}
            done, _ = await asyncio.wait(
                either, timeout=settings().wait_seconds, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            WAITING.dec()
            leaving.cancel()
            encoding.cancel()
        if encoding in done:
            encoding.exception()  # It is told by ``promised``.
            TEXTS.labels("encoded").inc()
            return promised
        if leaving in done:
            return None
        TEXTS.labels("late").inc()
        return _failed(Busy())


def _failed(problem: Busy) -> "Future[list[EncodedText]]":
    failed: Future[list[EncodedText]] = Future()
    failed.set_exception(problem)
    return failed
