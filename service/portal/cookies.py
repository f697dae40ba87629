"""Cookies of the portal: for its own pages, read by no script and sent with no other site's form."""

from fastapi import Request, Response

from service.http.addresses import is_secure


def read_cookie(request: Request, name: str) -> str:
    return request.cookies.get(_named(request, name), "")


def set_cookie(request: Request, response: Response, name: str, value: str, seconds: int) -> None:
    response.set_cookie(
        _named(request, name),
        value,
        max_age=seconds,
        httponly=True,
        samesite="lax",
        secure=is_secure(request),
    )


def delete_cookie(request: Request, response: Response, name: str) -> None:
    response.delete_cookie(_named(request, name), httponly=True, samesite="lax", secure=is_secure(request))


def _named(request: Request, name: str) -> str:
    """Over TLS with a mark by which browsers take it from this very host alone, for all its paths."""
    return f"__Host-{name}" if is_secure(request) else name
