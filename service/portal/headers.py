"""What every answer tells browsers and proxies: nothing foreign, nothing inline, in nobody's frame, kept by nobody."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.http.callers import is_for_one_caller
from service.http.methods import FOR_OTHER_SITES
from service.platform.settings import settings

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors {}"
)
# Pages ask for none of these, and no script that gets into one may.
_PERMISSIONS = ", ".join(
    f"{feature}=()"
    for feature in (
        "accelerometer",
        "camera",
        "display-capture",
        "geolocation",
        "gyroscope",
        "magnetometer",
        "microphone",
        "midi",
        "payment",
        "publickey-credentials-get",
        "serial",
        "usb",
    )
)
_A_YEAR = 365 * 24 * 3600


def policy_for(ancestors: str) -> str:
    """The content security policy of a page that these may put into a frame."""
    return _POLICY.format(ancestors)


class PageHeaders:
    """Sets them where the answer has not set its own."""

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
                if (settings().public_url or "").startswith("https://"):
                    headers.setdefault("Strict-Transport-Security", f"max-age={_A_YEAR}")
                if scope["path"].startswith(FOR_OTHER_SITES):
                    # Also where it says no, so that they can tell people why.
                    headers.setdefault("Access-Control-Allow-Origin", "*")
                if headers.get("content-type", "").startswith("text/html"):
                    headers.setdefault("Content-Security-Policy", policy_for("'none'"))
                    headers.setdefault("Permissions-Policy", _PERMISSIONS)
                    # Pages differ by cookie and language, and hold what only their reader may see.
                    headers.setdefault("Cache-Control", "private, no-store")
                if is_for_one_caller(scope):
                    headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self._app(scope, receive, with_headers)
