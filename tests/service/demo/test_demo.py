"""The demonstration is invented, says so, and goes again without a trace."""

import json
from importlib.resources import files

import pytest
from sqlalchemy import Table, func
from sqlmodel import Session, SQLModel, col, select
from typer.testing import CliRunner

from schemas.account import Organization
from schemas.bid import Bid
from schemas.capability import Capability
from schemas.challenge import Challenge
from schemas.contract import Contract
from schemas.introduction import Introduction
from schemas.need import Need
from schemas.notice import Notice
from schemas.operation import Installation
from schemas.vocabulary import Role
from service.access import audit
from service.commands.cli import app
from service.commands.first_start import prepare
from service.demo import demo_keys, load_demo
from service.demo.removal import remove_demo
from tests.conftest import ClientFor
from tests.make import make_capability, make_need, make_organization

# Filled at each start, demonstration or not; the audit keeps what happened.
_STAY = {"audit_entry", "installation", "encoder_model", "organization", "api_key", "target", "target_value"}


def nothing(_what: str, _share: float) -> None:
    pass


@pytest.fixture
def demo(session: Session) -> None:
    load_demo(session, nothing)
    demo_keys(session)
    session.commit()


def rows(session: Session) -> dict[str, int]:
    tables: list[Table] = SQLModel.metadata.sorted_tables
    return {table.name: int(session.scalar(select(func.count()).select_from(table)) or 0) for table in tables}


def test_every_organisation_says_in_its_name_that_it_is_invented() -> None:
    text = (files("service.demo") / "organizations.jsonl").read_text(encoding="utf-8")
    names = [json.loads(line)["name"] for line in text.splitlines()]

    assert len(names) > 30
    assert [name for name in names if not name.endswith("（示例）")] == []


def test_the_api_and_the_pages_mark_what_is_invented(
    session: Session, demo: None, client_for: ClientFor
) -> None:
    client = client_for()
    own = make_need(session, make_organization(session), title="真实的需求")
    items = client.get("/v1/needs", params={"limit": 3}).json()["items"]
    shown = next(item for item in items if item["id"] != str(own.id))

    pages = {
        lang: client.get(f"/needs/{shown['id']}", params={"lang": lang}).text
        for lang in ("zh", "en", "ru", "ug")
    }
    plain = client.get(f"/needs/{own.id}").text

    marks = {"zh": "示例", "en": "Example", "ru": "Пример", "ug": "مىسال"}
    assert shown["organization"]["illustration"] is True
    assert client.get(f"/v1/needs/{own.id}").json()["organization"]["illustration"] is False
    assert all(f'<span class="tag">{marks[lang]}</span>' in page for lang, page in pages.items())
    assert '<span class="tag">示例</span>' not in plain


def test_one_command_takes_all_of_it_out_and_leaves_what_is_real(session: Session, demo: None) -> None:
    real = make_organization(session, name="真实的合作社")
    kept = make_need(session, real, title="真实的需求")
    broker = session.exec(
        select(Organization).where(Organization.illustration, col(Organization.kind) == "broker")
    ).one()
    introduced = Introduction.model_validate(
        {
            **session.exec(select(Introduction)).first().model_dump(exclude={"id"}),  # type: ignore[union-attr]
            "need_id": kept.id,
            "capability_id": make_capability(session, make_organization(session)).id,
            "seeker_id": real.id,
            "provider_id": real.id,
            "asked_by": real.id,
            "broker_id": broker.id,
        }
    )
    session.add(introduced)
    before = session.exec(select(Installation.id)).one()
    session.commit()

    done = CliRunner().invoke(app, ["seed", "--remove", "--yes"])

    session.expire_all()
    assert done.exit_code == 0, done.output
    assert session.exec(select(Organization).where(col(Organization.illustration))).all() == []
    assert [need.title for need in session.exec(select(Need))] == ["真实的需求"]
    assert [one.id for one in session.exec(select(Introduction))] == [introduced.id]
    assert [len(session.exec(select(table)).all()) for table in (Bid, Challenge, Contract, Notice)] == [0] * 4
    assert session.exec(select(Installation.id)).one() != before
    assert audit.verify(session).broken_at is None


def test_what_the_demonstration_filled_is_empty_afterwards(session: Session, demo: None) -> None:
    filled = {name for name, count in rows(session).items() if count}

    remove_demo(session)

    left = {name: count for name, count in rows(session).items() if count and name not in _STAY}
    assert {"need", "capability", "bid", "contract_entry", "notice"} & filled
    assert left == {}
    assert remove_demo(session) == {}


def test_a_migration_loads_no_demonstration_and_a_first_run_does(session: Session) -> None:
    CliRunner().invoke(app, ["migrate"])
    migrated = session.exec(select(Organization).where(col(Organization.illustration))).all()
    session.rollback()

    keys = prepare(nothing)

    assert migrated == []
    assert session.exec(select(Capability)).all() == []
    assert set(keys) <= {Role.operator}
