"""Postings, organisations, integrity, personal data, targets."""

from typing import Any

from service.access.integrity import TEXT
from service.api.openapi_examples import EXAMPLES
from tests.make import make_organization
from tests.service.doings.doing import Doing, Doings, World


def of_postings(side: str, least: dict[str, Any]) -> Doings:
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


def _reinstated(w: World) -> Any:
    place = f"/v1/organizations/{make_organization(w.session).id}"
    w.operator.post(f"{place}/suspend", json={"reason": "重复登记"})
    return w.operator.post(f"{place}/reinstate")


BASICS: Doings = {
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
    "POST /v1/organizations/{organization_id}/suspend": (
        "organization.suspend",
        lambda w: w.operator.post(
            f"/v1/organizations/{make_organization(w.session).id}/suspend", json={"reason": "重复登记"}
        ),
    ),
    "POST /v1/organizations/{organization_id}/reinstate": ("organization.reinstate", _reinstated),
    "POST /v1/organizations/{organization_id}/merge": (
        "organization.merge",
        lambda w: w.operator.post(
            f"/v1/organizations/{make_organization(w.session).id}/merge",
            json={"into_id": str(make_organization(w.session).id)},
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
