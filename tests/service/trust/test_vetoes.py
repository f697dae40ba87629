"""The veto list: from when until when, and who enters, reads, changes and lifts."""

from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import update
from sqlmodel import Session

from schemas.account import Organization
from schemas.base import now
from schemas.need import Need
from schemas.vocabulary import Role
from tests.conftest import ClientFor
from tests.make import make_need
from tests.service.access.test_integrity import veto_of
from tests.service.sides import ABSENT


@pytest.fixture
def operator(client_for: ClientFor) -> TestClient:
    return client_for(role=Role.operator)


def day(days: int) -> str:
    return (now().date() + timedelta(days=days)).isoformat()


@pytest.mark.parametrize(
    ("days", "state", "bars"),
    [
        ((0, None), "in_force", True),
        ((-9, 0), "in_force", True),
        ((1, None), "coming", False),
        ((-9, -1), "over", False),
    ],
)
def test_a_veto_holds_from_its_first_day_to_its_last(
    client_for: ClientFor,
    operator: TestClient,
    owner: Organization,
    days: tuple[int, int | None],
    state: str,
    *,
    bars: bool,
) -> None:
    first, last = days
    ends = {"ends_on": day(last)} if last is not None else {}
    made = operator.post("/v1/vetoes", json=veto_of(owner, starts_on=day(first), **ends))

    published = client_for(owner).post("/v1/needs", json={"title": "枣", "publish": True})

    assert (made.status_code, made.json()["state"]) == (201, state)
    assert published.status_code == (403 if bars else 201)
    assert (client_for(owner).get("/v1/integrity").json()["veto"] is not None) is bars
    assert len(operator.get("/v1/vetoes?in_force=true").json()["items"]) == bars


def test_operators_and_the_barred_read_of_it_and_nobody_else(
    client_for: ClientFor, operator: TestClient, owner: Organization
) -> None:
    made = operator.post("/v1/vetoes", json=veto_of(owner)).json()
    address = f"/v1/vetoes/{made['id']}"
    others = [client_for(), client_for(role=Role.broker)]

    assert client_for(owner).get(address).json()["reason"] == "伪造试验数据"
    assert [one.get(address).status_code for one in others] == [404, 404]
    assert [one.get("/v1/vetoes").json()["items"] for one in others] == [[], []]
    assert client_for(role=Role.integrator).get(address).status_code == 403
    assert "veto" not in client_for().get(f"/v1/organizations/{owner.id}").text


@pytest.mark.parametrize("role", [Role.member, Role.broker, Role.integrator], ids=str)
def test_operators_alone_enter_change_and_lift(
    client_for: ClientFor, operator: TestClient, owner: Organization, role: Role
) -> None:
    address = f"/v1/vetoes/{operator.post('/v1/vetoes', json=veto_of(owner)).json()['id']}"
    own = client_for(owner, role)

    answers = [
        own.post("/v1/vetoes", json=veto_of(owner)),
        own.patch(address, json={"ends_on": day(1)}),
        own.post(f"{address}/lift", json={"reason": "x"}),
    ]

    assert [one.status_code for one in answers] == [403, 403, 403]
    assert operator.get(address).json()["version"] == 1


def test_what_is_over_is_neither_changed_nor_lifted(operator: TestClient, owner: Organization) -> None:
    made = operator.post("/v1/vetoes", json=veto_of(owner)).json()
    address = f"/v1/vetoes/{made['id']}"
    stale = operator.patch(address, json={"source": "〔2026〕4号"}, headers={"If-Match": '"7"'})
    changed = operator.patch(address, json={"source": "〔2026〕4号"}, headers={"If-Match": '"1"'})
    lifted = operator.post(f"{address}/lift", json={"reason": "复核后撤销"}).json()

    again = operator.post(f"{address}/lift", json={"reason": "x"})

    assert (stale.status_code, changed.json()["source"], changed.headers["ETag"][:3]) == (
        412,
        "〔2026〕4号",
        '"2-',
    )
    assert (lifted["state"], lifted["lift_reason"]) == ("lifted", "复核后撤销")
    assert (again.status_code, again.json()["status_now"]) == (409, "lifted")
    assert operator.patch(address, json={"ends_on": None}).status_code == 409
    told = operator.get("/v1/audit", params={"action": "veto"}).json()["items"]
    assert [one["action"] for one in told] == ["veto.lift", "veto.change", "veto.enter"]
    assert "伪造" not in str(told)


def test_days_must_be_in_order_and_the_organisation_known(operator: TestClient, owner: Organization) -> None:
    wrong = operator.post("/v1/vetoes", json=veto_of(owner, ends_on=day(-1)))
    unknown = operator.post("/v1/vetoes", json={**veto_of(owner), "organization_id": ABSENT})
    made = operator.post("/v1/vetoes", json=veto_of(owner)).json()
    changed = operator.patch(f"/v1/vetoes/{made['id']}", json={"ends_on": day(-1)})

    assert [one.json()["errors"][0]["code"] for one in (wrong, unknown, changed)] == [
        "range_reversed",
        "unknown_organization",
        "range_reversed",
    ]


def test_the_barred_reads_in_the_audit_that_it_was_barred(
    client_for: ClientFor, operator: TestClient, owner: Organization
) -> None:
    operator.post("/v1/vetoes", json=veto_of(owner))

    told = client_for(owner).get("/v1/audit", params={"action": "veto"}).json()["items"]

    assert [one["action"] for one in told] == ["veto.enter"]


def test_harvesters_that_come_again_learn_what_is_gone_and_what_is_back(
    session: Session, operator: TestClient, owner: Organization
) -> None:
    make_need(session, owner)
    session.execute(update(Need).values(updated_at=now() - timedelta(days=2)))
    session.commit()

    def harvested() -> list[bool]:
        asked = {"verb": "ListIdentifiers", "metadataPrefix": "oai_dc", "from": day(-1)}
        return [
            'status="deleted"' in one for one in operator.get("/oai", params=asked).text.split("<header")[1:]
        ]

    before = harvested()
    veto = operator.post("/v1/vetoes", json=veto_of(owner)).json()
    gone = harvested()
    session.execute(update(Need).values(updated_at=now() - timedelta(days=2)))
    session.commit()
    operator.post(f"/v1/vetoes/{veto['id']}/lift", json={"reason": "复核后撤销"})

    assert (before, gone, harvested()) == ([], [True], [False])
