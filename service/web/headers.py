"""What every page tells the browser: nothing foreign, nothing inline, in nobody's frame."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors {}"
)
# What other sites' scripts may read even where it says no, so that they can tell people why.
_FOR_OTHERS = ("/v1/embedded/", "/widget")


def policy_for(ancestors: str) -> str:
    """The content security policy of a page that these may put into a frame."""
    return _POLICY.format(ancestors)


class PageHeaders:
    """Sets them on HTML, where the page has not set its own."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.setdefault("X-Content-Type-Options", "nosniff")
                headers.setdefault("Referrer-Policy", "same-origin")
                if scope["path"].startswith(_FOR_OTHERS):
                    headers.setdefault("Access-Control-Allow-Origin", "*")
                if headers.get("content-type", "").startswith("text/html"):
                    headers.setdefault("Content-Security-Policy", policy_for("'none'"))
                    # Pages differ by cookie and language, and hold what only their reader may see.
                    headers.setdefault("Cache-Control", "private, no-store")
            await send(message)

        await self._app(scope, receive, with_headers)
