"""What strangers send, where, and to everything that answers: found by watching what each route reads."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple
from urllib.parse import quote_from_bytes

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from httpx2 import Response
from starlette.datastructures import FormData, Headers, ImmutableMultiDict, QueryParams
from starlette.requests import HTTPConnection

#: NUL, halves of characters, days and moments that nothing can be added to, numbers beyond all, cursors of nobody.
STRANGE: dict[str, bytes] = {
    "NUL": b"\x00",
    "last day": b"9999-12-31",
    "a cursor of ones": b"_" * 21 + b"w",
    "half a character": b"\xed\xa0\x80",
    "a huge number": b"9" * 400,
    "words with NUL": "枣\x00子".encode(),
    "first day": b"0001-01-01",
    "last moment": b"9999-12-31T23:59:59.999999-12:00",
    "first moment": b"0001-01-01T00:00:00+14:00",
    "no UTF-8": b"\xff\xfe",
    "a broken cursor": b"abc",
    "a long cursor": b"_" * 800,
    "a short cursor": b"AA",
    "escape": b"\x1b",
    "minus one": b"-1",
    "beyond 64 bits": b"-9223372036854775809",
    "no number": b"nan",
    "endless": b"1e999",
    "nothing": b"",
    "very long": "长".encode() * 30_000,
    "quotes": b"'\"\\);--",
    "the nil id": b"00000000-0000-0000-0000-000000000000",
    "deep": b"[" * 5_000,
    "other digits": "٣１²".encode(),
}


class Part(NamedTuple):
    """One thing that a request may carry."""

    place: str
    name: str


@contextmanager
def watched() -> Iterator[set[Part]]:
    """Notes which parameters, form fields, headers and cookies are looked for, whether they are there or not."""
    seen: set[Part] = set()
    places = {QueryParams: "query", FormData: "form"}
    keys, cookies = ImmutableMultiDict.keys, HTTPConnection.__dict__["cookies"]

    def noted(read: Callable[[Any, str], Any]) -> Callable[[Any, str], Any]:
        def reading(self: Any, name: str) -> Any:
            if type(self) in places:
                seen.add(Part(places[type(self)], name))
            # Other headers are of replies.
            elif type(self) is Headers:
                seen.add(Part("header", name.lower()))
            return read(self, name)

        return reading

    def noted_keys(self: Any) -> Any:
        if type(self) in places:
            seen.add(Part(places[type(self)], "*"))
        return keys(self)

    class Cookies(dict[str, str]):
        def get(self, name: str, default: Any = None) -> Any:
            seen.add(Part("cookie", name))
            return super().get(name, default)

    with pytest.MonkeyPatch.context() as patch:
        for kind in (ImmutableMultiDict, Headers):
            patch.setattr(kind, "__getitem__", noted(kind.__getitem__))
            patch.setattr(kind, "getlist", noted(kind.getlist))
        patch.setattr(ImmutableMultiDict, "keys", noted_keys)
        patch.setattr(HTTPConnection, "cookies", property(lambda self: Cookies(cookies.fget(self))))
        yield seen


def routes_of(app: FastAPI) -> list[APIRoute]:
    """Of the API, the portal, feeds and OAI."""
    found = [
        route
        for included in app.routes
        for route in getattr(getattr(included, "original_router", None), "routes", [included])
    ]
    return [route for route in found if isinstance(route, APIRoute)]


def declared(route: APIRoute) -> set[Part]:
    """What the signature of a route, and of all that it depends on, names."""
    found: set[Part] = set()
    waiting = [route.dependant]
    while waiting:
        dependant = waiting.pop()
        waiting += dependant.dependencies
        for place, fields in (
            ("query", dependant.query_params),
            ("header", dependant.header_params),
            ("cookie", dependant.cookie_params),
        ):
            for field in fields:
                shape = getattr(field.field_info.annotation, "model_fields", None)
                found |= {Part(place, name) for name in shape or [field.alias]}
    return found


class Asked(NamedTuple):
    """A request as it would be without anything strange in it."""

    method: str
    path: str
    query: dict[str, str]
    form: dict[str, str]
    headers: dict[str, str]


def send(
    client: TestClient, asked: Asked, part: Part | None = None, value: bytes = b"", body: Any = None
) -> Response:
    """With this value in this place of it, byte by byte as a socket would bring it."""
    carried: dict[str, dict[str, bytes]] = {
        "query": {name: one.encode() for name, one in asked.query.items()},
        "form": {name: one.encode() for name, one in asked.form.items()},
        "header": {name.lower(): one.encode() for name, one in asked.headers.items()},
        "cookie": {name: one.encode() for name, one in client.cookies.items()},
    }
    if part is not None:
        # A line's end would end the header; what Python takes for an escape within quotes comes as such.
        quoted = b'"' + b"".join(b"\\%03o" % byte for byte in value[:2_000]) + b'"'
        carried[part.place][part.name] = quoted if part.place == "cookie" else value
    headers = carried["header"]
    if carried["cookie"]:
        headers["cookie"] = b"; ".join(name.encode() + b"=" + one for name, one in carried["cookie"].items())
    content = None if body is None else json.dumps(body).encode()
    if asked.form:
        headers["content-type"] = headers.get("content-type", b"application/x-www-form-urlencoded")
        content = _pairs(carried["form"]).encode()
    query = _pairs(carried["query"])
    answer: Response = client.request(
        asked.method,
        f"{asked.path}?{query}" if query else asked.path,
        content=content,
        headers=[(name.encode(), one) for name, one in headers.items()],
        follow_redirects=False,
    )
    return answer


def _pairs(given: dict[str, bytes]) -> str:
    return "&".join(
        f"{quote_from_bytes(name.encode())}={quote_from_bytes(one)}" for name, one in given.items()
    )
