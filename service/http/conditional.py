"""Conditional GET (RFC 9110, 13): a client that has the newest state gets 304 and no body."""

import hashlib
import re
from datetime import UTC
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.http.etags import TAG

_VERSION = re.compile(r'"\d+"')
_DIGITS = 16


class Conditional:
    """Answers 304 wherever an answer names a state that the client has: by ``ETag``, or else by ``Last-Modified``.

    A tag that names a version gets a digest of the body, which also differs by language, by reader, and by what
    changes without a version, such as ``index_status``.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        start: Message | None = None

        async def answer(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                # Held until the body is there.
                start = message
                return
            if start is not None:
                begun, start = start, None
                # What is sent in pieces is a file; files have tags of their own.
                if message["type"] == "http.response.body" and not message.get("more_body"):
                    message = _told(scope, begun, message)
                await send(begun)
            await send(message)

        await self._app(scope, receive, answer)


def _told(scope: Scope, start: Message, body: Message) -> Message:
    """The body as it is sent. Changes the start of the answer."""
    headers = MutableHeaders(scope=start)
    if start["status"] != HTTPStatus.OK:
        return body
    if _VERSION.fullmatch(headers.get("etag", "")):
        digest = hashlib.sha256(body.get("body", b"")).hexdigest()[:_DIGITS]
        headers["ETag"] = f'{headers["etag"][:-1]}-{digest}"'
    if scope["method"] not in ("GET", "HEAD") or not _is_known(Headers(scope=scope), headers):
        return body
    start["status"] = HTTPStatus.NOT_MODIFIED.value
    for name in ("Content-Type", "Content-Length"):
        del headers[name]
    return {**body, "body": b""}


def _is_known(asked: Headers, told: Headers) -> bool:
    """``If-None-Match`` decides alone where it is sent; weak tags count in it as strong ones."""
    if "etag" in told and (known := ",".join(asked.getlist("if-none-match"))):
        return known.strip() == "*" or TAG.findall(told["etag"])[0][1] in {
            tag for _, tag in TAG.findall(known)
        }
    if "last-modified" not in told:
        return False
    try:
        since = parsedate_to_datetime(asked.get("if-modified-since", ""))
    except ValueError:
        return False
    return parsedate_to_datetime(told["last-modified"]) <= (
        since if since.tzinfo else since.replace(tzinfo=UTC)
    )
