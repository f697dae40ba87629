"""A person beside what is sealed: names of keys, sessions and subscriptions; many rows; and what comes in between."""

from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlmodel import Session, select
from typer.testing import CliRunner

from schemas.account import Organization
from schemas.forms import Contact
from schemas.need import Need
from schemas.reading import ERASED as MASK
from schemas.subscription import Subscription
from schemas.vocabulary import Role
from schemas.web_session import WebSession
from service.commands.cli import app
from service.platform import db
from service.trust import subject_requests as personal_data
from service.trust.person import Person
from tests.conftest import ClientFor
from tests.make import make_key, make_need, make_organization
from tests.service.portal.test_signed_in import browser

__all__ = ["browser"]

PHONE, OTHER, NAME = "13800138000", "13900139000", "王建国"


def phones(session: Session, need: Need) -> list[str]:
    session.rollback()
    session.expire_all()
    return [contact.phone for contact in session.get_one(Need, need.id).contacts]


def test_sessions_and_subscriptions_of_ones_own_people_are_erased_and_nobody_elses(
    session: Session, client_for: ClientFor, owner: Organization
) -> None:
    others = make_organization(session)
    for organization in (owner, others):
        make_key(session, organization, name=NAME)
        client_for(organization).post(
            "/v1/subscriptions",
            json={"name": "新", "text": f"{NAME}要的残膜回收技术", "looking_for": "needs"},
        )

    done = client_for(owner).post("/v1/personal-data/erase", json={"name": NAME}).json()

    texts = {one.organization_id: one.text for one in session.exec(select(Subscription))}
    assert {one["where"]: one["rows"] for one in done["erased"]} == {
        "api_key.name": 1,
        "subscription.text": 1,
    }
    assert texts == {owner.id: f"{MASK}要的残膜回收技术", others.id: f"{NAME}要的残膜回收技术"}


def test_who_is_signed_in_under_the_name_is_signed_out(
    session: Session, client_for: ClientFor, owner: Organization, browser: TestClient
) -> None:
    browser.post("/sign-in", data={"key": make_key(session, owner, name=NAME)})

    done = client_for(owner).post("/v1/personal-data/erase", json={"name": NAME}).json()

    assert {one["where"] for one in done["erased"]} == {"api_key.name", "web_session.name"}
    assert session.exec(select(WebSession)).all() == []
    assert browser.get("/my").headers["location"].startswith("/sign-in")


def test_published_words_of_others_are_not_told_to_an_organisation(
    session: Session, client_for: ClientFor, owner: Organization
) -> None:
    make_need(session, description=f"由{NAME}团队负责")

    ours = client_for(owner).post("/v1/personal-data/export", json={"name": NAME}).json()
    everybodys = client_for(role=Role.operator).post("/v1/personal-data/export", json={"name": NAME}).json()

    assert ours["to_change"] == []
    assert [one["where"] for one in everybodys["to_change"]] == ["need.description"]


def test_all_rows_are_looked_through_however_many_there_are(
    session: Session, client_for: ClientFor, owner: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(personal_data, "_ROWS", 2)
    needs = [make_need(session, owner, contacts=[{"phone": PHONE}]) for _ in range(5)]

    found = client_for(owner).post("/v1/personal-data/export", json={"phone": PHONE}).json()["found"]

    assert {one["row"] for one in found} == {str(need.id) for need in needs}


def test_what_was_written_meanwhile_is_not_written_over(
    session: Session, client_for: ClientFor, owner: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    need = make_need(session, owner, contacts=[{"phone": PHONE}])
    look, come_between = Person.found_in, [True]

    def look_slowly(person: Person, value: Any) -> list[Any]:
        found = look(person, value)
        if found and come_between.pop():
            come_between.append(False)
            with db.transaction() as meanwhile:
                there = meanwhile.get_one(Need, need.id)
                there.contacts = [*there.contacts, Contact(phone=OTHER)]
        return found

    monkeypatch.setattr(Person, "found_in", look_slowly)
    client_for(owner).post("/v1/personal-data/erase", json={"phone": PHONE})

    assert phones(session, need) == [OTHER]


def test_the_command_erases_nothing_before_it_was_confirmed(session: Session) -> None:
    need = make_need(session, contacts=[{"phone": PHONE}])

    told = CliRunner().invoke(app, ["personal-data", "erase", "--phone", PHONE], input="n\n")

    assert told.exit_code == 1
    assert phones(session, need) == [PHONE]
