"""What can be seen of each request from outside: a log line and figures, never its contents."""

import re
import time

import structlog
from prometheus_client import Counter, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uuid_utils.compat import uuid7

from service.platform.telemetry import begin

log = structlog.get_logger()

_REQUESTS = Counter("duijie_requests_total", "Requests answered.", ["method", "route", "status"])


_SECONDS = Histogram("duijie_request_seconds", "Time to answer.", ["method", "route"])


# By machines, every few seconds.
_ASKED_OFTEN = {"/healthz", "/readyz", "/metrics"}


# Of methods that nobody serves there is no end.
_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


# Whoever reads figures and log must not learn how many bids were handed in, or when: they are sealed.
_SEALED = re.compile(r"/challenges/.+/bids?\b")


_REQUEST_ID = re.compile(r"[\w.-]{1,100}")


class Observed:
    """Names each request and its trace, and notes route, status and time.

    Addresses are noted by route, without arguments.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = dict(scope["headers"]).get(b"x-request-id", b"").decode("latin-1")
        request_id = given if _REQUEST_ID.fullmatch(given) else str(uuid7())
        trace = begin(
            "SERVER", [value.decode("latin-1") for name, value in scope["headers"] if name == b"traceparent"]
        )
        status = 500

        async def send_named(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (b"x-request-id", request_id.encode())]
            await send(message)

        started = time.perf_counter()
        structlog.contextvars.bind_contextvars(request_id=request_id, trace_id=trace.trace_id)
        try:
            await self.app(scope, receive, send_named)
        finally:
            seconds = time.perf_counter() - started
            method = scope["method"] if scope["method"] in _METHODS else "other"
            route = getattr(scope.get("route"), "path", "unknown")
            sealed = _SEALED.search(route)
            if sealed:
                method, route, status = "any", "bids", 0
            _REQUESTS.labels(method, route, status).inc()
            _SECONDS.labels(method, route).observe(seconds)
            told = log.debug if route in _ASKED_OFTEN else log.info
            told("request", method=method, route=route, status=status, ms=round(seconds * 1000, 1))
            if not sealed and route not in _ASKED_OFTEN:
                about = {
                    "http.request.method": method,
                    "http.route": route,
                    "http.response.status_code": status,
                }
                trace.end(f"{method} {route}", about, failed=status >= 500)
            structlog.contextvars.clear_contextvars()
