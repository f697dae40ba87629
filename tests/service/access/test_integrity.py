"""科研诚信: the yearly declaration, and whom operators bar from publishing and from introductions."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlmodel import Session, select

from schemas.account import Organization
from schemas.base import now
from schemas.integrity import IntegrityDeclaration
from schemas.vocabulary import Role
from service.access.integrity import TEXT
from service.platform.settings import settings
from tests.conftest import ClientFor, Refreshed
from tests.make import EVERYTHING, make_capability, make_need, make_organization
from tests.service.sides import body_of, both_sides, make_posting

DECLARATION = {"version": TEXT.version}


def veto_of(organization: Organization, **fields: Any) -> dict[str, Any]:
    return veto_of_id(organization.id, **fields)


def veto_of_id(organization_id: UUID, **fields: Any) -> dict[str, Any]:
    return {
        "organization_id": str(organization_id),
        "reason": "伪造试验数据",
        "decided_by": "师市科技局",
        "source": "师市科诚〔2026〕3号",
        "starts_on": now().date().isoformat(),
        **fields,
    }


@pytest.fixture
def operator(client_for: ClientFor) -> TestClient:
    return client_for(role=Role.operator)


def test_a_declaration_says_which_text_who_and_until_when(client_for: ClientFor, owner: Organization) -> None:
    client = client_for(owner)

    made = client.post("/v1/integrity/declarations", json=DECLARATION)

    stands = client.get("/v1/integrity").json()
    declared = made.json()
    assert made.status_code == 201
    assert stands["declared"] == declared
    assert (stands["text"]["version"], stands["required"], stands["veto"]) == (TEXT.version, False, None)
    assert (declared["text_version"], declared["organization_id"]) == (TEXT.version, str(owner.id))
    keys = client.get(f"/v1/organizations/{owner.id}/api-keys").json()
    assert declared["api_key_id"] == keys[0]["id"]
    assert declared["valid_until"][:4] == str((now() + timedelta(days=365)).year)
    assert client.get("/v1/integrity/declarations").json()["items"] == [declared]


def test_a_text_of_before_cannot_be_declared(client_for: ClientFor) -> None:
    answer = client_for().post("/v1/integrity/declarations", json={"version": "1999-1"})

    assert answer.status_code == 409
    assert answer.json()["version_now"] == TEXT.version


def test_declarations_of_others_are_read_by_operators_alone(
    client_for: ClientFor, operator: TestClient
) -> None:
    client_for().post("/v1/integrity/declarations", json=DECLARATION)

    assert client_for().get("/v1/integrity/declarations").json()["items"] == []
    assert len(operator.get("/v1/integrity/declarations").json()["items"]) == 1


@pytest.mark.parametrize(
    "changed", [None, {"valid_until": now() - timedelta(seconds=1)}, {"text_version": "2020-1"}]
)
def test_where_the_settings_want_it_nobody_publishes_or_asks_without_a_valid_declaration(
    session: Session,
    client_for: ClientFor,
    owner: Organization,
    monkeypatch: pytest.MonkeyPatch,
    changed: dict[str, Any] | None,
) -> None:
    client = client_for(owner)
    pair = {"need_id": str(make_need(session, owner).id), "capability_id": str(make_capability(session).id)}
    if changed is not None:
        client.post("/v1/integrity/declarations", json=DECLARATION)
        (row,) = session.exec(select(IntegrityDeclaration)).all()
        for name, value in changed.items():
            setattr(row, name, value)
        session.commit()
    monkeypatch.setattr(settings(), "require_declaration", True)

    refused = [
        client.post("/v1/needs", json={"title": "红枣分级", "publish": True}),
        client.post("/v1/introductions", json=pair),
    ]
    client.post("/v1/integrity/declarations", json=DECLARATION)
    allowed = [
        client.post("/v1/needs", json={"title": "红枣分级", "publish": True}).status_code,
        client.post("/v1/introductions", json=pair).status_code,
    ]

    assert [(one.status_code, one.json()["type"]) for one in refused] == [(403, "integrity-declaration")] * 2
    assert allowed == [201, 201]


@both_sides
def test_who_is_barred_writes_drafts_and_publishes_nothing(
    client_for: ClientFor, operator: TestClient, owner: Organization, side: Any
) -> None:
    client = client_for(owner)
    draft = client.post(f"/v1/{side}", json=body_of(side)).json()
    operator.post("/v1/vetoes", json=veto_of(owner))

    refused = [
        client.post(f"/v1/{side}", json=body_of(side, publish=True)),
        client.post(f"/v1/{side}/{draft['id']}/publish"),
        client.post(f"/v1/{side}/{draft['id']}/submit"),
        operator.post(f"/v1/{side}/{draft['id']}/publish"),
    ]

    assert [(one.status_code, one.json()["type"]) for one in refused] == [(403, "integrity-veto")] * 4
    assert "一票否决" in refused[0].json()["title"]
    english = client.post(f"/v1/{side}/{draft['id']}/publish", headers={"Accept-Language": "en"}).json()
    assert "barred" in english["title"]
    assert client.post(f"/v1/{side}", json=body_of(side)).status_code == 201


def test_who_is_barred_neither_asks_nor_accepts(
    session: Session, client_for: ClientFor, operator: TestClient
) -> None:
    barred, other = make_organization(session), make_organization(session)
    need, capability = make_need(session, barred), make_capability(session, other)
    asked = client_for(other).post(
        "/v1/introductions", json={"need_id": str(need.id), "capability_id": str(capability.id)}
    )
    operator.post("/v1/vetoes", json=veto_of(barred))

    asks = client_for(barred).post(
        "/v1/introductions", json={"need_id": str(need.id), "capability_id": str(make_capability(session).id)}
    )
    accepts = client_for(barred).post(f"/v1/introductions/{asked.json()['id']}/accept", json={})

    assert [(one.status_code, one.json()["type"]) for one in (asks, accepts)] == [(403, "integrity-veto")] * 2


def test_nobody_accepts_what_somebody_barred_had_asked(
    session: Session, client_for: ClientFor, operator: TestClient
) -> None:
    barred, other = make_organization(session), make_organization(session)
    pair = {
        "need_id": str(make_need(session, barred).id),
        "capability_id": str(make_capability(session, other).id),
    }
    asked = client_for(barred).post("/v1/introductions", json=pair).json()
    operator.post("/v1/vetoes", json=veto_of(barred))

    answer = client_for(other).post(f"/v1/introductions/{asked['id']}/accept", json={})

    # In words that do not say why.
    assert (answer.status_code, answer.json()["type"]) == (409, "wrong-state")
    assert "否决" not in answer.text


def test_who_is_barred_is_neither_asked_nor_proposed(
    session: Session, client_for: ClientFor, operator: TestClient
) -> None:
    barred, other = make_organization(session), make_organization(session)
    pair = {
        "need_id": str(make_need(session, other).id),
        "capability_id": str(make_capability(session, barred).id),
    }
    operator.post("/v1/vetoes", json=veto_of(barred))

    asked = client_for(other).post("/v1/introductions", json=pair)
    proposed = client_for(role=Role.broker).post("/v1/introductions", json=pair)
    by_operator = operator.post("/v1/introductions", json=pair)

    # Only who may know of it is told of it.
    assert [one.status_code for one in (asked, proposed)] == [404, 404]
    assert (by_operator.status_code, by_operator.json()["type"]) == (403, "integrity-veto")


@both_sides
@pytest.mark.model
def test_postings_leave_lists_and_matches_while_it_lasts_and_come_back_after(
    session: Session,
    client_for: ClientFor,
    operator: TestClient,
    refreshed: Refreshed,
    owner: Organization,
    side: Any,
) -> None:
    posting = make_posting(session, side, owner, title="棉田残膜回收机")
    stranger = refreshed(client_for())

    harvest = {"verb": "ListRecords", "metadataPrefix": "oai_dc"}

    def seen() -> list[bool]:
        asked = {"text": "棉田残膜回收", "looking_for": side, **EVERYTHING}
        listed = stranger.get(f"/v1/{side}").json()["items"]
        found = stranger.post("/v1/matches", json=asked).json()["items"]
        return [
            str(posting.id) in [one["id"] for one in listed],
            len(found) == 1,
            stranger.get(f"/v1/{side}/{posting.id}").status_code == 200,
            str(posting.id) in stranger.get(f"/feeds/{side}.json").text,
            "残膜" in stranger.get("/oai", params=harvest).text,
        ]

    before = seen()
    veto = operator.post("/v1/vetoes", json=veto_of(owner)).json()
    meanwhile = seen()
    told = stranger.get("/oai", params=harvest).text
    owners = client_for(owner).get(f"/v1/{side}/{posting.id}").status_code
    operators = operator.get(f"/v1/{side}/{posting.id}").status_code
    operator.post(f"/v1/vetoes/{veto['id']}/lift", json={"reason": "复核后撤销"})

    assert before == [True] * 5
    assert meanwhile == [False] * 5
    assert 'status="deleted"' in told
    assert (owners, operators) == (200, 200)
    assert seen() == before
