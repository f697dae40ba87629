"""A request's body is read whole, within limits of size and time, before anything else is done for it.

Whoever sends slowly holds neither a turn nor a transaction.
"""

import asyncio
from tempfile import SpooledTemporaryFile

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from schemas.wording import Wording
from service.http.faults import problem_of
from service.http.language import language_of
from service.http.problem_replies import problem_reply
from service.platform.problems import Problem, TooLarge, TooSlow
from service.platform.settings import settings

IMPORTS = "/v1/imports"
# What multipart adds around a file.
_WRAPPING = 10_000
# A longer body waits in a file, not in memory.
_IN_MEMORY = 256 * 1024
_PIECE = 64 * 1024
#: Beside the seconds of the setting, one for so many bytes: slow lines are not refused.
BYTES_A_SECOND = 5_000
#: What web servers note for a client that did not wait for its answer.
CLIENT_LEFT = 499


class Body:
    """A body that was read, to be received, also more than once; after it whatever the server still tells."""

    def __init__(self, kept: "SpooledTemporaryFile[bytes]", size: int, receive: Receive) -> None:
        self._kept, self._size, self._receive = kept, size, receive
        self._given = False
        self.rewind()

    async def __call__(self) -> Message:
        if self._given:
            return await self._receive()
        piece = self._kept.read(_PIECE)
        self._given = self._kept.tell() >= self._size
        return {"type": "http.request", "body": piece, "more_body": not self._given}

    def rewind(self) -> None:
        self._kept.seek(0)
        self._given = False

    async def client_left(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass


class _ClientLeft(Exception):
    pass


class BodyFirst:
    """413 for a body beyond the limit, which is larger for import files; 408 for one that comes too slowly."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        limit = settings().body_limit
        if scope["path"] == IMPORTS:
            limit = settings().import_limit + _WRAPPING
        with SpooledTemporaryFile(max_size=_IN_MEMORY) as kept:
            try:
                size = await _read(scope, receive, kept, limit)
            except Problem as problem:
                await problem_reply(problem, language_of(Request(scope)))(scope, receive, send)
            except OSError as error:
                if (full := problem_of(error)) is None:
                    raise
                await problem_reply(full, language_of(Request(scope)))(scope, receive, send)
            except _ClientLeft:
                await Response(status_code=CLIENT_LEFT)(scope, receive, send)
            else:
                await self.app(scope, Body(kept, size, receive), send)


async def _read(scope: Scope, receive: Receive, kept: "SpooledTemporaryFile[bytes]", limit: int) -> int:
    """The body's size. Raises ``TooLarge`` and ``TooSlow``."""
    declared = dict(scope["headers"]).get(b"content-length", b"")
    if declared.isdigit() and int(declared) > limit:
        raise _too_large(limit)
    size, more = 0, True
    try:
        async with asyncio.timeout(settings().client_seconds) as patience:
            while more:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise _ClientLeft
                piece = message.get("body", b"")
                more = message.get("more_body", False)
                size += len(piece)
                if size > limit:
                    raise _too_large(limit)
                kept.write(piece)
                until = patience.when()
                assert until is not None
                patience.reschedule(until + len(piece) / BYTES_A_SECOND)
    except TimeoutError:
        raise TooSlow from None
    return size


def _too_large(limit: int) -> TooLarge:
    return TooLarge(
        Wording("请求正文不得超过 {limit} 字节", "The body may have at most {limit} bytes", {"limit": limit})
    )
