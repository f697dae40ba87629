"""Calling addresses that a stranger chose: checked each time, at the address that was checked, and not for long.

The host is resolved once an attempt; every address that it has must be allowed, and the connection goes to one of
those. A second look-up, which could give another address, does not take place. Redirects are not followed, and
proxies that the environment names are not asked. docs/decisions/0032 says why.
"""

import socket
import ssl
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import httpcore2 as httpcore

from schemas.webhook import DeliveryProblem
from service.platform.settings import settings

Address = IPv4Address | IPv6Address

# Answers are read so far, so that a connection ends in order; nothing of them is kept.
_MOST_READ = 64_000
_PORTS = {"http": 80, "https": 443}
# Beside what ``is_global`` refuses, which differs between releases of Python: shared, benchmarking, protocol
# assignments, documentation, class E, old site-local; and each way of writing an IPv4 address into an IPv6 one.
_NEVER: tuple[IPv4Network | IPv6Network, ...] = tuple(
    ip_network(one)
    for one in (
        "0.0.0.0/8",
        "100.64.0.0/10",
        "192.0.0.0/24",
        "192.88.99.0/24",
        "198.18.0.0/15",
        "240.0.0.0/4",
        "::/96",
        "::ffff:0:0/96",
        "::ffff:0:0:0/96",
        "64:ff9b::/96",
        "64:ff9b:1::/48",
        "100::/64",
        "2001::/23",
        "2001:db8::/32",
        "2002::/16",
        "3fff::/20",
        "5f00::/16",
        "fec0::/10",
    )
)


class Answer(NamedTuple):
    """What came of one attempt. ``status`` where there was an answer at all."""

    problem: DeliveryProblem
    status: int | None = None

    @property
    def taken(self) -> bool:
        return self.problem is DeliveryProblem.none


@dataclass(frozen=True)
class Target:
    """A URL taken apart. ``host`` is as it goes into the Host header, TLS and the look-up."""

    url: str
    scheme: str
    host: str
    port: int

    @property
    def literal(self) -> Address | None:
        try:
            return ip_address(self.host)
        except ValueError:
            return None


class Refused(Exception):
    """Not to be called; ``problem`` says why."""

    def __init__(self, problem: DeliveryProblem) -> None:
        super().__init__(problem.en)
        self.problem = problem


def target_of(url: str) -> Target:
    """Raises ``Refused`` for what no webhook may be at: other schemes, names and passwords, no host."""
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS[parts.scheme]
        # As it is looked up and named in TLS: a name in other letters goes by its ASCII form.
        host = (parts.hostname or "").encode("idna").decode("ascii").rstrip(".") if parts.hostname else ""
    except (KeyError, ValueError, UnicodeError) as error:
        raise Refused(DeliveryProblem.forbidden) from error
    if not host or "%" in host or parts.username is not None or parts.password is not None:
        raise Refused(DeliveryProblem.forbidden)
    return Target(url, parts.scheme, host, port)


def look_at(url: str) -> None:
    """What can be said of a URL before anything is sent: raises ``Refused``. Names are not resolved here."""
    target = target_of(url)
    if target.literal is not None:
        _allowed([target.literal], target)
    elif target.scheme != "https" and not _by_name(target) and not any(_networks()):
        raise Refused(DeliveryProblem.forbidden)


def addresses_of(target: Target) -> list[Address]:
    """Where a target is now. Raises ``Refused`` unless each of its addresses may be called."""
    if target.literal is not None:
        return _allowed([target.literal], target)
    return _allowed([ip_address(one) for one in look_up(target.host, target.port)], target)


def look_up(host: str, port: int) -> list[str]:
    """In the order in which the system prefers them, each once. Raises ``Refused``."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Refused(DeliveryProblem.unresolved) from error
    # A zone is never part of a public address.
    return list(dict.fromkeys(str(place[0]).partition("%")[0] for *_, place in found))


def public(address: Address) -> bool:
    """Whether it is somewhere on the internet, and nowhere else."""
    if not address.is_global or address.is_multicast or address.is_reserved or address.is_unspecified:
        return False
    return not any(address in network for network in _NEVER if network.version == address.version)


def post(url: str, headers: Mapping[str, str], body: bytes) -> Answer:
    """One attempt. Takes at most ``webhook_seconds``, however slowly the other side writes."""
    ends_at = time.monotonic() + settings().webhook_seconds
    try:
        target = target_of(url)
        addresses = addresses_of(target)
    except Refused as refused:
        return Answer(refused.problem)
    backend = _Pinned([str(address) for address in addresses], ends_at)
    try:
        with (
            httpcore.ConnectionPool(ssl_context=_tls(target), network_backend=backend, retries=0) as pool,
            pool.stream("POST", url, headers=[*headers.items()], content=body) as response,
        ):
            read = 0
            for part in response.iter_stream():
                read += len(part)
                if read > _MOST_READ:
                    break
            return _answer(response.status)
    except httpcore.TimeoutException:
        return Answer(DeliveryProblem.timeout)
    except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.UnsupportedProtocol, OSError, ValueError):
        return Answer(DeliveryProblem.connection)


def _tls(target: Target) -> ssl.SSLContext | None:
    # Reading the certificates of the system takes a tenth of a second.
    return ssl.create_default_context() if target.scheme == "https" else None


def _answer(status: int) -> Answer:
    if 200 <= status < 300:
        return Answer(DeliveryProblem.none, status)
    return Answer(DeliveryProblem.redirect if 300 <= status < 400 else DeliveryProblem.status, status)


def _allowed(addresses: list[Address], target: Target) -> list[Address]:
    if _by_name(target):
        return addresses
    excepted = [any(address in network for network in _networks()) for address in addresses]
    if all(excepted):
        return addresses
    # One address inside is enough to refuse them all: it may be the one that is tried.
    if target.scheme != "https" or not all(
        free or public(address) for free, address in zip(excepted, addresses, strict=True)
    ):
        raise Refused(DeliveryProblem.forbidden)
    return addresses


def _by_name(target: Target) -> bool:
    return target.host.lower() in {one.lower() for one in settings().webhook_allow}


def _networks() -> Iterable[IPv4Network | IPv6Network]:
    for one in settings().webhook_allow:
        try:
            yield ip_network(one, strict=False)
        except ValueError:
            # A host's name.
            continue


class _Pinned(httpcore.NetworkBackend):
    """Connects to addresses that were checked, whatever the host's name says, and watches the clock."""

    def __init__(self, addresses: list[str], ends_at: float) -> None:
        self._addresses, self._ends_at = addresses, ends_at
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,  # noqa: ARG002 -- it was looked up before, and is not again
        port: int,
        timeout: float | None = None,  # noqa: ARG002
        local_address: str | None = None,
        socket_options: Any = None,
    ) -> httpcore.NetworkStream:
        failed: Exception = httpcore.ConnectError("no address")
        for address in self._addresses:
            try:
                stream = self._sockets.connect_tcp(
                    address, port, left(self._ends_at), local_address, socket_options
                )
                return _Watched(stream, self._ends_at)
            except httpcore.ConnectError as error:
                failed = error
        raise failed


class _Watched(httpcore.NetworkStream):
    """A stream on which everything together, not each step, must be done by a moment."""

    def __init__(self, stream: httpcore.NetworkStream, ends_at: float) -> None:
        self._stream, self._ends_at = stream, ends_at

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002
        return self._stream.read(max_bytes, left(self._ends_at))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
        self._stream.write(buffer, left(self._ends_at))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002
    ) -> httpcore.NetworkStream:
        stream = self._stream.start_tls(ssl_context, server_hostname, left(self._ends_at))
        return _Watched(stream, self._ends_at)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def left(ends_at: float) -> float:
    """Seconds until then. Raises once there are none."""
    remaining = ends_at - time.monotonic()
    if remaining <= 0:
        raise httpcore.ReadTimeout("time is up")
    return remaining
