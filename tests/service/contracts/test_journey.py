"""The whole path over HTTP: need, match, introduction, contacts, contract, registration, statistics."""

import pytest
from sqlmodel import Session

from tests.conftest import ClientFor, Refreshed
from tests.service.contracting import content, number, parties

pytestmark = pytest.mark.model


def test_from_an_enterprises_need_to_the_statistics(
    session: Session, client_for: ClientFor, refreshed: Refreshed
) -> None:
    two = parties(session, client_for)
    contact = [{"name": "王工", "phone": "13800000000"}]
    need = two.seeker.post(
        "/v1/needs",
        json={"title": "枣园病虫害手机识别", "description": "离线识别枣树病虫。", "publish": True},
    ).json()
    offer = {
        "title": "枣树病虫图像识别模型",
        "description": "手机离线识别枣树病虫害。",
        "kind": "achievement",
    }
    two.provider.post("/v1/capabilities", json={**offer, "contacts": contact, "publish": True})

    [match] = (
        refreshed(two.seeker).get(f"/v1/needs/{need['id']}/matches", params={"min_score": 0}).json()["items"]
    )
    introduction = two.seeker.post(
        "/v1/introductions", json={"need_id": need["id"], "capability_id": match["capability"]["id"]}
    ).json()
    two.provider.post(f"/v1/introductions/{introduction['id']}/accept", json={})
    contacts = two.seeker.get(f"/v1/introductions/{introduction['id']}/contacts").json()["contacts"]
    made = two.seeker.post(f"/v1/introductions/{introduction['id']}/contract", json=content()).json()
    for side in (two.seeker, two.provider):
        side.post(f"/v1/contracts/{made['id']}/sign", json={"version": 1, "hash": made["hash"]})
    two.provider.post(f"/v1/contracts/{made['id']}/submit", json={"evidence": ["text"], "seals_match": True})
    done = two.operator.post(f"/v1/contracts/{made['id']}/register", json={"number": number()}).json()
    figures = two.broker.get("/v1/statistics").json()

    assert match["capability"]["title"] == offer["title"]
    assert contacts[0]["phone"] == "13800000000"
    assert done["status"] == "registered"
    assert two.seeker.get(f"/v1/introductions/{introduction['id']}").json()["stage"] == "contract"
    assert {
        name: figures["funnel"][name] for name in ("needs", "introductions", "contracts", "registered")
    } == {
        "needs": 1,
        "introductions": 1,
        "contracts": 1,
        "registered": 1,
    }
    assert (figures["contracts"]["turnover"], figures["contracts"]["technology_value"]) == (800_000, 720_000)
