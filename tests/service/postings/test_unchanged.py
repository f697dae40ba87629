"""Whoever changes nothing leaves no trace: no version, no moment, no entry in the audit, nobody told."""

from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import func, select
from sqlmodel import Session

from schemas.audit import AuditEntry
from schemas.notice import Notice
from schemas.outbox import OutboxMessage
from schemas.vocabulary import Role
from service.api.openapi_examples import EXAMPLES
from tests.conftest import ClientFor
from tests.make import make_organization
from tests.service.strange_values import routes_of
from tests.service.tenders import challenge_body

_POSTING = {
    "title": "红枣分级设备",
    "description": "日处理20吨，电话13800138000",
    "budget": "50-100万元",
    "region": "四十四团",
    "keywords": ["红枣"],
    "publish": True,
}
_CAPABILITY = {**_POSTING, "kind": "achievement", "price": "50万元", "partner_wish": "请电13900139000"}
del _CAPABILITY["budget"]
#: What is posted, then what is sent again as it was, then what is new.
CASES: dict[str, tuple[dict[str, Any], dict[str, Any], dict[str, Any]]] = {
    "needs": (
        _POSTING,
        {name: _POSTING[name] for name in ("title", "description", "budget", "region", "keywords")},
        {"title": "核桃分级设备"},
    ),
    "capabilities": (
        _CAPABILITY,
        {name: _CAPABILITY[name] for name in ("title", "description", "price", "kind")},
        {"price": "60万元"},
    ),
    "organizations": (
        {"name": "枣园", "kind": "enterprise", "affiliation": "corps", "region": "659003"},
        {"name": "枣园", "affiliation": "corps", "region": "659003"},
        {"name": "果园"},
    ),
    "challenges": (
        challenge_body(),
        {"title": challenge_body()["title"], "indicators": challenge_body()["indicators"], "own_yuan": 4_000_000},
        {"own_yuan": 4_000_001},
    ),
    "targets": (EXAMPLES["TargetCreate"], {"at_least": EXAMPLES["TargetCreate"]["at_least"]}, {"at_least": 7}),
    "brokers": ({"level": "senior"}, {"level": "senior"}, {"level": "junior"}),
    "vetoes": (
        {**EXAMPLES["VetoMake"], "starts_on": "2026-01-01"},
        {"starts_on": "2026-01-01", "source": EXAMPLES["VetoMake"]["source"]},
        {"source": "〔2026〕4号"},
    ),
}  # fmt: skip


def traces(session: Session) -> list[int]:
    session.rollback()
    return [
        session.execute(select(func.count()).select_from(table)).scalar_one()
        for table in (AuditEntry, Notice, OutboxMessage)
    ]


def read(client: TestClient, noun: str, made_id: str) -> dict[str, Any]:
    if noun != "targets":
        found: dict[str, Any] = client.get(f"/v1/{noun}/{made_id}").json()
        return found
    return next(one for one in client.get("/v1/targets").json() if one["id"] == made_id)


@pytest.mark.parametrize("noun", CASES)
def test_what_changes_nothing_leaves_no_trace(session: Session, client_for: ClientFor, noun: str) -> None:
    body, same, new = CASES[noun]
    client = client_for(role=Role.operator)
    if noun == "vetoes":
        body = {**body, "organization_id": str(make_organization(session).id)}
    made = client.post(f"/v1/{noun}", json=body)
    assert made.status_code == 201, made.text
    place = f"/v1/{noun}/{made.json()['id']}"
    before, left = read(client, noun, made.json()["id"]), traces(session)

    nothing, again = (client.patch(place, json=sent) for sent in ({}, same))

    assert [one.status_code for one in (nothing, again)] == [200, 200], again.text
    assert (nothing.json(), again.json()) == (before, before)
    assert nothing.headers["etag"] == again.headers["etag"]
    assert (read(client, noun, made.json()["id"]), traces(session)) == (before, left)

    changed = client.patch(place, json=new)

    assert changed.headers["etag"] != again.headers["etag"]
    assert traces(session)[0] == left[0] + 1


def test_every_patch_is_tried(app: FastAPI) -> None:
    patched = {route.path.split("/")[2] for route in routes_of(app) if "PATCH" in (route.methods or ())}

    assert patched == CASES.keys()


@pytest.mark.parametrize("noun", ["needs", "capabilities"])
def test_what_is_posted_again_as_it_was_leaves_no_trace(
    session: Session, client_for: ClientFor, noun: str
) -> None:
    client, body = client_for(role=Role.operator), {**CASES[noun][0], "external_id": "D-1"}
    first, left = client.post(f"/v1/{noun}", json=body).json(), traces(session)

    again = client.post(f"/v1/{noun}", json=body)

    assert (again.status_code, again.json(), traces(session)) == (201, first, left)
    assert client.post(f"/v1/{noun}", json={**body, "title": "甲"}).json()["version"] == 2
