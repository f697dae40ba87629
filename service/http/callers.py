"""Where a request comes from, and whether its answer is for one caller alone."""

from ipaddress import IPv4Address, IPv6Address, ip_address

from fastapi import Request
from starlette.types import Scope

_FOR_ONE = "duijie.for_one"
# What proxies add. A request with one of these was sent elsewhere first, whatever address it came in from.
_FORWARDED = ("x-forwarded-for", "forwarded", "x-real-ip")


def for_this_caller(request: Request) -> None:
    """The answer depends on who asks: nobody on the way may keep it."""
    request.scope[_FOR_ONE] = True


def is_for_one_caller(scope: Scope) -> bool:
    return _FOR_ONE in scope


def caller_address(request: Request) -> IPv4Address | IPv6Address | None:
    """The address that uvicorn settled on: of the connection, or what a proxy of ``FORWARDED_ALLOW_IPS`` names.

    None on a Unix socket.
    """
    try:
        found = ip_address(request.client.host) if request.client else None
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


def is_on_this_machine(request: Request) -> bool:
    """Asked by a program on this machine itself, through no proxy."""
    address = caller_address(request)
    return address is not None and address.is_loopback and not any(map(request.headers.get, _FORWARDED))
