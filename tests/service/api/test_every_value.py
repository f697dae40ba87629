"""Whatever a stranger puts wherever a value may stand, they are told so, and XML stays XML.

In the suite each place gets a NUL and one other strange value by turns; ``make fuzz`` tries all of them everywhere.
"""

import os
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from pydantic import BaseModel
from sqlmodel import Session

from schemas import base, domains, embed, match, regions
from schemas.reading import credit_codes
from schemas.vocabulary import Role
from service.api.openapi_examples import EXAMPLES
from service.platform import paging
from tests.conftest import ClientFor
from tests.make import make_capability, make_key, make_need
from tests.service.contracting import draft, parties
from tests.service.strange_values import STRANGE, Asked, Part, declared, routes_of, send, watched
from tests.service.tenders import Tender

EVERYTHING = os.environ.get("FUZZ") == "long"
ORIGIN = "http://testserver"
# What a route must be asked beside the strange value to come as far as its tables.
BESIDE: dict[str, dict[str, str]] = {
    "/oai": {"verb": "ListRecords", "metadataPrefix": "oai_dc", "from": "2020-01-01"},
    "/oembed": {"url": f"{ORIGIN}/needs"},
    "/embed/{element}": {"key": "{site_key}", "q": "枣"},
    "/v1/embedded/{element}": {"key": "{site_key}", "q": "枣"},
    "/search": {"q": "枣园"},
    "/introductions/new": {"need_id": "{need_id}", "capability_id": "{capability_id}"},
    "/challenges/new": {"need_id": "{need_id}"},
}
OAI_ARGUMENTS = ("verb", "identifier", "metadataPrefix", "from", "until", "set", "resumptionToken")
_OFTEN = 20
# Names of which a route may read any.
LOOSE = re.compile(r"lang|cursor|limit|q|side|domain|region|valid_on|deadline_from|action|received_on|facets")
# What would end the session with which the next value is to be sent, or the life of what it is about.
LAST = (
    "/sign-out",
    "/revoke",
    "/erase",
    "DELETE",
    "withdraw",
    "close",
    "remove",
    "end",
    "cancel",
    "terminate",
)
_GUARDS = {
    base.refuse_unstorable,
    # Of these only what is in a list, or of one alphabet, comes through.
    domains._known,
    regions._known,
    credit_codes._checked,
    embed._an_origin,
    match._one_of_ours,
    paging._one_of_ours,
}  # fmt: skip
_CLOSURES = ("from_words.<locals>.read", "_level", ".one_of_ours")
# Pages that give what was typed to a stricter shape themselves, so as to tell what is wrong beside the field.
_READ_BY_THE_PAGE = ["/search q", "/subscriptions/new q"]


def _of_an_alphabet(pattern: str) -> bool:
    """Whether it matches whole texts, of characters that it names."""
    beyond_classes = re.sub(r"\[[^]]*]|\\\.", "", pattern)
    return bool(re.fullmatch(r"\^[^.]*\$", beyond_classes)) and "[^" not in pattern


def unguarded(  # noqa: C901 -- one branch a kind of schema
    schema: Any, shapes: dict[str, Any], where: str = "", *, guarded: bool = False
) -> Iterator[str]:
    """Places in a pydantic schema where text or a day is taken as it comes."""
    kind = schema["type"]
    if kind == "definitions":
        shapes |= {one["ref"]: one for one in schema["definitions"]}
    if kind == "definition-ref":
        if (shape := shapes.pop(schema["schema_ref"], None)) is not None:
            yield from unguarded(shape, shapes, where)
        return
    if kind.startswith("function-"):
        function = schema["function"]["function"]
        guarded |= function in _GUARDS or getattr(function, "__qualname__", "").endswith(_CLOSURES)
    if kind == "str" and not (guarded or _of_an_alphabet(schema.get("pattern", ""))):
        yield f"{where} is any text"
    if kind in ("date", "datetime") and not {"ge", "le", "lt"} & schema.keys():
        yield f"{where} is any day"
    if kind == "model-fields":
        for name, field in schema["fields"].items():
            yield from unguarded(field["schema"], shapes, f"{where}/{name}")
        return
    for name in ("schema", "items_schema", "keys_schema", "values_schema", "lax_schema", "json_schema"):
        if name in schema:
            yield from unguarded(schema[name], shapes, where, guarded=guarded)
    choices = schema.get("choices", [])
    for one in choices.values() if isinstance(choices, dict) else choices:
        yield from unguarded(one[0] if isinstance(one, tuple) else one, shapes, where, guarded=guarded)


def test_no_request_brings_text_or_days_that_were_not_looked_at(app: FastAPI) -> None:
    found = set()
    for route in routes_of(app):
        waiting = [route.dependant]
        while waiting:
            one = waiting.pop()
            waiting += one.dependencies
            for field in (
                *one.path_params, *one.query_params, *one.header_params, *one.cookie_params, *one.body_params
            ):  # fmt: skip
                shape = field.field_info.annotation
                name = f"{route.path} {field.name}"
                if isinstance(shape, type) and issubclass(shape, BaseModel):
                    name = shape.__name__
                found |= set(unguarded(field._type_adapter.core_schema, {}, name))

    assert sorted(found) == [f"{place} is any text" for place in _READ_BY_THE_PAGE]


class Strangers:
    """Everything that routes are about, and clients of three who may do most of it."""

    def __init__(self, session: Session, app: FastAPI, client_for: ClientFor) -> None:
        people, tender = parties(session, client_for), Tender(session, client_for)
        contract = draft(session, people)
        bid = tender.opened().bid(people.seeker)
        operator = people.operator
        made: dict[str, Any] = {
            "embed": operator.post(
                "/v1/embeds", json={"name": "x", "origins": [ORIGIN], "elements": ["search", "latest", "matches"]}
            ),
            "target": operator.post("/v1/targets", json=EXAMPLES["TargetCreate"]),
            "broker": people.broker.post("/v1/brokers", json={}),
            "veto": operator.post(
                "/v1/vetoes",
                json={**EXAMPLES["VetoMake"], "organization_id": str(tender.panel.id), "starts_on": "2026-01-01"},
            ),
            "subscription": people.seeker.post("/v1/subscriptions", json={"text": "枣", "looking_for": "needs"}),
        }  # fmt: skip
        assert {name: one.status_code for name, one in made.items()} == dict.fromkeys(made, 201)
        self.ids = {
            **{f"{name}_id": one.json()["id"] for name, one in made.items()},
            "need_id": str(make_need(session, people.buyer).id),
            "capability_id": str(make_capability(session, people.buyer).id),
            "contract_id": contract["id"],
            "introduction_id": people.seeker.get("/v1/introductions").json()["items"][0]["id"],
            "challenge_id": tender.id,
            "bid_id": bid,
            "organization_id": str(people.buyer.id),
            "posting_id": str(make_need(session, people.buyer).id),
            "site_key": made["embed"].json()["site_key"],
            "side": "needs",
            "kind": "needs",
            "element": "search",
            "ending": "csv",
            "year": "2026",
            "months": "6",
            "token": "AA",
            "version": "1",
        }
        owners = ((people.buyer, Role.operator), (people.buyer, Role.member), (tender.owner, Role.member))
        self.clients = [
            (self._browser(app, key), key)
            for owner, role in owners
            for key in [make_key(session, owner, role=role)]
        ]

    def _browser(self, app: FastAPI, key: str) -> TestClient:
        browser = TestClient(app, raise_server_exceptions=False, base_url=ORIGIN, follow_redirects=False)
        browser.post("/sign-in", data={"key": key}, headers={"Origin": ORIGIN})
        page = browser.get("/my").text
        self.form_tokens = {
            **getattr(self, "form_tokens", {}),
            id(browser): re.findall('name="form_token" value="([^"]+)"', page)[0],
        }
        return browser

    def filled(self, template: str, **instead: str) -> str:
        return re.sub(r"{(\w+)}", lambda slot: {**self.ids, **instead}.get(slot[1], "1"), template)

    def asked(self, route: APIRoute, method: str, browser: TestClient, key: str) -> tuple[Asked, Any]:
        """The request without anything strange in it, and its body, if that is JSON."""
        headers = {"Origin": ORIGIN, "Authorization": f"Bearer {key}"}
        query = {name: self.filled(value) for name, value in BESIDE.get(route.path, {}).items()}
        form, body = {}, None
        if method != "GET" and not route.path.startswith("/v1/"):
            form = {"form_token": self.form_tokens[id(browser)], "title": "枣", "reason": "x", "version": "1"}
        elif route.body_field is not None:
            body = EXAMPLES.get(getattr(route.body_field.field_info.annotation, "__name__", ""), {})
        return Asked(method, self.filled(route.path), query, form, headers), body

    def by_whom_it_may(self, route: APIRoute, method: str) -> tuple[TestClient, Asked, Any, set[Part]]:
        """A client whom it lets in, what that asks, and all that was looked for in it."""
        *others, last = self.clients
        for browser, key in (*others, last):
            asked, body = self.asked(route, method, browser, key)
            with watched() as seen:
                plain = _sent(browser, asked, body)
            if plain.status_code not in (401, 403, 404) or browser is last[0]:
                return browser, asked, body, seen
        raise AssertionError

    def places(self, route: APIRoute, seen: set[Part], asked: Asked) -> list[Part]:
        parts = {
            part
            for part in seen | declared(route)
            if part.name != "*" and (asked.form or part.place != "form")
        }
        if Part("QueryParams", "*") in seen or Part("query", "*") in seen:
            parts |= {Part("query", name) for name in (*LOOSE.pattern.split("|"), *OAI_ARGUMENTS)}
        parts |= {Part("path", name) for name in re.findall(r"{(\w+)}", route.path)}
        # Of the one nothing is read but whose request it is; the other is the way in.
        left_out = {"authorization", "form_token", "content-length", "content-type", "host", "connection"}
        return sorted(part for part in parts if part.name.lower() not in left_out)


def all_routes(app: FastAPI) -> list[tuple[APIRoute, str]]:
    """Those last that take away what others are about."""
    pairs = [(route, method) for route in routes_of(app) for method in sorted(route.methods or ())]
    return sorted(pairs, key=lambda pair: any(word in f"{pair[1]} {pair[0].path}" for word in LAST))


def values_for(turn: int) -> list[str]:
    names = list(STRANGE)
    return names if EVERYTHING else ["NUL", names[1 + turn % 4]]


def complaint(answer: Any) -> str:
    """What is wrong with it; nothing where a stranger may be answered so."""
    if answer.status_code >= 500 and answer.status_code not in (501, 503):
        return str(answer.status_code)
    if re.match(r"\w+/([\w.-]+\+)?xml\b", answer.headers.get("content-type", "")) and answer.content:
        try:
            ET.fromstring(answer.content)
        except ET.ParseError as wrong:
            return f"no XML: {wrong}"
    return ""


@pytest.mark.model
def test_no_value_anywhere_is_too_strange_for_an_answer(
    session: Session, app: FastAPI, client_for: ClientFor
) -> None:
    strangers, wrong = Strangers(session, app, client_for), []
    tried: Counter[Part] = Counter()
    for route, method in all_routes(app):
        browser, asked, body, seen = strangers.by_whom_it_may(route, method)
        for turn, part in enumerate(strangers.places(route, seen, asked)):
            # What is read of every request is read by one function.
            if part.place in ("header", "cookie") and tried[part] >= _OFTEN and not EVERYTHING:
                continue
            tried[part] += 1
            for name in values_for(turn):
                answer = _sent(browser, asked, body, part, STRANGE[name], strangers, route)
                if told := complaint(answer):
                    wrong.append((method, route.path, *part, name, told))

    assert not wrong, "\n".join(map(str, wrong))
    # It looked where no document names anything: at forms, cookies and what pages read of their address.
    assert {
        Part("form", "once"), Part("cookie", "duijie_session"), Part("cookie", "duijie_sign_in"),
        Part("query", "lang"), Part("query", "until"), Part("query", "cursor"), Part("header", "accept-language"),
        Part("header", "idempotency-key"), Part("path", "token"), Part("form", "text"),
    } <= {part._replace(name=part.name.lower()) for part in tried}  # fmt: skip


def _sent(
    browser: TestClient,
    asked: Asked,
    body: Any,
    part: Part | None = None,
    value: bytes = b"",
    strangers: Strangers | None = None,
    route: APIRoute | None = None,
) -> Any:
    if body is not None:
        asked = asked._replace(headers={**asked.headers, "content-type": "application/json"})
    if part is not None and part.place == "path":
        assert strangers is not None
        assert route is not None
        quoted = "".join(f"%{byte:02x}" for byte in value[:3_000]) or "%20"
        return send(
            browser, asked._replace(path=strangers.filled(route.path, **{part.name: quoted})), body=body
        )
    return send(browser, asked, part, value, body=body)
