"""Answers in gzip, or in Brotli for whoever takes that, from the size on at which it saves anything."""

from starlette.types import ASGIApp
from starlette_compress import CompressMiddleware, add_compress_type

# Less would fit into one packet as it is.
_FROM = 1024

for kind in ("application/feed+json", "application/problem+json", "application/x-ndjson", "text/csv"):
    add_compress_type(kind)


class Compressed(CompressMiddleware):
    """Also what streams, piece by piece. Pictures and workbooks, which are compressed already, stay as they are."""

    def __init__(self, app: ASGIApp) -> None:
        super().__init__(app, minimum_size=_FROM, zstd=False)
