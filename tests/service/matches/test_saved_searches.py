"""Subscriptions: whose they are, and what they may ask."""

from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlmodel import Session, select

from schemas.account import ApiKey, Organization
from schemas.notice import NoticeKind
from tests.conftest import ClientFor
from tests.make import make_need

WANTED = "棉田残膜机械化回收"


def subscribe(client: TestClient, **fields: Any) -> dict[str, Any]:
    body = {"text": WANTED, "looking_for": "needs", **fields}
    if body.get("posting_id"):
        del body["text"], body["looking_for"]
    answer = client.post("/v1/subscriptions", json=body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def test_subscriptions_are_listed_to_those_whom_they_belong_to(
    session: Session, owner: Organization, client_for: ClientFor
) -> None:
    mine, colleague, stranger = client_for(owner), client_for(owner), client_for()
    own = subscribe(mine, name="残膜", min_score=0.7)
    shared = subscribe(mine, whole_organization=True)

    def listed(client: TestClient) -> list[str]:
        return [one["id"] for one in client.get("/v1/subscriptions").json()["items"]]

    assert listed(mine) == [shared["id"], own["id"]]
    assert listed(colleague) == [shared["id"]]
    assert listed(stranger) == []
    assert colleague.delete(f"/v1/subscriptions/{own['id']}").status_code == 404
    assert stranger.delete(f"/v1/subscriptions/{shared['id']}").status_code == 404


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "one_question"),
        ({"text": "枣"}, "looking_for_missing"),
        ({"text": "枣", "looking_for": "needs", "posting_id": "0199" + "0" * 28}, "one_question"),
        ({"text": "枣", "looking_for": "needs", "email": "a@b.cn"}, "email_and_channel"),
        ({"text": "枣", "looking_for": "needs", "channels": ["email"]}, "email_and_channel"),
        (
            {"text": "枣", "looking_for": "needs", "channels": ["email"], "email": "a@b.cn\r\nBcc: c@d.cn"},
            "string_pattern_mismatch",
        ),
    ],
)
def test_a_subscription_that_asks_nothing_clear_is_refused(
    client_for: ClientFor, body: dict[str, Any], code: str
) -> None:
    answer = client_for().post("/v1/subscriptions", json=body)

    assert answer.status_code == 422
    assert [one["code"] for one in answer.json()["errors"]] == [code]
    assert not answer.json()["errors"][0]["message"].isascii()


def test_one_cannot_wait_with_the_posting_of_another(
    session: Session, client_for: ClientFor, owner: Organization
) -> None:
    need = make_need(session, owner)

    answer = client_for().post("/v1/subscriptions", json={"posting_id": str(need.id)})
    own = client_for(owner).post(
        "/v1/subscriptions", json={"posting_id": str(need.id), "looking_for": "needs"}
    )

    assert answer.status_code == 404
    assert own.json()["errors"][0]["code"] == "same_side"
    assert NoticeKind.match_found.zh == "发现新的匹配"


def test_contacts_are_taken_out_of_what_a_subscription_is_called(client_for: ClientFor) -> None:
    assert "13800138000" not in subscribe(client_for(), name="张工13800138000要的")["name"]


def test_who_signed_in_through_a_provider_asks_for_all_of_the_organisation(
    session: Session, owner: Organization, client_for: ClientFor
) -> None:
    client = client_for(owner)
    for key in session.exec(select(ApiKey).where(ApiKey.organization_id == owner.id)):
        key.for_sign_in = True
    session.commit()

    assert subscribe(client)["whole_organization"] is True
