"""The command ``duijie`` as a person types it."""

from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlmodel import Session, col
from typer.testing import CliRunner

from schemas.account import ApiKey, ApiKeyCreate
from schemas.import_run import ImportRun, ImportStatus
from schemas.vocabulary import Role, Side
from service.access import keys
from service.access.principal import Principal, principal_for
from service.commands import file_import
from service.commands.cli import app
from service.platform.problems import Unauthorized
from tests.make import make_key, make_need, make_organization

COMMANDS = (
    "run", "api", "worker", "migrate", "seed", "import", "match", "evaluate", "keys", "reindex", "backup",
    "restore", "doctor", "train", "models", "exposure", "replay", "mcp",
)  # fmt: skip


def typed(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, list(words))
    return result.exit_code, result.output


def test_every_command_explains_itself_in_chinese() -> None:
    code, overview = typed("--help")

    helps = {command: typed(command, "--help") for command in COMMANDS}

    assert code == 0
    assert all(command in overview for command in COMMANDS)
    assert all(code == 0 and any("一" <= letter <= "鿿" for letter in said) for code, said in helps.values())


def test_keys_are_made_listed_and_revoked(session: Session) -> None:
    organization = make_organization(session, name="示例合作社")

    code, key = typed("keys", "create", "示例合作社", "--role", "integrator")
    caller = principal_for(session, key.strip())
    session.commit()
    _, listed = typed("keys", "list")
    revoked, _ = typed("keys", "revoke", str(caller.key_id))

    assert (code, revoked) == (0, 0)
    assert isinstance(caller, Principal)
    assert caller.organization_id == organization.id
    assert str(caller.key_id) in listed
    assert key.strip() not in listed
    session.expire_all()
    with pytest.raises(Unauthorized):
        principal_for(session, key.strip())


@pytest.mark.parametrize(("answer", "left"), [("y", []), ("n", ["member"])])
def test_revoking_a_key_offers_to_revoke_what_it_made(session: Session, answer: str, left: list[str]) -> None:
    owner = make_organization(session)
    maker = principal_for(session, make_key(session, owner))
    keys.issue_key(session, maker, owner.id, ApiKeyCreate(role=Role.member))
    session.commit()

    result = CliRunner().invoke(app, ["keys", "revoke", str(maker.key_id)], input=f"{answer}\n")

    assert result.exit_code == 0
    assert "由它签发的 1 个密钥仍然有效" in result.output
    live = session.execute(select(col(ApiKey.role)).where(col(ApiKey.revoked_at).is_(None))).scalars()
    assert list(live) == left


def test_keys_are_limited_and_end_after_a_year_unless_said_otherwise(session: Session) -> None:
    make_organization(session, name="示例合作社")

    typed("keys", "create", "示例合作社", "--scope", "read", "--network", "10.2.0.0/16")
    typed("keys", "create", "示例合作社", "--days", "0")
    wrong, said = typed("keys", "create", "示例合作社", "--network", "枣园")

    limited, endless = session.execute(select(ApiKey).order_by(col(ApiKey.id))).scalars()
    assert (limited.scopes, limited.networks) == (["read"], ["10.2.0.0/16"])
    assert limited.expires_at is not None
    assert (limited.expires_at - limited.created_at).days in (364, 365)
    assert endless.expires_at is None
    assert wrong == 2
    assert "10.2.0.0/16" in said


def test_whom_it_is_about_comes_by_the_environment_or_by_standard_input(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_need(session, contacts=[{"name": "王工", "phone": "13800138000"}])
    command = ["personal-data", "export"]

    by_input = CliRunner().invoke(app, [*command, "--phone", "-"], input="13800138000\n")
    nothing = CliRunner().invoke(app, [*command, "--phone", "-"], input="\n")
    monkeypatch.setenv("DUIJIE_PERSON_PHONE", "13800138000")
    by_environment = CliRunner().invoke(app, command)

    assert by_input.exit_code == by_environment.exit_code == 0
    assert "王工" in by_input.output
    assert by_input.output == by_environment.output
    assert nothing.exit_code == 2


def test_a_key_for_nobody_is_not_made(session: Session) -> None:
    code, _ = typed("keys", "create", "没有的单位")

    assert code != 0
    assert session.execute(select(ApiKey)).first() is None


def test_the_tables_equal_the_program(database: None) -> None:
    code, _ = typed("migrate", "--check")

    assert code == 0


def test_the_doctor_says_what_is_wrong_and_what_to_do(session: Session) -> None:
    code, said = typed("doctor")

    assert code == 1
    assert "PostgreSQL" in said
    assert "duijie worker" in said


def test_a_file_that_is_not_there_is_told(database: None) -> None:
    code, said = typed("import", "没有.csv", "--kind", "needs", "--key", "x")

    assert code == 2
    assert "没有.csv" in said


def test_a_restore_asks_first(database: None, tmp_path: Path) -> None:
    file = tmp_path / "f"
    file.write_bytes(b"x")

    result = CliRunner().invoke(app, ["restore", str(file)], input="n\n")

    assert result.exit_code == 1
    assert "Aborted" in result.output


def test_evaluate_needs_its_three_files(database: None, tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["evaluate", str(tmp_path)])

    assert result.exit_code == 1
    assert "needs.jsonl" in str(result.exception)


def test_ids_are_whole_however_narrow_the_terminal(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    make_organization(session, name="示例")
    typed("keys", "create", "示例")

    _, listed = typed("keys", "list")

    assert any(
        len(word) == 36 and UUID(word) for word in listed.replace("│", " ").split() if word.count("-") == 4
    )


def test_an_import_that_failed_says_why_and_ends_with_one(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "needs.csv"
    file.write_text("名称\n红枣分级", encoding="utf-8")
    failed = ImportRun(
        organization_id=UUID(int=1),
        api_key_id=UUID(int=2),
        kind=Side.needs,
        file_name="needs.csv",
        status=ImportStatus.failed,
        failure="密钥已被撤销",
    )
    monkeypatch.setattr(file_import, "import_file", lambda *_, **__: failed)

    code, told = typed("import", str(file), "--kind", "needs", "--key", "djk_any")

    assert code == 1
    assert "密钥已被撤销" in told
