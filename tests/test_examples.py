"""What integrators copy from works as it stands."""

import json
import re
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest
from openapi_schema_validator import OAS31Validator
from sqlmodel import Session

from schemas.vocabulary import Role
from service.app import create_app
from tests.conftest import ClientFor

ROOT = Path(__file__).parents[1]
DOCUMENT = create_app().openapi()


def shape_of(schema: dict[str, Any]) -> str:
    """Its name; of a body that may be left out, that of the body."""
    return str(schema.get("$ref") or schema["anyOf"][0]["$ref"]).rsplit("/", 1)[1]


BODIES = {
    f"{method} {path}": shape_of(operation["requestBody"]["content"]["application/json"]["schema"])
    for path, operations in DOCUMENT["paths"].items()
    for method, operation in operations.items()
    if "application/json" in operation.get("requestBody", {}).get("content", {})
}
# Whose organisation, which need: what a caller has from earlier answers.
_GIVEN = re.compile(r"{(\w+)}")


@pytest.mark.parametrize("shape", sorted(set(BODIES.values())))
def test_every_body_has_an_example_that_fits_its_schema(shape: str) -> None:
    schema = DOCUMENT["components"]["schemas"][shape]
    [example] = schema["examples"]

    validator = OAS31Validator({**schema, "components": DOCUMENT["components"]})
    assert [error.message for error in validator.iter_errors(example)] == []


# Their bodies name what was posted before, and the examples something that never was.
NAMING_OTHERS = {
    "post /v1/introductions",
    "post /v1/contracts",
    "post /v1/vetoes",
    "post /v1/challenges",
    "post /v1/notifications/read",
}
# What has to be set up first.
NOT_SET_UP = {"post /v1/mail-addresses"}
CREATING = [name for name in BODIES if name.startswith("post ") and not _GIVEN.search(name)]


@pytest.mark.parametrize("name", CREATING)
def test_examples_are_taken_by_the_service_itself(name: str, session: Session, client_for: ClientFor) -> None:
    [example] = DOCUMENT["components"]["schemas"][BODIES[name]]["examples"]

    answer = client_for(role=Role.operator).post(name.removeprefix("post "), json=example)

    refused = {404, 422} if name in NAMING_OTHERS else {422} if name in NOT_SET_UP else set()
    assert answer.status_code in (refused or {200, 201}), answer.text


def test_the_names_of_operations_are_short_and_each_is_one() -> None:
    names = [operation["operationId"] for path in DOCUMENT["paths"].values() for operation in path.values()]

    assert len(names) == len(set(names))
    assert max(map(len, names)) <= 40


def test_the_collection_is_what_the_document_says() -> None:
    spec = spec_from_file_location("collection", ROOT / "examples" / "collection.py")
    assert spec is not None
    assert spec.loader is not None
    module: Any = module_from_spec(spec)
    spec.loader.exec_module(module)

    made = module.collection(json.loads((ROOT / "docs" / "openapi.json").read_text(encoding="utf-8")))

    kept = (ROOT / "examples" / "duijie.postman_collection.json").read_text(encoding="utf-8")
    assert json.loads(kept) == made, "make collection writes it anew"
    assert sum(len(folder["item"]) for folder in made["item"]) == sum(map(len, DOCUMENT["paths"].values()))
