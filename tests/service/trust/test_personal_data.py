"""Personal data: what is kept and why, and a person's own, handed over and erased wherever it is."""

import json
from typing import Any

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import Column, Table, Text, cast, select, update
from sqlmodel import Session
from typer.testing import CliRunner

from schemas.account import Organization
from schemas.broker import Broker
from schemas.capability import Capability
from schemas.introduction_nda import IntroductionNda
from schemas.need import Need
from schemas.personal_data_register import REGISTER
from schemas.sealed import unseal
from schemas.vocabulary import Role
from service.access.audit import verify
from service.api.openapi_examples import EXAMPLES
from service.commands.cli import app
from service.platform.ciphers import sealed_columns, secret_file
from service.trust import subject_requests as personal_data
from tests.conftest import ClientFor
from tests.make import make_capability, make_key, make_need, make_organization
from tests.service.access.test_audit_covers_all import DOINGS
from tests.service.doings.doing import World
from tests.service.postings.test_imports import post as post_file

PHONE, EMAIL, NAME = "13800138000", "wang@tmsk.example", "王建国"
OTHER = "13900139000"
PERSON = {"phone": "138-0013-8000", "email": EMAIL.upper(), "name": NAME}


@pytest.fixture
def people(session: Session, client_for: ClientFor) -> dict[str, Organization]:
    """Two organisations whose person stands wherever a person can stand."""
    seeker, provider = make_organization(session), make_organization(session)
    asking, answering = client_for(seeker), client_for(provider)
    contacts = [{"name": NAME, "phone": PHONE, "email": EMAIL}, {"name": "李工", "phone": OTHER}]
    need = asking.post(
        "/v1/needs",
        json={
            "title": "棉田残膜回收",
            "description": f"请致电{PHONE}或{OTHER}",
            "contacts": contacts,
            "publish": True,
        },
        headers={"Idempotency-Key": "1"},
    ).json()
    capability = make_capability(session, provider)
    pair = {"need_id": need["id"], "capability_id": str(capability.id)}
    made = asking.post(
        "/v1/introductions", json={**pair, "message": f"我是{NAME}，想了解。", "contacts": contacts}
    ).json()
    answering.post(
        f"/v1/introductions/{made['id']}/decline",
        json={"reason": "timing", "remark": f"{NAME}已离职 {PHONE}"},
    )
    again = asking.post("/v1/introductions", json={**pair, "contacts": contacts}).json()
    answering.post(f"/v1/introductions/{again['id']}/accept", json={"contacts": contacts})
    asking.post(
        f"/v1/introductions/{again['id']}/end",
        json={"outcome": "no_agreement", "reason": "budget", "remark": f"问过{NAME}，{PHONE}"},
    )
    make_key(session, seeker, name=NAME)
    return {"seeker": seeker, "provider": provider}


def sealed_tokens(session: Session) -> list[tuple[Table, Column[Any], str]]:
    """All that is sealed, as it lies in the database."""
    session.rollback()
    return [
        (table, column, kept)
        for table, column in sealed_columns()
        for kept in session.execute(
            select(cast(column, Text)).select_from(table).order_by(*table.primary_key.columns)
        ).scalars()
        if kept is not None
    ]


def fill_the_rest(session: Session, client_for: ClientFor) -> None:
    """A row in every table that no other row of this file leads to."""
    world = World(session, client_for)
    for name in (
        *("nda/sign", "messages", "follow-ups/{months}"),
        *("POST /v1/contracts/{contract_id}/register", "evaluations/{year}/answer", "mail-addresses"),
        *("accept-delivery", "{webhook_id}/rotate"),
    ):
        operation = next(one for one in DOINGS if one.endswith(name))
        assert DOINGS[operation][1](world).is_success
    session.exec(update(Need).values(confidential_detail="配方"))
    session.exec(update(Capability).values(confidential_detail="配方"))
    session.exec(update(IntroductionNda).values(seeker_signer="王工"))
    session.exec(update(Broker).values(certificate="2026-001"))
    session.commit()


def opened(session: Session) -> str:
    """All that is sealed, opened."""
    return "\n".join(unseal(kept).decode() for _, _, kept in sealed_tokens(session))


def test_every_sealed_column_is_in_the_register_with_a_way_to_its_owner() -> None:
    columns = {f"{table.name}.{column.name}": table for table, column in sealed_columns()}

    assert len(columns) > 10
    assert {holding.column for holding in REGISTER} == set(columns)
    for holding in REGISTER:
        _, owner = personal_data.owner_of(columns[holding.column], holding.owner)
        assert owner.name in {
            *("organization_id", "seeker_id", "provider_id", "asked_by", "declined_by", "written_by")
        }


def test_a_column_that_is_missing_in_the_register_is_never_passed_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(personal_data, "REGISTER", REGISTER[1:])

    with pytest.raises(KeyError, match=r"need\.contacts"):
        list(personal_data.holdings())


def test_anybody_reads_what_is_kept_what_for_on_which_ground_and_how_long(client_for: ClientFor) -> None:
    client = client_for()
    del client.headers["Authorization"]

    shown = {one["where"]: one for one in client.get("/v1/personal-data/purposes").json()}

    assert shown["need.contacts"]["purpose"]["key"] == "docking"
    assert shown["need.contacts"]["days"] == 365
    assert shown["introduction.message"]["days"] == 1095
    assert shown["veto.reason"]["days"] is None
    assert all(one["basis"]["zh"] and one["what"]["en"] for one in shown.values())


def test_an_export_hands_over_everything_and_nothing_of_others(
    session: Session, client_for: ClientFor, people: dict[str, Organization]
) -> None:
    found = client_for(role=Role.operator).post("/v1/personal-data/export", json=PERSON).json()["found"]

    assert {one["where"] for one in found} == {
        *("need.contacts", "need.readings", "answered_request.answer", "api_key.name"),
        *("introduction.seeker_contacts", "introduction.provider_contacts"),
        *("introduction.decline_remark", "introduction.outcome_remark"),
    }
    contacts = [one["data"] for one in found if one["where"] == "need.contacts"]
    assert [one["name"] for one in contacts[0]] == [NAME]
    assert "李工" not in json.dumps(found, ensure_ascii=False)


def test_an_erasure_reaches_every_sealed_column_and_says_what_stays(
    session: Session, client_for: ClientFor, people: dict[str, Organization]
) -> None:
    operator = client_for(role=Role.operator)
    operator.post("/v1/personal-data/erase", json={"name": NAME})
    done = operator.post("/v1/personal-data/erase", json=PERSON).json()

    left = opened(session)
    stays = {one["why"]["key"]: one["why"] for one in done["stays"]}
    assert [word for word in (PHONE, EMAIL, NAME) if word in left] == []
    assert OTHER in left
    assert "李工" in left
    assert {"audit", "contract", "backup"} <= set(stays)
    assert "审计" in stays["audit"]["zh"]
    assert operator.post("/v1/personal-data/export", json=PERSON).json()["found"] == []
    assert verify(session).broken_at is None


def test_what_stands_around_a_person_stays_as_it_was(
    session: Session, client_for: ClientFor, people: dict[str, Organization]
) -> None:
    client_for(people["seeker"]).post("/v1/personal-data/erase", json={"phone": PHONE})

    need = client_for(people["seeker"]).get("/v1/needs", params={"mine": True}).json()["items"][0]
    assert need["contacts"] == [
        {"name": "李工", "phone": OTHER, "email": "", "note": ""},
    ]
    assert need["readings"][0]["written"] == f"请致电［个人信息已删除］或{OTHER}"
    assert need["version"] > 1


def test_an_organisation_erases_its_own_people_and_nobody_elses(
    session: Session, client_for: ClientFor, people: dict[str, Organization]
) -> None:
    stranger = client_for().post("/v1/personal-data/erase", json=PERSON).json()
    done = client_for(people["seeker"]).post("/v1/personal-data/erase", json=PERSON).json()

    left = client_for(role=Role.operator).post("/v1/personal-data/export", json=PERSON).json()["found"]
    assert stranger["erased"] == []
    assert "need.contacts" in {one["where"] for one in done["erased"]}
    assert {one["where"] for one in left} == {"introduction.provider_contacts", "introduction.decline_remark"}
    assert {one["organization_id"] for one in left} == {str(people["provider"].id)}


def test_a_name_beside_a_number_is_not_everybody_of_that_name(
    session: Session, client_for: ClientFor
) -> None:
    owner = make_organization(session)
    make_need(session, owner, contacts=[{"name": NAME, "phone": PHONE}, {"name": NAME, "phone": OTHER}])

    client_for(owner).post("/v1/personal-data/erase", json={"name": NAME, "phone": PHONE})

    need = client_for(owner).get("/v1/needs", params={"mine": True}).json()["items"][0]
    assert [contact["phone"] for contact in need["contacts"]] == [OTHER]


def test_a_changed_key_seals_every_column_anew(
    session: Session, client_for: ClientFor, people: dict[str, Organization]
) -> None:
    post_file(client_for(people["seeker"]), f"需求名称,contacts.phone\n残膜回收,{PHONE}\n".encode())
    client_for(role=Role.operator).post(
        "/v1/vetoes", json={**EXAMPLES["VetoMake"], "organization_id": str(people["provider"].id)}
    )
    fill_the_rest(session, client_for)
    before = opened(session)

    done = CliRunner().invoke(app, ["secrets", "rotate"])

    newest = Fernet(secret_file().read_text(encoding="ascii").split()[0])
    tokens = {f"{table.name}.{column.name}": kept for table, column, kept in sealed_tokens(session)}
    assert done.exit_code == 0
    assert {holding.column for holding in REGISTER} == set(tokens)
    assert [name for name, kept in tokens.items() if not newest.decrypt(kept.encode())] == []
    assert opened(session) == before


@pytest.mark.parametrize(
    "asked",
    [{}, {"phone": "123"}, {"email": "wang"}, {"name": "王"}],
)
def test_who_is_not_named_well_enough_is_refused(client_for: ClientFor, asked: dict[str, str]) -> None:
    answers = [client_for().post(f"/v1/personal-data/{verb}", json=asked) for verb in ("export", "erase")]

    assert [answer.status_code for answer in answers] == [422, 422]
    assert all(answer.json()["errors"][0]["message"] for answer in answers)


def test_published_words_are_told_and_left_to_their_organisation(
    session: Session, client_for: ClientFor
) -> None:
    owner = make_organization(session)
    need = make_need(session, owner, description=f"由{NAME}团队负责")

    done = client_for(owner).post("/v1/personal-data/erase", json={"name": NAME}).json()

    assert [(one["where"], one["id"]) for one in done["to_change"]] == [("need.description", str(need.id))]
    assert "published" in {one["why"]["key"] for one in done["stays"]}


@pytest.mark.parametrize("asked", ["阿卜杜拉·买买提", "阿卜杜拉买买提", "阿卜杜拉 • 买买提"])
@pytest.mark.parametrize(
    "written", ["阿卜杜拉‧买买提", "阿卜杜拉．买买提", "阿卜杜拉买买提", "阿卜杜拉 买买提"]
)
def test_a_name_is_found_whichever_dot_stands_in_it(
    session: Session, client_for: ClientFor, asked: str, written: str
) -> None:
    owner = make_organization(session)
    need = make_need(session, owner, description=f"由{written}负责", contacts=[{"name": written}])

    found = client_for(owner).post("/v1/personal-data/export", json={"name": asked}).json()
    done = client_for(owner).post("/v1/personal-data/erase", json={"name": asked}).json()

    assert "need.contacts" in {one["where"] for one in found["found"]}
    for told in (found, done):
        assert [(one["where"], one["id"]) for one in told["to_change"]] == [
            ("need.description", str(need.id))
        ]
    session.expire_all()
    assert session.get_one(type(need), need.id).contacts == []


@pytest.mark.parametrize("name", ["需求.csv", "需求.xlsx"])
def test_the_file_of_an_import_under_way_is_told(client_for: ClientFor, name: str) -> None:
    client = client_for()
    content = f"需求名称,contacts.phone\n残膜回收,{PHONE}\n".encode()
    if name.endswith("xlsx"):
        make = client_for()
        make.post("/v1/needs", json={"title": "残膜回收", "contacts": [{"phone": PHONE}]})
        content = make.get("/v1/exports/needs").content
    post_file(client, content, name)

    done = client.post("/v1/personal-data/erase", json={"phone": PHONE}).json()

    assert {one["why"]["key"]: one["rows"] for one in done["stays"]}["importing"] == 1


def test_what_was_asked_for_is_in_the_audit_and_the_person_is_not(
    client_for: ClientFor, people: dict[str, Organization]
) -> None:
    operator = client_for(role=Role.operator)
    operator.post("/v1/personal-data/export", json=PERSON)
    operator.post("/v1/personal-data/erase", json=PERSON)

    told = operator.get("/v1/audit", params={"action": "personal_data"}).json()["items"]
    assert [one["action"] for one in told] == ["personal_data.erase", "personal_data.export"]
    assert [word for word in (PHONE, EMAIL, NAME) if word in str(told)] == []
    seen = client_for(people["provider"]).get("/v1/audit", params={"action": "personal_data"}).json()["items"]
    assert len(seen) == 2


def test_the_commands_export_and_erase_everywhere(
    session: Session, people: dict[str, Organization], tmp_path: Any
) -> None:
    run = CliRunner()
    file = tmp_path / "person.json"

    exported = run.invoke(app, ["personal-data", "export", "--phone", PHONE, "--file", str(file)])
    erased = run.invoke(app, ["personal-data", "erase", "--phone", PHONE, "--yes"])
    again = run.invoke(app, ["personal-data", "export", "--phone", PHONE])
    listed = run.invoke(app, ["personal-data", "purposes"])

    assert [one.exit_code for one in (exported, erased, again, listed)] == [0, 0, 0, 0]
    assert NAME in file.read_text(encoding="utf-8")
    assert file.stat().st_mode & 0o077 == 0
    assert "need.contacts" in erased.stdout
    assert json.loads(again.stdout)["found"] == []
    assert PHONE not in opened(session)
