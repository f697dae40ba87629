"""The OpenAPI document: what FastAPI reads from the code, with an example of each body and of each problem."""

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI

from service.errors import Problem
from service.openapi_examples import EXAMPLES


def add_examples(app: FastAPI) -> None:
    """Let the application give the document with its examples. It is made once."""
    bare = app.openapi

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            made = bare()
            for name, shape in made["components"]["schemas"].items():
                if name in EXAMPLES:
                    shape["examples"] = [EXAMPLES[name]]
            _show_problems(made)
        return app.openapi_schema or bare()

    app.openapi = document  # type: ignore[method-assign]


def _show_problems(document: dict[str, Any]) -> None:
    """Every ``type`` that a problem may have, with its status and what it says."""
    kinds = sorted({(int(one.status), one.type, one.title) for one in _problems(Problem)})
    about = document["components"]["schemas"]["ProblemShown"]["properties"]["type"]
    about["examples"] = [kind for _, kind, _ in kinds]
    about["description"] = "Stable. One of:\n\n" + "\n".join(
        f"- `{kind}` ({status}): {title.zh} {title.en}" for status, kind, title in kinds
    )


def _problems(kind: type[Problem]) -> Iterator[type[Problem]]:
    yield kind
    for below in kind.__subclasses__():
        yield from _problems(below)
