"""Which methods an address takes: HEAD where GET is, OPTIONS everywhere, and 405 for all others.

Starlette answers 405 with the methods of the first route alone that has the path. Here they are those of all of them,
and they are looked at before anything else: before who asks (401), and before what is asked (422).
"""

import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any, NamedTuple

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette._utils import get_route_path
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: Below these, scripts of any site may read what anybody may read.
FOR_OTHER_SITES = ("/v1/embedded/", "/widget", "/feeds/", "/oembed")


class _Route(NamedTuple):
    path: re.Pattern[str]
    methods: set[str]
    slots: list[Any]
    documented: bool

    def takes(self, found: re.Match[str]) -> bool:
        """Whether what stands in the path is what it asks for: ``new`` is no id of a need."""
        return not any(slot.validate(found[slot.alias], {}, loc=("path",))[1] for slot in self.slots)


class Methods:
    """Stands before the router, behind what makes answers of failures."""

    def __init__(self, app: FastAPI) -> None:
        self._app: ASGIApp = app.router.middleware_stack
        self._routes = list(_routes_of(app))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not (allowed := self._allowed(get_route_path(scope))):
            await self._app(scope, receive, send)
            return
        method, allow = scope["method"], {"Allow": ", ".join(sorted(allowed))}
        if method not in allowed:
            raise HTTPException(HTTPStatus.METHOD_NOT_ALLOWED, headers=allow)
        if method == "OPTIONS":
            if scope["path"].startswith(FOR_OTHER_SITES):
                allow |= {"Access-Control-Allow-Methods": allow["Allow"], "Access-Control-Allow-Headers": "*"}
            await Response(status_code=HTTPStatus.NO_CONTENT, headers=allow)(scope, receive, send)
        elif method == "HEAD":
            await self._head(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _head(self, scope: Scope, receive: Receive, send: Send) -> None:
        """What GET answers; the server leaves the body out, since it sees HEAD again."""

        async def send_as_head(message: Message) -> None:
            scope["method"] = "HEAD"
            await send(message)

        scope["method"] = "GET"
        try:
            await self._app(scope, receive, send_as_head)
        finally:
            scope["method"] = "HEAD"

    def _allowed(self, path: str) -> set[str]:
        """None where no route has the path. Raises 404 for what only looks like a page's address."""
        fitting: list[_Route] = []
        others: list[_Route] = []
        for route in self._routes:
            if found := route.path.match(path):
                (fitting if route.takes(found) else others).append(route)
        # An API route says itself what is wrong with an id; among pages nothing is there.
        known = fitting or [route for route in others if route.documented]
        if others and not known:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        methods = {method for route in known for method in route.methods}
        return methods | ({"HEAD"} if "GET" in methods else set()) | ({"OPTIONS"} if methods else set())


def _routes_of(app: FastAPI) -> Iterator[_Route]:
    for one in iter_route_contexts(app.routes):
        # What is mounted takes what it takes.
        if one.methods:
            slots = getattr(one, "dependant", None)
            yield _Route(
                one.path_regex, one.methods, slots.path_params if slots else [], one.include_in_schema
            )
