"""Whatever changes something leaves an entry in the audit. Each operation is carried out, and the entry looked for."""

from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from sqlmodel import Session, col, select

from schemas.account import Organization
from schemas.audit import AuditEntry
from schemas.vocabulary import Role
from service.app import create_app
from service.integrity import TEXT
from service.openapi_examples import EXAMPLES
from tests.conftest import ClientFor
from tests.make import make_capability, make_need, make_organization

# What is sent by POST and changes nothing, with the reason why it is sent so.
CHANGE_NOTHING = {
    "POST /v1/matches": "A text to find matches for is too long for an address; the list that is kept is the asker's.",
    "POST /v1/needs/check": "A body that is looked at and not kept.",
    "POST /v1/capabilities/check": "A body that is looked at and not kept.",
}


class World:
    """Two organisations with clients, and what may be needed to have something to change."""

    def __init__(self, session: Session, client_for: ClientFor) -> None:
        self.session = session
        self.own, self.other = make_organization(session), make_organization(session)
        self.member, self.second = client_for(self.own), client_for(self.other)
        self.operator = client_for(make_organization(session), Role.operator)

    def posting(self, side: str, status: str = "published") -> str:
        make = make_need if side == "needs" else make_capability
        return str(make(self.session, self.own, publish=status == "published").id)

    def pair(self) -> dict[str, str]:
        return {
            "need_id": str(make_need(self.session, self.own).id),
            "capability_id": str(make_capability(self.session, self.other).id),
        }

    def introduction(self, status: str = "asked") -> str:
        made = self.member.post("/v1/introductions", json=self.pair()).json()["id"]
        if status == "accepted":
            self.second.post(f"/v1/introductions/{made}/accept", json={})
        return f"/v1/introductions/{made}"

    def made(self, client: TestClient, path: str, body: dict[str, Any]) -> str:
        return f"{path}/{client.post(path, json=body).json()['id']}"

    def veto(self) -> str:
        return self.made(self.operator, "/v1/vetoes", self.veto_body())

    def veto_body(self) -> dict[str, Any]:
        return {**EXAMPLES["VetoMake"], "organization_id": str(self.other.id), "starts_on": "2026-01-01"}

    def target(self) -> str:
        return self.made(self.operator, "/v1/targets", EXAMPLES["TargetCreate"])


Doing = Callable[[World], Response]


def of_postings(side: str, least: dict[str, Any]) -> dict[str, tuple[str, Doing]]:
    key, noun = ("need_id", "need") if side == "needs" else ("capability_id", "capability")
    one = f"/v1/{side}/{{{key}}}"

    def verb(name: str, status: str, body: dict[str, Any] | None = None, by: str = "member") -> Doing:
        return lambda w: getattr(w, by).post(f"/v1/{side}/{w.posting(side, status)}/{name}", json=body)

    return {
        f"POST /v1/{side}": (f"{noun}.post", lambda w: w.member.post(f"/v1/{side}", json=least)),
        f"PATCH {one}": (
            f"{noun}.change",
            lambda w: w.member.patch(f"/v1/{side}/{w.posting(side)}", json={"keywords": ["枣"]}),
        ),
        f"DELETE {one}": (f"{noun}.delete", lambda w: w.member.delete(f"/v1/{side}/{w.posting(side)}")),
        f"POST {one}/submit": (f"{noun}.submit", verb("submit", "draft")),
        f"POST {one}/publish": (f"{noun}.publish", verb("publish", "draft")),
        f"POST {one}/close": (f"{noun}.close", verb("close", "published")),
        f"POST {one}/reject": (f"{noun}.reject", verb("reject", "published", {"reason": "x"}, "operator")),
    }


def keys_of(w: World) -> str:
    return f"/v1/organizations/{w.own.id}/api-keys"


DOINGS: dict[str, tuple[str, Doing]] = {
    **of_postings("needs", {"title": "枣"}),
    **of_postings("capabilities", {"title": "枣", "kind": "service"}),
    "POST /v1/embeds": ("embed.make", lambda w: w.member.post("/v1/embeds", json=EXAMPLES["EmbedCreate"])),
    "DELETE /v1/embeds/{embed_id}": (
        "embed.revoke",
        lambda w: w.member.delete(w.made(w.member, "/v1/embeds", EXAMPLES["EmbedCreate"])),
    ),
    "POST /v1/imports": (
        "import.post",
        lambda w: w.member.post(
            "/v1/imports", files={"file": ("a.csv", "需求名称\n枣\n".encode())}, data={"kind": "needs"}
        ),
    ),
    "POST /v1/introductions": (
        "introduction.ask",
        lambda w: w.member.post("/v1/introductions", json=w.pair()),
    ),
    "POST /v1/introductions/{introduction_id}/accept": (
        "introduction.accept",
        lambda w: w.second.post(f"{w.introduction()}/accept", json={}),
    ),
    "POST /v1/introductions/{introduction_id}/decline": (
        "introduction.decline",
        lambda w: w.second.post(f"{w.introduction()}/decline", json={"reason": "timing"}),
    ),
    "POST /v1/introductions/{introduction_id}/end": (
        "introduction.end",
        lambda w: w.member.post(f"{w.introduction('accepted')}/end", json={"outcome": "contract"}),
    ),
    "POST /v1/introductions/{introduction_id}/withdraw": (
        "introduction.withdraw",
        lambda w: w.member.post(f"{w.introduction()}/withdraw"),
    ),
    "POST /v1/organizations": (
        "organization.create",
        lambda w: w.operator.post("/v1/organizations", json=EXAMPLES["OrganizationCreate"]),
    ),
    "PATCH /v1/organizations/{organization_id}": (
        "organization.change",
        lambda w: w.member.patch(f"/v1/organizations/{w.own.id}", json={"name": "新名"}),
    ),
    "POST /v1/organizations/{organization_id}/verify": (
        "organization.verify",
        lambda w: w.operator.post(
            f"/v1/organizations/{make_organization(w.session, verified=False).id}/verify"
        ),
    ),
    "POST /v1/organizations/{organization_id}/api-keys": (
        "key.issue",
        lambda w: w.member.post(keys_of(w), json={"role": "member"}),
    ),
    "DELETE /v1/organizations/{organization_id}/api-keys/{key_id}": (
        "key.revoke",
        lambda w: w.member.delete(f"{keys_of(w)}/{w.member.get(keys_of(w)).json()[0]['id']}"),
    ),
    "POST /v1/integrity/declarations": (
        "integrity.declare",
        lambda w: w.member.post("/v1/integrity/declarations", json={"version": TEXT.version}),
    ),
    "POST /v1/vetoes": ("veto.enter", lambda w: w.operator.post("/v1/vetoes", json=w.veto_body())),
    "PATCH /v1/vetoes/{veto_id}": (
        "veto.change",
        lambda w: w.operator.patch(w.veto(), json={"ends_on": "2040-01-01"}),
    ),
    "POST /v1/vetoes/{veto_id}/lift": (
        "veto.lift",
        lambda w: w.operator.post(f"{w.veto()}/lift", json={"reason": "复核"}),
    ),
    "POST /v1/personal-data/export": (
        "personal_data.export",
        lambda w: w.member.post("/v1/personal-data/export", json={"name": "王建国"}),
    ),
    "POST /v1/personal-data/erase": (
        "personal_data.erase",
        lambda w: w.member.post("/v1/personal-data/erase", json={"name": "王建国"}),
    ),
    "POST /v1/targets": (
        "target.create",
        lambda w: w.operator.post("/v1/targets", json=EXAMPLES["TargetCreate"]),
    ),
    "PATCH /v1/targets/{target_id}": (
        "target.change",
        lambda w: w.operator.patch(w.target(), json=EXAMPLES["TargetChange"]),
    ),
    "DELETE /v1/targets/{target_id}": ("target.delete", lambda w: w.operator.delete(w.target())),
    "PUT /v1/targets/{target_id}/values/{year}": (
        "target.count",
        lambda w: w.operator.put(f"{w.target()}/values/2026", json={"value": 1, "source": "x"}),
    ),
    "DELETE /v1/targets/{target_id}/values/{year}": (
        "target.forget",
        lambda w: w.operator.delete(f"{w.target()}/values/2026"),
    ),
}


def changing_operations() -> set[str]:
    return {
        f"{method.upper()} {path}"
        for path, methods in create_app().openapi()["paths"].items()
        for method in methods
        if method != "get"
    }


def entries(session: Session) -> list[AuditEntry]:
    session.rollback()
    session.expire_all()
    return list(session.exec(select(AuditEntry).order_by(col(AuditEntry.number))))


def test_every_operation_that_changes_something_is_tried_below() -> None:
    assert set(DOINGS) | set(CHANGE_NOTHING) == changing_operations()
    assert set(DOINGS) & set(CHANGE_NOTHING) == set()


@pytest.mark.parametrize("name", DOINGS)
def test_what_it_changes_is_in_the_audit_with_who_did_it(
    session: Session, client_for: ClientFor, name: str
) -> None:
    action, do = DOINGS[name]
    world = World(session, client_for)

    answer = do(world)

    assert answer.status_code < 300, answer.text
    last = entries(session)[-1]
    assert (last.action, last.organization_id is None) == (action, False)


@pytest.mark.parametrize("name", CHANGE_NOTHING)
def test_what_changes_nothing_leaves_none(session: Session, client_for: ClientFor, name: str) -> None:
    body = {"text": "枣", "looking_for": "needs"} if "matches" in name else {"title": "枣", "kind": "service"}
    if "/needs/" in name:
        del body["kind"]

    answer = client_for().post(name.split()[1], json=body)

    assert answer.status_code == 200
    assert entries(session) == []


def test_whose_contacts_an_operator_read_is_in_the_audit(
    session: Session, client_for: ClientFor, owner: Organization
) -> None:
    need = make_need(session, owner, contacts=[{"phone": "13800138000"}])
    plain = make_need(session, owner)
    operator = client_for(role=Role.operator)
    listed = operator.get("/v1/needs").json()["items"]
    before = len(entries(session))

    seen = operator.get(f"/v1/needs/{need.id}").json()
    operator.get(f"/v1/needs/{plain.id}")
    client_for(owner).get(f"/v1/needs/{need.id}")

    assert {one["contacts"] is None for one in listed} == {True}
    assert seen["contacts"][0]["phone"] == "13800138000"
    (entry,) = entries(session)[before:]
    assert (entry.action, entry.subject_id, owner.id in entry.concerns) == ("contact.read", need.id, True)


@pytest.mark.parametrize("format_", ["jsonl", "csv", "xlsx"])
def test_a_file_with_everybodys_contacts_is_in_the_audit_of_everybody(
    session: Session, client_for: ClientFor, owner: Organization, format_: str
) -> None:
    make_need(session, owner)

    client_for(role=Role.operator).get("/v1/exports/needs", params={"format": format_})

    told = client_for(owner).get("/v1/audit", params={"action": "needs.export"}).json()["items"]
    assert [(one["role"], one["detail"]) for one in told] == [("operator", {"rows": 1, "format": format_})]
