"""Files of the portal. The address that a page names has a hash of the contents, so browsers never ask for it again."""

import hashlib
import os
import re
from functools import lru_cache
from importlib.resources import files

from fastapi.staticfiles import StaticFiles
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

STATIC = files("service.portal") / "static"
# Swagger's files.
_FOREIGN = files("fastapi_offline") / "static"
SHORT, FOR_GOOD = "public, max-age=3600", "public, max-age=31536000, immutable"
_HASHED = re.compile(r"(?P<stem>.+)\.[0-9a-f]{12}(?P<ending>\.\w+)")


@lru_cache
def static_url(name: str) -> str:
    folder = STATIC if (STATIC / name).is_file() else _FOREIGN
    digest = hashlib.sha256((folder / name).read_bytes()).hexdigest()[:12]
    stem, _, ending = name.rpartition(".")
    return f"/static/{stem}.{digest}.{ending}"


class PortalFiles(StaticFiles):
    """By hashed name for good, by plain name for an hour.

    While servers change over, a page of one may ask the other for its file: a hash that is not ours gets what we have.
    """

    def __init__(self) -> None:
        super().__init__(directory=str(STATIC), packages=[("fastapi_offline", "static")])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # The server leaves out the body. Without one, it could not be told how long it is compressed.
        if scope.get("method") == "HEAD":
            scope = {**scope, "method": "GET"}
        await super().__call__(scope, receive, send)

    def lookup_path(self, path: str) -> tuple[str, os.stat_result | None]:
        return super().lookup_path(_plain(path))

    def file_response(
        self,
        full_path: str | os.PathLike[str],
        stat_result: os.stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        response = super().file_response(full_path, stat_result, scope, status_code)
        named = self.get_path(scope)
        current = static_url(_plain(named)) == f"/static/{named}"
        response.headers["Cache-Control"] = FOR_GOOD if current else SHORT
        # The same for each encoding, so it cannot promise the same bytes.
        response.headers["ETag"] = f"W/{response.headers['ETag']}"
        return response


def _plain(name: str) -> str:
    return _HASHED.sub(r"\g<stem>\g<ending>", name)
