"""What each role may do: every permission tried by every role."""

from collections.abc import Callable
from typing import NamedTuple

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from sqlmodel import Session

from schemas.account import Organization
from schemas.vocabulary import Role
from schemas.webhook import Webhook
from service.access.principal import GRANTS, Permission
from service.api.openapi_examples import EXAMPLES
from service.notices.webhooks import new_secret
from tests.conftest import ClientFor
from tests.make import make_capability, make_key, make_need, make_organization


class Try(NamedTuple):
    """One request that needs one permission, made by a key of ``own`` while ``other`` is somebody else."""

    permission: Permission
    send: Callable[[TestClient, Session, Organization, Organization], Response]
    allowed: int
    refused: int


def _members_need(client: TestClient, session: Session, own: Organization, other: Organization) -> Response:
    return client.get(f"/v1/needs/{make_need(session, other, visibility='members').id}")


def _private_need(client: TestClient, session: Session, own: Organization, other: Organization) -> Response:
    return client.get(f"/v1/needs/{make_need(session, other, visibility='private').id}")


def _review(client: TestClient, session: Session, own: Organization, other: Organization) -> Response:
    need = make_need(session, own)
    return client.post(f"/v1/needs/{need.id}/reject", json={"reason": "请补充指标"})


def _pair(session: Session, seeker: Organization, provider: Organization) -> dict[str, str]:
    return {
        "need_id": str(make_need(session, seeker).id),
        "capability_id": str(make_capability(session, provider).id),
    }


def _propose(client: TestClient, session: Session, own: Organization, other: Organization) -> Response:
    return client.post("/v1/introductions", json=_pair(session, make_organization(session), other))


def _others_introduction(
    client: TestClient, session: Session, own: Organization, other: Organization
) -> Response:
    asker = TestClient(client.app, headers={"Authorization": f"Bearer {make_key(session, other)}"})
    asked = asker.post("/v1/introductions", json=_pair(session, other, make_organization(session))).json()
    return client.get(f"/v1/introductions/{asked['id']}")


def _others_contract(
    client: TestClient, session: Session, own: Organization, other: Organization
) -> Response:
    operator = make_key(session, make_organization(session), role=Role.operator)
    entered = TestClient(client.app, headers={"Authorization": f"Bearer {operator}"}).post(
        "/v1/contracts",
        json={
            **EXAMPLES["ContractEntered"],
            "seeker_id": str(other.id),
            "provider_id": str(make_organization(session).id),
        },
    )
    return client.get(f"/v1/contracts/{entered.json()['id']}")


def _register_another(
    client: TestClient, session: Session, own: Organization, other: Organization
) -> Response:
    return client.post("/v1/brokers", json={"organization_id": str(other.id)})


def _export(client: TestClient, session: Session, own: Organization, other: Organization) -> Response:
    return client.post("/v1/personal-data/export", json={"phone": "13800138000"})


def _export_of_others(
    client: TestClient, session: Session, own: Organization, other: Organization
) -> Response:
    """Others' people are not found, as if they were not there."""
    make_need(session, other, contacts=[{"phone": "13800138000"}])
    answer = client.post("/v1/personal-data/export", json={"phone": "13800138000"})
    return answer if answer.status_code == 403 or answer.json()["found"] else Response(404)


def _veto(client: TestClient, session: Session, own: Organization, other: Organization) -> Response:
    return client.post("/v1/vetoes", json={**EXAMPLES["VetoMake"], "organization_id": str(other.id)})


def _others_draft(client: TestClient, session: Session, own: Organization, other: Organization) -> Response:
    drafter = TestClient(client.app, headers={"Authorization": f"Bearer {make_key(session, other)}"})
    drafted = drafter.post("/v1/challenges", json={"title": "残膜回收"}).json()
    return client.get(f"/v1/challenges/{drafted['id']}")


def _others_webhook(client: TestClient, session: Session, own: Organization, other: Organization) -> Response:
    webhook = Webhook(
        organization_id=other.id, role=Role.member, url="https://hooks.example.cn/", secret=new_secret()
    )
    session.add(webhook)
    session.commit()
    return client.get(f"/v1/webhooks/{webhook.id}/deliveries")


TRIES = [
    Try(Permission.posting_read, lambda client, *_: client.get("/v1/needs"), 200, 403),
    Try(Permission.posting_read_members, _members_need, 200, 404),
    Try(Permission.posting_read_all, _private_need, 200, 404),
    Try(
        Permission.posting_write, lambda client, *_: client.post("/v1/needs", json={"title": "枣"}), 201, 403
    ),
    Try(Permission.posting_review, _review, 200, 403),
    Try(
        Permission.match,
        lambda client, *_: client.post("/v1/matches", json={"text": "枣", "looking_for": "needs"}),
        200,
        403,
    ),
    Try(
        Permission.organization_read,
        lambda client, session, own, other: client.get(f"/v1/organizations/{other.id}"),
        200,
        403,
    ),
    Try(
        Permission.organization_write,
        lambda client, session, own, other: client.patch(
            f"/v1/organizations/{own.id}", json={"name": "新名"}
        ),
        200,
        403,
    ),
    Try(
        Permission.organization_manage,
        lambda client, session, own, other: client.post(f"/v1/organizations/{own.id}/verify"),
        200,
        403,
    ),
    Try(
        Permission.key_manage,
        lambda client, session, own, other: client.get(f"/v1/organizations/{own.id}/api-keys"),
        200,
        403,
    ),
    Try(Permission.audit_read, lambda client, *_: client.get("/v1/audit"), 200, 403),
    Try(Permission.audit_read_all, lambda client, *_: client.get("/v1/audit/head"), 200, 403),
    Try(Permission.introduce, lambda client, *_: client.get("/v1/introductions"), 200, 403),
    Try(Permission.introduction_propose, _propose, 201, 403),
    Try(Permission.introduction_read_all, _others_introduction, 200, 404),
    Try(Permission.contract, lambda client, *_: client.get("/v1/contracts"), 200, 403),
    Try(Permission.contract_register, _others_contract, 200, 404),
    Try(Permission.broker_work, lambda client, *_: client.get("/v1/brokers"), 200, 403),
    Try(Permission.broker_manage, _register_another, 201, 403),
    Try(
        Permission.challenge,
        lambda client, *_: client.post("/v1/challenges", json={"title": "残膜回收"}),
        201,
        403,
    ),
    Try(Permission.challenge_manage, _others_draft, 200, 404),
    Try(Permission.notice_read, lambda client, *_: client.get("/v1/notifications"), 200, 403),
    Try(Permission.subscribe, lambda client, *_: client.get("/v1/subscriptions"), 200, 403),
    Try(Permission.webhook_manage, lambda client, *_: client.get("/v1/webhooks"), 200, 403),
    Try(Permission.webhook_manage_all, _others_webhook, 200, 404),
    Try(Permission.embed_manage, lambda client, *_: client.get("/v1/embeds"), 200, 403),
    Try(Permission.personal_data_manage, _export, 200, 403),
    Try(Permission.personal_data_manage_all, _export_of_others, 200, 404),
    Try(Permission.veto_manage, _veto, 201, 403),
    Try(
        Permission.target_manage,
        lambda client, *_: client.post("/v1/targets", json=EXAMPLES["TargetCreate"]),
        201,
        403,
    ),
    Try(Permission.statistics_read, lambda client, *_: client.get("/v1/statistics/gaps"), 200, 403),
]

# Written out once more, so that a grant that slips in is noticed.
_MEMBERS_MAY = {
    "posting_read",
    "posting_read_members",
    "posting_write",
    "match",
    "organization_read",
    "organization_write",
    "key_manage",
    "embed_manage",
    "audit_read",
    "introduce",
    "contract",
    "personal_data_manage",
    "challenge",
    "notice_read",
    "subscribe",
    "webhook_manage",
}
MAY: dict[Role, set[str]] = {
    Role.integrator: {
        "posting_read",
        "match",
        "organization_read",
        "embed_manage",
        "notice_read",
        "subscribe",
        "webhook_manage",
    },
    Role.member: _MEMBERS_MAY,
    Role.broker: _MEMBERS_MAY | {"statistics_read", "introduction_propose", "broker_work"},
    Role.operator: {str(permission) for permission in Permission},
}


@pytest.mark.parametrize("attempt", TRIES, ids=lambda attempt: str(attempt.permission))
@pytest.mark.parametrize("role", list(Role), ids=str)
def test_a_role_may_do_what_it_is_granted_and_no_more(
    session: Session, client_for: ClientFor, role: Role, attempt: Try
) -> None:
    own, other = make_organization(session), make_organization(session)
    client = client_for(own, role)

    answer = attempt.send(client, session, own, other)

    # Where the right to the whole kind of thing is missing too, that is what is told.
    wanted = {attempt.allowed} if attempt.permission in MAY[role] else {attempt.refused, 403}
    assert answer.status_code in wanted


def test_each_role_and_permission_was_tried() -> None:
    assert {attempt.permission for attempt in TRIES} == set(Permission)
    assert {role: set(GRANTS[role]) for role in Role} == MAY
