"""From an enterprise's need to two people who can call each other, over HTTP, as each of them lives it."""

from typing import Any, NamedTuple

import pytest
from fastapi.testclient import TestClient
from sqlmodel import Session

from schemas.vocabulary import Role
from tests.conftest import ClientFor, Refreshed
from tests.make import make_capability, make_organization

pytestmark = pytest.mark.model

ENTERPRISE, INSTITUTE = "13800000001", "13900000002"


class Docked(NamedTuple):
    """Two in dialogue, each with a client, and what they were introduced by."""

    enterprise: TestClient
    institute: TestClient
    operator: TestClient
    introduction: dict[str, Any]


def dock(session: Session, client_for: ClientFor, refreshed: Refreshed) -> Docked:
    """Need → match → introduction → acceptance; what each step must show is asserted on the way."""
    enterprise = client_for(make_organization(session, name="某枣业公司"))
    institute = client_for(
        make_organization(session, name="某研究所", kind="research_institute", affiliation="aid")
    )
    for title in ("棉田残膜回收机", "光伏板清洗机器人", "戈壁设施蔬菜基质栽培"):
        make_capability(session, title=title, domains=[])

    need = enterprise.post(
        "/v1/needs",
        json={
            "title": "红枣自动分级设备",
            "description": f"人工分级日处理5吨，寻求日处理20吨以上的视觉分级设备，联系{ENTERPRISE}。",
            "domains": ["fruit.fruit_processing"],
            "publish": True,
        },
    ).json()
    capability = institute.post(
        "/v1/capabilities",
        json={
            "title": "视觉红枣分级机",
            "description": "按大小、色泽与裂纹分五级，已在两条生产线应用。",
            "kind": "achievement",
            "domains": ["fruit.fruit_processing"],
            "contacts": [{"name": "李老师", "phone": INSTITUTE}],
            "publish": True,
        },
    ).json()
    assert need["status"] == capability["status"] == "published"

    refreshed(enterprise)
    [best, *_] = enterprise.get(f"/v1/needs/{need['id']}/matches").json()["items"]
    assert best["capability"]["id"] == capability["id"]
    assert {reason["kind"] for reason in best["reasons"]} >= {"text", "terms", "fit"}
    assert INSTITUTE not in str(best)

    asked = enterprise.post(
        "/v1/introductions",
        json={
            "need_id": need["id"],
            "capability_id": best["capability"]["id"],
            "message": "希望了解处理能力。",
        },
    ).json()
    assert asked["status"] == "awaiting_provider"
    assert asked["score"] == pytest.approx(best["score"], abs=1e-4)
    assert asked["shown"]["reasons"] == best["reasons"]

    [received] = institute.get("/v1/introductions?status=awaiting_provider").json()["items"]
    assert (received["id"], received["message"]) == (asked["id"], "希望了解处理能力。")
    assert {"accept", "decline"} <= set(received["may"])
    assert ENTERPRISE not in str(received)
    assert institute.get(f"/v1/introductions/{asked['id']}/contacts").status_code == 409

    accepted = institute.post(f"/v1/introductions/{asked['id']}/accept", json={}).json()
    assert (accepted["status"], accepted["stage"]) == ("accepted", "contact")
    return Docked(enterprise, institute, client_for(role=Role.operator), accepted)


def test_an_enterprise_finds_whom_it_needs_and_both_can_call(
    session: Session, client_for: ClientFor, refreshed: Refreshed
) -> None:
    docked = dock(session, client_for, refreshed)
    place = f"/v1/introductions/{docked.introduction['id']}"

    theirs = docked.enterprise.get(f"{place}/contacts").json()
    ours = docked.institute.get(f"{place}/contacts").json()

    assert [contact["phone"] for contact in theirs["contacts"]] == [INSTITUTE]
    assert [contact["phone"] for contact in ours["contacts"]] == [ENTERPRISE]
    assert (theirs["organization"]["name"], ours["organization"]["name"]) == ("某研究所", "某枣业公司")
    seen = docked.operator.get("/v1/audit", params={"subject_id": docked.introduction["id"]}).json()["items"]
    assert [entry["action"] for entry in seen] == [
        "contact.reveal", "contact.reveal", "introduction.accept", "introduction.ask",
    ]  # fmt: skip
    assert {entry["organization"] for entry in seen} == {"某研究所", "某枣业公司"}
