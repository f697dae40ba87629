"""A bug is answered and logged once, with the request's own id; the server has nothing left to print."""

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Failures:
    """Gives what nobody handled to the application's handler of bugs.

    Starlette's own middleware for this stands outside of all others, so that its reply carries no header of theirs,
    and it raises the bug again for the server to print.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = False

        async def noted(message: Message) -> None:
            nonlocal begun
            begun = begun or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, noted)
        except Exception as bug:  # noqa: BLE001 -- every one there is becomes the 500, which says where to look
            answer = scope["app"].exception_handlers[Exception]
            reply = await run_in_threadpool(answer, Request(scope), bug)
            # Of a reply that has begun, the server tells the client by ending the connection.
            if not begun:
                await reply(scope, receive, send)
