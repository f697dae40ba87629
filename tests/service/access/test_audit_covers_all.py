"""Whatever changes something leaves an entry in the audit. Each operation is carried out, and the entry looked for."""

import pytest
from sqlmodel import Session, col, select

from schemas.account import Organization
from schemas.audit import AuditEntry
from schemas.bid import BidStep
from schemas.vocabulary import Role
from service.app import create_app
from tests.conftest import ClientFor
from tests.make import make_need
from tests.service.doings.basics import BASICS
from tests.service.doings.docking import DOCKING
from tests.service.doings.doing import Doings, World
from tests.service.doings.telling import TELLING
from tests.service.doings.tenders import SEALED, TENDERS

DOINGS: Doings = {**BASICS, **DOCKING, **TENDERS, **TELLING}

# What is sent by POST and changes nothing, with the reason why it is sent so.
CHANGE_NOTHING = {
    "POST /v1/matches": "A text to find matches for is too long for an address; the list that is kept is the asker's.",
    "POST /v1/needs/check": "A body that is looked at and not kept.",
    "POST /v1/capabilities/check": "A body that is looked at and not kept.",
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
    tried = [*BASICS, *DOCKING, *TENDERS, *TELLING, *SEALED, *CHANGE_NOTHING]

    assert sorted(tried) == sorted(changing_operations())


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


@pytest.mark.parametrize("name", SEALED)
def test_what_changes_a_sealed_bid_is_beside_it_with_who_did_it_and_not_in_the_audit_yet(
    session: Session, client_for: ClientFor, name: str
) -> None:
    verb, do = SEALED[name]

    answer = do(World(session, client_for))

    assert answer.status_code < 300, answer.text
    told = [entry.action for entry in entries(session) if entry.action.startswith("bid.")]
    step = session.exec(select(BidStep).order_by(col(BidStep.id).desc())).first()
    assert told == []
    assert step is not None
    assert (step.verb, step.organization_id is None) == (verb, False)


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
