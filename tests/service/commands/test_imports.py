"""What a command does not need, it does not load: help comes at once, and the supervisor stays small."""

import subprocess
import sys
from functools import cache

import pytest
from typer.testing import CliRunner

from service.commands.cli import app

HEAVY = ("torch", "sentence_transformers", "faiss", "scipy", "fastapi", "starlette")


@cache
def loaded_by(module: str) -> set[str]:
    program = f"import sys, {module}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    return set(done.stdout.split())


@pytest.mark.parametrize("module", ["cli", "keys", "trust", "doctor", "personal_data", "run", "supervisor"])
def test_a_command_loads_neither_model_nor_index_nor_web_framework(module: str) -> None:
    loaded = loaded_by(f"service.commands.{module}")

    assert f"service.commands.{module}" in loaded
    assert loaded & set(HEAVY) == set()


@pytest.mark.parametrize("module", ["cli", "run", "supervisor"])
def test_help_and_supervisor_load_no_library_of_the_database(module: str) -> None:
    assert loaded_by(f"service.commands.{module}") & {"sqlalchemy", "psycopg"} == set()


def test_the_heavy_libraries_would_be_noticed() -> None:
    assert {"faiss", "fastapi"} <= loaded_by("service.app")


@pytest.mark.parametrize("command", ["evaluate", "train"])
def test_where_the_extra_is_missing_its_commands_say_what_to_install(
    monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    for name in [name for name in sys.modules if name.startswith(("service.learning", "service.commands"))]:
        monkeypatch.delitem(sys.modules, name)
    for name in [*sys.modules]:
        if name.startswith(("matching.metrics", "pytrec_eval")):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "pytrec_eval", None)

    answer = CliRunner().invoke(app, [command, "--help"])

    assert "duijie[train]" in str(answer.exception)


@pytest.mark.parametrize("module", ["cli", "models", "serve", "database", "offline_match"])
def test_all_other_commands_do_without_the_extra(module: str) -> None:
    assert loaded_by(f"service.commands.{module}") & {"pytrec_eval", "service.learning.evaluation"} == set()
