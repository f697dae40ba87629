"""What a key that is limited to some scopes may do: every operation states its own."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlmodel import Session

from schemas.vocabulary import Role, Scope
from tests.conftest import ClientFor
from tests.make import make_key, make_need, make_organization
from tests.service.sides import ABSENT
from tests.test_conventions import NEED_A_KEY

# Written out by hand, so that an operation that comes under another scope is noticed.
STATED = {
    "read": """
        GET /organizations
        GET /organizations/{organization_id}
        GET /organizations/{organization_id}/look-alikes
        GET /organizations/{organization_id}/api-keys
        GET /needs
        GET /needs/{need_id}
        GET /needs/{need_id}/suggestions
        GET /capabilities
        GET /capabilities/{capability_id}
        GET /capabilities/{capability_id}/suggestions
        GET /exports/{kind}
        GET /statistics
        GET /statistics/gaps
        GET /statistics/introductions
        GET /statistics/transfers
        GET /targets
        GET /introductions
        GET /introductions/{introduction_id}
        GET /introductions/{introduction_id}/details
        GET /introductions/{introduction_id}/nda
        GET /introductions/{introduction_id}/messages
        GET /introductions/{introduction_id}/milestones
        GET /introductions/{introduction_id}/follow-ups
        GET /contracts
        GET /contracts/totals
        GET /contracts/export
        GET /contracts/{contract_id}
        GET /contracts/{contract_id}/versions
        GET /contracts/{contract_id}/precheck
        GET /brokers
        GET /brokers/worklist
        GET /brokers/{broker_id}
        GET /brokers/{broker_id}/record
        GET /brokers/{broker_id}/evaluations
        GET /brokers/{broker_id}/evaluations/{year}
        GET /integrity
        GET /integrity/declarations
        GET /vetoes
        GET /vetoes/{veto_id}
        GET /challenges
        GET /challenges/{challenge_id}
        GET /challenges/{challenge_id}/amendments
        GET /challenges/{challenge_id}/suggestions
        GET /challenges/{challenge_id}/analysis
        GET /challenges/{challenge_id}/bids
        GET /challenges/{challenge_id}/bids/{bid_id}
        GET /challenges/{challenge_id}/reviews
        GET /audit
        GET /audit/head
        GET /notifications
        GET /notifications/unread
        GET /subscriptions
        GET /embeds
    """,
    "match": """
        GET /needs/{need_id}/matches
        GET /needs/{need_id}/matches/{capability_id}
        GET /capabilities/{capability_id}/matches
        POST /matches
    """,
    "post": """
        POST /organizations
        PATCH /organizations/{organization_id}
        POST /organizations/{organization_id}/verify
        POST /organizations/{organization_id}/suspend
        POST /organizations/{organization_id}/reinstate
        POST /organizations/{organization_id}/merge
        POST /organizations/{organization_id}/api-keys
        DELETE /organizations/{organization_id}/api-keys/{key_id}
        POST /needs
        POST /needs/check
        PATCH DELETE /needs/{need_id}
        POST /needs/{need_id}/submit
        POST /needs/{need_id}/publish
        POST /needs/{need_id}/reject
        POST /needs/{need_id}/close
        POST /capabilities
        POST /capabilities/check
        PATCH DELETE /capabilities/{capability_id}
        POST /capabilities/{capability_id}/submit
        POST /capabilities/{capability_id}/publish
        POST /capabilities/{capability_id}/reject
        POST /capabilities/{capability_id}/close
        POST /targets
        PATCH DELETE /targets/{target_id}
        PUT DELETE /targets/{target_id}/values/{year}
        POST /introductions
        POST /introductions/{introduction_id}/accept
        POST /introductions/{introduction_id}/decline
        POST /introductions/{introduction_id}/withdraw
        POST /introductions/{introduction_id}/end
        POST /introductions/{introduction_id}/stage
        POST /introductions/{introduction_id}/nda
        POST /introductions/{introduction_id}/nda/sign
        POST /introductions/{introduction_id}/messages
        POST /introductions/{introduction_id}/milestones
        PUT DELETE /introductions/{introduction_id}/milestones/{milestone_id}
        POST /introductions/{introduction_id}/milestones/{milestone_id}/done
        PUT /introductions/{introduction_id}/follow-ups/{months}
        POST /introductions/{introduction_id}/take-up
        POST /introductions/{introduction_id}/broker/agree
        POST /introductions/{introduction_id}/broker/refuse
        POST /introductions/{introduction_id}/contract
        POST /contracts
        PUT /contracts/{contract_id}/content
        POST /contracts/{contract_id}/sign
        POST /contracts/{contract_id}/amend
        POST /contracts/{contract_id}/terminate
        POST /contracts/{contract_id}/restore
        POST /contracts/{contract_id}/submit
        POST /contracts/{contract_id}/withdraw
        POST /contracts/{contract_id}/register
        POST /contracts/{contract_id}/refuse
        POST /contracts/{contract_id}/fulfil
        POST /contracts/{contract_id}/cancel
        POST /brokers
        PATCH /brokers/{broker_id}
        POST /brokers/{broker_id}/end
        POST /brokers/{broker_id}/readmit
        POST /brokers/{broker_id}/evaluations
        POST /brokers/{broker_id}/evaluations/{year}/recompute
        POST /brokers/{broker_id}/evaluations/{year}/confirm
        POST /brokers/{broker_id}/evaluations/{year}/answer
        POST /integrity/declarations
        POST /vetoes
        PATCH /vetoes/{veto_id}
        POST /vetoes/{veto_id}/lift
        POST /challenges
        PATCH /challenges/{challenge_id}
        POST /challenges/{challenge_id}/amendments
        POST /challenges/{challenge_id}/amendments/{amendment_id}/publish
        POST /challenges/{challenge_id}/amendments/{amendment_id}/refuse
        POST /challenges/{challenge_id}/amendments/{amendment_id}/recall
        POST /challenges/{challenge_id}/submit
        POST /challenges/{challenge_id}/recall
        POST /challenges/{challenge_id}/return
        POST /challenges/{challenge_id}/open
        POST /challenges/{challenge_id}/withdraw
        POST /challenges/{challenge_id}/invite
        POST /challenges/{challenge_id}/bids
        PUT /challenges/{challenge_id}/bids/{bid_id}
        POST /challenges/{challenge_id}/bids/{bid_id}/withdraw
        POST /challenges/{challenge_id}/bids/{bid_id}/agree
        POST /challenges/{challenge_id}/bids/{bid_id}/refuse
        POST /challenges/{challenge_id}/bids/{bid_id}/exclude
        POST /challenges/{challenge_id}/bids/{bid_id}/deliver
        POST /challenges/{challenge_id}/bids/{bid_id}/decide
        POST /challenges/{challenge_id}/bids/{bid_id}/accept-delivery
        POST /challenges/{challenge_id}/reviewers
        POST /challenges/{challenge_id}/reviewers/{reviewer_id}/recuse
        POST /challenges/{challenge_id}/declaration
        PUT /challenges/{challenge_id}/bids/{bid_id}/sheet
        POST /challenges/{challenge_id}/award
        POST /challenges/{challenge_id}/reopen
        POST /challenges/{challenge_id}/fail
        POST /challenges/{challenge_id}/sign
        POST /challenges/{challenge_id}/start
        POST /challenges/{challenge_id}/terminate
        POST /notifications/read
        POST /subscriptions
        DELETE /subscriptions/{subscription_id}
        POST /embeds
        DELETE /embeds/{embed_id}
    """,
    "import": """
        POST /imports
        GET /imports/{import_id}
    """,
    "webhooks": """
        POST GET /webhooks
        DELETE /webhooks/{webhook_id}
        POST /webhooks/{webhook_id}/rotate
        POST /webhooks/{webhook_id}/enable
        POST /webhooks/{webhook_id}/disable
        GET /webhooks/{webhook_id}/deliveries
        POST /webhooks/{webhook_id}/redeliver
        POST /webhooks/{webhook_id}/deliveries/{delivery_id}/redeliver
    """,
    "contacts": """
        GET /introductions/{introduction_id}/contacts
        POST /personal-data/export
        POST /personal-data/erase
        POST GET /mail-addresses
        DELETE /mail-addresses/{address_id}
    """,
}


def _stated() -> dict[str, Scope]:
    found: dict[str, Scope] = {}
    for scope, lines in STATED.items():
        for line in lines.split("\n"):
            *methods, path = line.split() or [""]
            found |= {f"{method} /v1{path}": Scope(scope) for method in methods}
    return found


@pytest.fixture
def limited_to(session: Session, app: FastAPI) -> Callable[..., TestClient]:
    """A client with an operator's key for these scopes alone."""
    owner = make_organization(session)

    def client(*scopes: Scope, **fields: Any) -> TestClient:
        key = make_key(session, owner, role=Role.operator, scopes=list(scopes), **fields)
        headers = {"Authorization": f"Bearer {key}"}
        return TestClient(app, raise_server_exceptions=False, headers=headers)

    return client


def test_every_operation_asks_for_its_scope_and_for_no_other(limited_to: Callable[..., TestClient]) -> None:
    stated = _stated()
    alone = {scope: limited_to(scope) for scope in Scope}
    without = {scope: limited_to(*(one for one in Scope if one is not scope)) for scope in Scope}

    def is_limited(client: TestClient, name: str) -> bool:
        method, path, operation = NEED_A_KEY[name]
        body: Any = {} if "requestBody" in operation else None
        answer = client.request(method, re.sub(r"{\w+}", ABSENT, path), json=body)
        return answer.status_code == 403 and answer.json()["type"] == "key-limited"

    wrong = [
        name
        for name, scope in stated.items()
        if not is_limited(without[scope], name) or is_limited(alone[scope], name)
    ]

    assert set(stated) == set(NEED_A_KEY)
    assert wrong == []


def test_a_key_without_the_scope_of_contacts_reads_none(
    session: Session, limited_to: Callable[..., TestClient]
) -> None:
    need = make_need(session, contacts=[{"name": "王工", "phone": "13800138000"}])
    addresses = (f"/v1/needs/{need.id}", "/v1/exports/needs?format=jsonl", "/v1/exports/needs?format=csv")

    with_them, without = (
        [limited_to(*scopes).get(address).text for address in addresses]
        for scopes in ((Scope.read, Scope.contacts), (Scope.read,))
    )

    assert all("13800138000" in text for text in with_them)
    assert not any("13800138000" in text for text in without)
    assert all("棉田残膜回收技术" in text for text in without)


def test_the_scope_that_is_missing_is_named(limited_to: Callable[..., TestClient]) -> None:
    answer = limited_to(Scope.read).post("/v1/needs", json={"title": "枣"}, headers={"Accept-Language": "ru"})

    assert answer.json()["detail"] == "Этот ключ не предназначен для «публикация и ведение дел»"


def test_a_limited_key_does_not_sign_in_at_the_portal(session: Session, client_for: ClientFor) -> None:
    owner = make_organization(session)
    browser = client_for(owner)
    origin = {"Origin": "http://testserver", "Accept": "text/html"}

    answers = [
        browser.post("/sign-in", data={"key": key}, headers=origin, follow_redirects=False)
        for key in (make_key(session, owner, scopes=["read"]), make_key(session, owner, scopes=list(Scope)))
    ]

    assert [answer.status_code for answer in answers] == [403, 303]
    assert "只供程序使用" in answers[0].text
