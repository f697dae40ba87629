"""The audit: what is done is written down with it, in a chain that shows every change."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, select
from typer.testing import CliRunner

from schemas.account import Organization
from schemas.audit import AuditEntry
from schemas.vocabulary import Role
from service.access import audit
from service.access.integrity import TEXT
from service.commands.cli import app
from service.platform import db
from tests.conftest import ClientFor
from tests.make import make_need, make_organization
from tests.races import MANY, many, race


def entries(session: Session) -> list[AuditEntry]:
    session.rollback()
    session.expire_all()
    return list(session.exec(select(AuditEntry).order_by(AuditEntry.number)))  # type: ignore[arg-type]


def tamper(session: Session, statement: str) -> None:
    """As somebody would who owns the database."""
    session.execute(text("SET LOCAL session_replication_role = replica"))
    session.execute(text(statement))
    session.commit()


def test_what_is_done_is_written_down_with_who_did_it(
    session: Session, client_for: ClientFor, owner: Organization
) -> None:
    client = client_for(owner)

    need = client.post("/v1/needs", json={"title": "棉田残膜回收", "publish": True}).json()
    client.post(f"/v1/needs/{need['id']}/close")

    shown = client.get("/v1/audit").json()["items"]
    assert [(one["action"], one["subject_id"], one["detail"]) for one in shown] == [
        ("need.close", need["id"], {"status": "closed"}),
        ("need.post", need["id"], {"status": "published"}),
    ]
    assert {(one["organization"], one["role"]) for one in shown} == {(owner.name, "member")}


def test_what_failed_is_not_in_the_audit(session: Session, client_for: ClientFor) -> None:
    client = client_for()
    need = client.post("/v1/needs", json={"title": "棉田残膜回收"}).json()
    before = len(entries(session))

    refused = client.post(f"/v1/needs/{need['id']}/reject", json={"reason": "不清楚"})

    assert refused.status_code == 403
    assert len(entries(session)) == before


def test_what_a_savepoint_undid_is_not_in_the_audit(session: Session) -> None:
    audit.note(session, None, "before.kept", None)
    undone = session.begin_nested()
    audit.note(session, None, "inside.undone", None)
    undone.rollback()
    with session.begin_nested():
        audit.note(session, None, "inside.kept", None)
    session.commit()

    assert [one.action for one in entries(session)] == ["before.kept", "inside.kept"]


def test_what_was_rolled_back_is_not_in_the_audit_though_the_session_goes_on(session: Session) -> None:
    session.connection()
    audit.note(session, None, "before.undone", None)
    session.rollback()
    audit.note(session, None, "after.kept", None)
    session.commit()

    assert [one.action for one in entries(session)] == ["after.kept"]


def test_what_concerns_nobody_else_is_read_by_whoever_did_it(client_for: ClientFor) -> None:
    client = client_for()
    client.post("/v1/integrity/declarations", json={"version": TEXT.version})

    shown = client.get("/v1/audit").json()["items"]

    assert [one["action"] for one in shown] == ["integrity.declare"]


def test_one_may_ask_for_what_was_done_to_one_object(client_for: ClientFor) -> None:
    client = client_for()
    one, _ = (client.post("/v1/needs", json={"title": title}).json() for title in ("红枣分级", "核桃脱皮"))

    shown = client.get("/v1/audit", params={"subject_id": one["id"]}).json()["items"]

    assert [entry["subject_id"] for entry in shown] == [one["id"]]


def test_organisations_read_what_concerns_them_and_operators_all(
    session: Session, client_for: ClientFor
) -> None:
    ours, theirs = make_organization(session), make_organization(session)
    client_for(ours).post("/v1/needs", json={"title": "红枣分级"})
    client_for(theirs).post("/v1/needs", json={"title": "核桃脱青皮"})

    seen = client_for(ours).get("/v1/audit").json()["items"]
    asked_for_theirs = client_for(ours).get("/v1/audit", params={"organization_id": str(theirs.id)}).json()
    all_of_it = client_for(role=Role.operator).get("/v1/audit", params={"action": ["need"]}).json()["items"]

    assert [one["organization"] for one in seen] == [ours.name]
    assert asked_for_theirs["items"] == []
    assert [one["organization"] for one in all_of_it] == [theirs.name, ours.name]


def test_pages_of_the_audit_neither_repeat_nor_skip(session: Session, client_for: ClientFor) -> None:
    client = client_for()
    for number in range(5):
        client.post("/v1/needs", json={"title": f"需求{number}"})

    numbers, cursor = [], None
    while True:
        asked = {"limit": 2, **({"cursor": cursor} if cursor else {})}
        page = client.get("/v1/audit", params=asked).json()
        numbers += [one["number"] for one in page["items"]]
        if (cursor := page["next_cursor"]) is None:
            break

    assert numbers == [5, 4, 3, 2, 1]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entry SET action = 'nothing'",
        "DELETE FROM audit_entry",
        "TRUNCATE audit_entry",
    ],
)
def test_the_database_refuses_to_change_the_audit(session: Session, statement: str) -> None:
    make_need(session)

    with pytest.raises(DBAPIError, match="never changed"):
        session.execute(text(statement))

    assert len(entries(session)) == 1


@pytest.mark.parametrize(
    ("statement", "broken_at"),
    [
        ("UPDATE audit_entry SET detail = '{}' WHERE number = 2", 2),
        ("UPDATE audit_entry SET organization_id = NULL WHERE number = 3", 3),
        ("DELETE FROM audit_entry WHERE number = 2", 2),
        ("DELETE FROM audit_entry WHERE number = 1", 1),
    ],
)
def test_a_change_behind_the_back_of_the_program_is_found(
    session: Session, statement: str, broken_at: int
) -> None:
    for _ in range(4):
        make_need(session)
    tamper(session, statement)

    told = CliRunner().invoke(app, ["audit", "verify"])

    assert told.exit_code == 1
    assert audit.verify(session).broken_at == broken_at


def test_an_end_that_was_cut_off_is_found_by_a_hash_noted_before(
    session: Session, client_for: ClientFor
) -> None:
    for _ in range(3):
        make_need(session)
    head = client_for(role=Role.operator).get("/v1/audit/head").json()["hash"]
    tamper(session, "DELETE FROM audit_entry WHERE number = 3")

    whole, anchored = (
        CliRunner().invoke(app, ["audit", "verify", *more]) for more in ([], ["--anchor", head])
    )

    assert whole.exit_code == 0
    assert anchored.exit_code == 1


def test_a_whole_chain_is_told_to_be_whole(session: Session) -> None:
    for _ in range(3):
        make_need(session)

    told = CliRunner().invoke(app, ["audit", "verify"])

    assert told.exit_code == 0
    assert entries(session)[-1].hash in told.output


def test_entries_of_one_transaction_are_chained_like_others(session: Session) -> None:
    for noted in (["first.noted", "second.noted"], ["third.noted"]):
        for action in noted:
            audit.note(session, None, action, None)
        session.commit()

    first, second, third = entries(session)
    assert (first.before, second.before, third.before) == ("", first.hash, second.hash)
    assert audit.verify(session).broken_at is None


def test_many_who_write_at_once_write_one_after_another(session: Session) -> None:
    def write() -> None:
        with db.transaction() as one:
            audit.note(one, None, "race.noted", None)

    race(many(write))

    assert [entry.number for entry in entries(session)] == list(range(1, MANY + 1))
    assert audit.verify(session).broken_at is None


def test_entries_of_transactions_at_once_make_one_chain(session: Session) -> None:
    with db.transaction() as one, db.transaction() as other:
        audit.note(one, None, "first.noted", None)
        audit.note(other, None, "second.noted", None)

    assert [(entry.number, entry.action) for entry in entries(session)] == [
        (1, "second.noted"),
        (2, "first.noted"),
    ]
    assert audit.verify(session).broken_at is None
