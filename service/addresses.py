"""Where this service is, as others reach it."""

from fastapi import Request

from service.settings import settings


def base_of(request: Request) -> str:
    """Scheme and host, without a slash at the end."""
    return settings().public_url or str(request.base_url).rstrip("/")


def address_of(request: Request) -> str:
    """The whole address that was asked for."""
    query = f"?{request.url.query}" if request.url.query else ""
    return f"{base_of(request)}{request.url.path}{query}"


def is_secure(request: Request) -> bool:
    """Whether people's browsers speak TLS, with us or with what stands before us."""
    return base_of(request).startswith("https://")
