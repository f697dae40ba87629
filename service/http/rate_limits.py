"""How often one caller may do what costs much, and how they are told.

Whoever is signed in is counted by their key, anybody else by their address: nobody is refused for what a stranger
did, whatever address they share. So it is known first who calls. Counts are in the memory of each API process;
several processes allow several times as much.
"""

import math
import re
import time
from ipaddress import IPv6Address, ip_address
from uuid import UUID

from fastapi import Request
from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.platform.problems import TooMany
from service.platform.settings import settings

_limiter = MovingWindowRateLimiter(MemoryStorage())

#: Where what is to be told stands in a request's scope.
_TOLD = "duijie.rate_limits"
# A household has so much of an IPv6 address for itself.
_HOUSEHOLD = 64

#: What costs much, by method and route; the first that fits counts.
COSTLY: list[tuple[str, re.Pattern[str]]] = [
    (kind, re.compile(routes))
    for kind, routes in (
        ("sign_in", r"POST /sign-in|GET /sign-in/(provider|back)"),
        ("texts", r"POST /v1/matches|GET /search|GET .*/suggestions|POST /\{side\}/new(/hints)?"),
        (
            "matches",
            r"GET /v1/.*/matches(/\{capability_id\})?|GET /needs/\{need_id\}(/matches/\{capability_id\})?",
        ),
        ("matches", r"GET /capabilities/\{capability_id\}|GET .*/analysis"),
        ("files", r"POST /v1/imports|GET /v1/exports/\{kind\}|POST /v1/personal-data/export"),
        ("reports", r"GET (/v1)?/statistics.*|GET (/v1)?/contracts/(totals|export.*)"),
        ("search", r"GET (/v1)?/(needs|capabilities|organizations|challenges)"),
        ("search", r"POST /oai|GET /(oai|oembed|sitemap.xml|feeds/.*)?"),
    )
]


def count(request: Request, key_id: UUID | None) -> None:
    """Count a request that costs much, of this key or else of its address. Raises ``TooMany``."""
    route = f"{request.method} {getattr(request.scope.get('route'), 'path', '')}"
    costly = next((kind for kind, routes in COSTLY if routes.fullmatch(route)), None)
    # Carried out again with its text encoded, a request has been counted.
    if costly is not None and not request.scope.get(_TOLD):
        _hit(request, costly, str(key_id) if key_id else _address(request))


def by_address(request: Request) -> None:
    """A dependency of routes at which nobody signs in."""
    count(request, None)


def count_unknown_key(request: Request) -> None:
    """Raises ``TooMany`` for an address that tries one unknown key after another."""
    _hit(request, "unknown_keys", _address(request))


def _hit(request: Request, costly: str, whose: str) -> None:
    rate: str | None = getattr(settings().rate_limits, costly)
    if rate is None:
        return
    item = parse(rate)
    allowed = _limiter.hit(item, costly, whose)
    window = _limiter.get_window_stats(item, costly, whose)
    seconds = max(math.ceil(window.reset_time - time.time()), 1)
    request.scope.setdefault(_TOLD, []).append(_fields(costly, item, window.remaining, seconds))
    if not allowed:
        raise TooMany(seconds)


def _fields(costly: str, item: RateLimitItem, remaining: int, seconds: int) -> tuple[str, str]:
    """``RateLimit-Policy`` and ``RateLimit`` as draft-ietf-httpapi-ratelimit-headers-10 has them."""
    return (
        f'"{costly}";q={item.amount};w={item.get_expiry()}',
        f'"{costly}";r={remaining};t={seconds}',
    )


def _address(request: Request) -> str:
    host = request.client.host if request.client else ""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if isinstance(address, IPv6Address):
        return str(address.ipv4_mapped or int(address) >> (128 - _HOUSEHOLD))
    return host


class RateLimitHeaders:
    """Tells each caller what is left to them."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        told: list[tuple[str, str]] = []
        scope[_TOLD] = told

        async def telling(message: Message) -> None:
            if told and message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["RateLimit-Policy"] = ", ".join(policy for policy, _ in told)
                headers["RateLimit"] = ", ".join(left for _, left in told)
            await send(message)

        await self.app(scope, receive, telling)
