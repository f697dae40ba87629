"""Where this service is, as others reach it."""

from fastapi import Request

from service.settings import settings


def base_of(request: Request) -> str:
    """Scheme and host, without a slash at the end."""
    return settings().public_url or str(request.base_url).rstrip("/")
