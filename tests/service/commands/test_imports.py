"""What a command does not need, it does not load: help comes at once, and the supervisor stays small."""

import subprocess
import sys

import pytest

HEAVY = ("torch", "sentence_transformers", "faiss", "scipy", "fastapi", "starlette")


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
