"""What the house has agreed on, checked by machine. Each check first shows that it looked at something."""

import re
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Column, Text
from sqlmodel import SQLModel

from service.app import create_app
from service.platform import migrations
from service.platform.settings import Settings
from tests.service.sides import ABSENT

ROOT = Path(__file__).parents[1]
OURS = ("schemas", "matching", "service", "workers")

# Whoever runs the service asks the first ones; the others are printed on every form.
OPEN = {
    "/healthz",
    "/readyz",
    "/metrics",
    "/v1/domains",
    "/v1/regions",
    "/v1/vocabularies",
    "/v1/imports/templates/{kind}.xlsx",
    "/v1/personal-data/purposes",
}
# Browsers on other sites ask with a site key, which the page of that site holds.
BY_SITE_KEY = {"/v1/embedded/{element}"}


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in create_app().openapi()["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


OPERATIONS = {f"{method} {path}": (method, path, operation) for method, path, operation in operations()}
NEED_A_KEY = {name: found for name, found in OPERATIONS.items() if found[1] not in OPEN | BY_SITE_KEY}


def files_with(pattern: str) -> set[str]:
    return {
        str(file.relative_to(ROOT))
        for folder in OURS
        for file in (ROOT / folder).rglob("*.py")
        if re.search(pattern, file.read_text(encoding="utf-8"))
    }


def test_threads_are_started_by_the_one_loop_that_outlives_failures() -> None:
    assert files_with(r"\bThread\(") == {"service/platform/loops.py"}
    # The other answers a request that failed.
    assert files_with("except Exception") == {"service/platform/loops.py", "service/http/failures.py"}


def test_the_checks_below_look_at_the_whole_api() -> None:
    assert {"POST /v1/needs", "GET /v1/capabilities/{capability_id}", "POST /v1/matches"} <= set(NEED_A_KEY)
    assert {path for _, path, _ in OPERATIONS.values()} >= OPEN


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_operation_says_what_it_does(name: str) -> None:
    operation = OPERATIONS[name][2]

    assert operation["summary"]
    assert operation.get("description", "").strip().endswith((".", "。"))


@pytest.mark.parametrize("name", NEED_A_KEY)
def test_every_operation_but_the_open_ones_needs_a_key(name: str, app: FastAPI, session: object) -> None:
    method, path, operation = NEED_A_KEY[name]
    client = TestClient(app, raise_server_exceptions=False)

    # Nothing else that is sent fits, so that a 422 would come where the key is looked at too late.
    answer = client.request(
        method, re.sub(r"{\w+}", ABSENT, path), json={} if "requestBody" in operation else None
    )

    assert operation["security"]
    assert answer.status_code == 401


def test_the_open_operations_need_none(app: FastAPI, session: object) -> None:
    client = TestClient(app, raise_server_exceptions=False, client=("127.0.0.1", 50_000))

    answers = {
        path: client.get(path.format(kind="needs")).status_code for path in (*OPEN, "/docs", "/openapi.json")
    }

    # Without a worker it is not ready, and says so.
    assert answers.pop("/readyz") == 503
    assert set(answers.values()) == {200}


def test_the_folder_of_migrations_is_no_package() -> None:
    """An ``alembic/__init__.py`` would hide the installed module of that name."""
    assert (ROOT / "alembic" / "env.py").is_file()
    assert not (ROOT / "alembic" / "__init__.py").exists()


def test_no_installed_distribution_ships_a_package_with_one_of_our_names() -> None:
    shipped = packages_distributions()

    assert "fastapi" in shipped
    assert {name: shipped[name] for name in OURS if set(shipped.get(name, [])) - {"duijie"}} == {}


def test_every_setting_is_described() -> None:
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    described = set(re.findall(r"`DUIJIE_([A-Z_]+)`", page))

    settings = {name.upper() for name in Settings.model_fields}
    assert "DATABASE_URL" in settings
    assert settings - described == set()


def test_every_described_setting_exists() -> None:
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    rows = set(re.findall(r"^\W*`?DUIJIE_([A-Z_]+)", page, re.MULTILINE))

    assert rows
    assert rows - {name.upper() for name in Settings.model_fields} == {"TEST_MODELS"}  # for tests alone


def test_the_tables_are_what_the_shapes_say(database: None) -> None:
    assert migrations.drift() is None


def test_a_missing_column_would_be_noticed(database: None) -> None:
    """The check above compares: with one column more in the shapes it finds a difference."""
    table = SQLModel.metadata.tables["worker_seen"]
    column: Column[str] = Column("mood", Text)
    table.append_column(column)
    try:
        assert "mood" in (migrations.drift() or "")
    finally:
        table._columns.remove(column)
