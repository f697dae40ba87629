"""What is done by command, by the desk, and by the service itself is in the audit like anything else."""

from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlmodel import Session, col, select
from typer.testing import CliRunner

from schemas.account import ApiKey, Organization
from schemas.audit import AuditEntry
from schemas.outbox import OutboxMessage, Topic
from schemas.posting import IndexStatus
from schemas.vocabulary import Role
from service.access import audit
from service.commands.cli import app as commands
from service.commands.first_start import prepare
from service.platform.settings import settings
from service.statistics.targets import load_plan_targets
from tests.conftest import ClientFor
from tests.make import make_key, make_need, make_organization
from tests.service.portal.test_signed_in import ORIGIN, token_of
from workers.upkeep import upkeep

run = CliRunner()


def actions(session: Session) -> list[str]:
    session.rollback()
    session.expire_all()
    return [one.action for one in session.exec(select(AuditEntry).order_by(col(AuditEntry.number)))]


def test_commands_leave_entries_of_the_service_itself(session: Session, owner: Organization) -> None:
    run.invoke(commands, ["keys", "create", str(owner.id)])
    key = session.exec(select(ApiKey)).one()
    run.invoke(commands, ["keys", "revoke", str(key.id)])
    run.invoke(commands, ["secrets", "rotate"])

    assert actions(session) == ["key.issue", "key.revoke", "secrets.rotate"]
    entries = session.exec(select(AuditEntry).order_by(col(AuditEntry.number))).all()
    assert [(one.organization_id, one.concerns) for one in entries[:2]] == [(None, [owner.id])] * 2


def test_a_restore_is_the_last_entry_of_the_chain_that_came_back(session: Session, tmp_path: Path) -> None:
    make_need(session)
    file = tmp_path / "backup"
    run.invoke(commands, ["backup", str(file)])

    done = run.invoke(commands, ["restore", str(file), "--yes"])

    assert done.exit_code == 0
    assert actions(session) == ["need.post", "database.restore"]
    assert audit.verify(session).broken_at is None


def test_a_first_start_is_written_down(
    session: Session, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(settings(), "data_dir", tmp_path)

    prepare(lambda _what, _share: None, demo="always")

    found = actions(session)
    assert {"organization.create", "key.issue", "target.load", "demo.load"} <= set(found)
    assert found.count("key.issue") == 4


def test_what_expires_by_itself_is_written_down(session: Session) -> None:
    need = make_need(session, valid_until="2020-01-01")
    message = OutboxMessage(topic=Topic.upkeep)
    session.add(message)
    session.commit()

    upkeep(str(message.id))

    entry = session.exec(select(AuditEntry).where(col(AuditEntry.action) == "need.expire")).one()
    assert (entry.subject_id, entry.role, entry.concerns) == (need.id, None, [need.organization_id])


@pytest.fixture
def sign_in(session: Session, app: FastAPI, client_for: ClientFor) -> Callable[[Role], TestClient]:
    def signed(role: Role) -> TestClient:
        headers = {"Accept": "text/html", "Origin": ORIGIN}
        browser = TestClient(app, base_url=ORIGIN, headers=headers, follow_redirects=False)
        browser.post("/sign-in", data={"key": make_key(session, make_organization(session), role=role)})
        return browser

    return signed


def test_the_desk_and_the_forms_leave_the_same_entries(
    session: Session, sign_in: Callable[[Role], TestClient]
) -> None:
    load_plan_targets(session)
    unverified = make_organization(session, verified=False)
    handed_in, returned = (make_need(session, unverified) for _ in range(2))
    failed = make_need(session)
    failed.index_status = IndexStatus.failed
    message = OutboxMessage(topic=Topic.need_changed, attempts=1)
    session.add_all([failed, message])
    session.commit()
    member, operator = sign_in(Role.member), sign_in(Role.operator)
    target = operator.get("/desk").text.split('action="/desk/targets/')[1].split('"')[0]
    before = len(actions(session))
    form = token_of(member)
    token = {"form_token": operator.get("/desk").text.split('name="form_token" value="')[1].split('"')[0]}

    member.post("/needs/new", data={**form, "title": "红枣分级", "visibility": "public", "do": "publish"})
    made = member.get("/my").text.split('href="/needs/')[2].split('"')[0]
    member.post(f"/needs/{made}/close", data=form)
    operator.post(f"/desk/organizations/{unverified.id}/verify", data=token)
    operator.post(f"/desk/needs/{handed_in.id}/publish", data=token)
    operator.post(f"/desk/needs/{returned.id}/reject", data={**token, "reason": "请补充"})
    operator.post(f"/desk/needs/{failed.id}/index", data=token)
    operator.post(f"/desk/work/{message.id}/now", data=token)
    operator.post(f"/desk/targets/{target}", data={**token, "year": "2022", "value": "3"})
    operator.post(f"/desk/targets/{target}", data={**token, "year": "2022", "value": ""})
    wrong = operator.post(f"/desk/targets/{target}", data={**token, "year": "2022", "value": "三"})
    member.post("/sign-out", data=form)

    assert wrong.status_code == 422
    assert actions(session)[before:] == [
        *("need.post", "need.close", "organization.verify", "need.publish", "need.reject", "need.reindex"),
        *("work.retry", "target.count", "target.forget", "session.end"),
    ]
    assert actions(session).count("session.start") == 2
