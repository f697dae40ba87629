"""Where this service is, as others reach it."""

from http import HTTPStatus
from ipaddress import ip_address
from urllib.parse import urlsplit

from fastapi import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from schemas.wording import Wording
from service.http.language import language_of
from service.http.problem_replies import problem_reply
from service.platform.problems import Problem
from service.platform.settings import settings


class ForeignHost(Problem):
    status, type = HTTPStatus.BAD_REQUEST, "foreign-host"
    title = Wording("本服务不以此主机名对外提供", "This service is not reached by that host name")


_HOW_TO = Wording(
    "请求头 Host 不是本服务的地址。请用公布的地址访问；管理员可用 DUIJIE_PUBLIC_URL 设定该地址",
    "The Host header names another site. Use the address that was given out; whoever runs the service "
    "sets it by DUIJIE_PUBLIC_URL",
)


_USUAL_PORTS = {"http": 80, "https": 443}


def base_of(request: Request) -> str:
    """Scheme and host, without a slash at the end."""
    return settings().public_url or str(request.base_url).rstrip("/")


def is_of_this_site(request: Request, address: str) -> bool:
    """Whether scheme, host and port are ours: another site's name may begin with ours."""
    try:
        return _origin(address) == _origin(base_of(request))
    except ValueError:
        return False


def _origin(address: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(address)
    return parts.scheme, parts.hostname, parts.port or _USUAL_PORTS.get(parts.scheme)


def address_of(request: Request) -> str:
    """The whole address that was asked for."""
    query = f"?{request.url.query}" if request.url.query else ""
    return f"{base_of(request)}{request.url.path}{query}"


def is_secure(request: Request) -> bool:
    """Whether people's browsers speak TLS, with us or with what stands before us."""
    return base_of(request).startswith("https://")


class OwnHosts:
    """400 where the Host header names a site that is not this one: its name would stand in links, feeds and mails."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not _is_own(scope):
            await problem_reply(ForeignHost(_HOW_TO), language_of(Request(scope)))(scope, receive, send)
            return
        await self.app(scope, receive, send)


def _is_own(scope: Scope) -> bool:
    given = dict(scope["headers"]).get(b"host", b"").decode("latin-1")
    try:
        host = urlsplit(f"//{given}").hostname or ""
    except ValueError:
        return False
    # Health checks ask by the address itself.
    if host == (scope.get("server") or ("",))[0] or _is_loopback(host):
        return True
    if settings().public_url is not None:
        return host == urlsplit(settings().public_url).hostname
    return host == settings().host or _is_inside(host)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _is_inside(host: str) -> bool:
    """A name or an address that can be of this network alone: nobody outside has it."""
    try:
        return ip_address(host).is_private
    except ValueError:
        return "." not in host
