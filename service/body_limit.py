"""Refuses a request body that is too long, before it is held in memory.

FastAPI's own ``max_body_size`` does the same, but answers in plain text.
"""

from contextlib import suppress

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from schemas.base import Wording
from service.errors import TooLarge, problem_reply
from service.language import language_of
from service.settings import settings

IMPORTS = "/v1/imports"
# What multipart adds around a file.
_WRAPPING = 10_000


class _Exceeded(Exception):
    pass


class BodyLimit:
    """413 for a declared length, or a stream, beyond the limit: larger for import files."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        limit = settings().body_limit
        if scope["path"] == IMPORTS:
            limit = settings().import_limit + _WRAPPING
        declared = dict(scope["headers"]).get(b"content-length", b"")
        if declared.isdigit() and int(declared) > limit:
            await _refuse(scope, receive, send, limit)
            return
        received = 0
        exceeded = answered = False

        async def counted() -> Message:
            nonlocal received, exceeded
            message = await receive()
            received += len(message.get("body", b""))
            if received > limit:
                exceeded = True
                raise _Exceeded
            return message

        async def noted(message: Message) -> None:
            nonlocal answered
            # FastAPI answers 400 to whatever breaks off a body; ours is the better answer.
            if not exceeded or answered:
                answered = True
                await send(message)

        with suppress(_Exceeded):
            await self.app(scope, counted, noted)
        if exceeded and not answered:
            await _refuse(scope, receive, send, limit)


async def _refuse(scope: Scope, receive: Receive, send: Send, limit: int) -> None:
    detail = Wording(
        "请求正文不得超过 {limit} 字节", "The body may have at most {limit} bytes", {"limit": limit}
    )
    await problem_reply(TooLarge(detail), language_of(Request(scope)))(scope, receive, send)
