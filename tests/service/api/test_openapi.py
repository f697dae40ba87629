"""Whatever the OpenAPI document allows, and what it does not, gets an answer that the document foresees."""

import json
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import schemathesis
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, Phase
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import OpenAPIV31SpecValidator
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from sqlmodel import Session

from schemas.vocabulary import Role
from service.app import create_app
from tests.make import make_capability, make_key, make_need, make_organization

# What the document cannot say (that 密级 may not be "classified", say) rules out the checks that would
# have every body that it allows accepted.
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
CONFIG = """
[generation]
max-examples = 10
deterministic = true
database = "none"
"""


@asynccontextmanager
async def _without_index(app: FastAPI) -> AsyncIterator[None]:
    """The document is read while tests are collected: too early for anything that asks the database."""
    yield


app = create_app()
app.router.lifespan_context = _without_index
api = schemathesis.openapi.from_asgi(
    "/openapi.json", app, config=SchemathesisConfig.from_str(CONFIG)
).exclude(path="/readyz")  # says 503 here, where no worker is


@pytest.fixture
def operator_key(session: Session) -> str:
    """With a posting of each side to be found."""
    owner = make_organization(session)
    make_need(session, owner), make_capability(session, owner)
    return make_key(session, owner, role=Role.operator)


@api.parametrize()
@hypothesis.settings(
    max_examples=10,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_every_operation_answers_as_documented(case: schemathesis.Case[Any], operator_key: str) -> None:
    case.call_and_validate(headers={"Authorization": f"Bearer {operator_key}"}, checks=CHECKS)


def test_the_document_names_every_operation() -> None:
    labels = {found.ok().label for found in api.get_all_operations() if isinstance(found, Ok)}

    assert len(labels) > 30
    assert {"POST /v1/needs", "PATCH /v1/capabilities/{capability_id}", "POST /v1/matches"} <= labels


def test_the_document_is_valid_and_every_tag_is_explained() -> None:
    document = create_app().openapi()

    used = {tag for path in document["paths"].values() for one in path.values() for tag in one["tags"]}
    assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []
    assert used == {tag["name"] for tag in document["tags"]}


def test_every_operation_says_what_it_does_and_every_problem_has_its_media_type_and_an_example() -> None:
    document = create_app().openapi()
    operations = {
        f"{method} {path}": operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }
    problem = OAS31Validator(
        {"$ref": "#/components/schemas/ProblemShown", "components": document["components"]}
    )

    assert [name for name, one in operations.items() if not one.get("description")] == []
    answers = [
        answer
        for one in operations.values()
        for status, answer in one["responses"].items()
        if status >= "400" and "ProblemShown" in str(answer)
    ]
    assert len(answers) > 300
    assert all(list(answer["content"]) == ["application/problem+json"] for answer in answers)
    for answer in answers:
        problem.validate(answer["content"]["application/problem+json"]["example"])


def _within(node: Any, name: str) -> Iterator[Any]:
    """All that stands under this name, however deep."""
    if isinstance(node, dict):
        if name in node:
            yield node[name]
        for below in node.values():
            yield from _within(below, name)
    elif isinstance(node, list):
        for below in node:
            yield from _within(below, name)


def test_every_pattern_is_one_of_ecmascript() -> None:
    patterns = sorted({one for one in _within(create_app().openapi(), "pattern") if isinstance(one, str)})
    program = "for (const one of JSON.parse(require('fs').readFileSync(0))) new RegExp(one, 'u')"
    if shutil.which("node") is None:
        pytest.skip("needs node")

    told = subprocess.run(
        ["node", "-e", program], input=json.dumps(patterns), text=True, capture_output=True, check=False
    )

    assert len(patterns) > 4
    assert told.returncode == 0, told.stderr


def test_the_document_is_made_before_anybody_asks(database: None) -> None:
    app = create_app()
    with TestClient(app):
        assert app.openapi_schema is not None


def test_what_clients_rely_on_changes_only_on_purpose() -> None:
    kept = json.loads((Path(__file__).parents[3] / "docs" / "openapi.json").read_text(encoding="utf-8"))

    assert create_app().openapi() == kept, "make openapi writes it anew; say in the changelog what changed"
