"""The OpenAPI document: what FastAPI reads from the code, with an example of each body and of each problem."""

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI

from service.api.openapi_examples import EXAMPLES
from service.platform.problems import Problem, ProblemShown, Unfit
from service.platform.settings import settings

_PROBLEM = "application/problem+json"


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
            _show_answers(made)
            _show_who_may_ask(made)
            _leave_out_bounds_of_days(made)
            made["servers"] = [{"url": settings().public_url or "/"}]
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


def _show_answers(document: dict[str, Any]) -> None:
    """Problems as they come, by their own media type, each status with an example."""
    examples = {int(one.status): _example(one) for one in reversed(list(_problems(Problem)))}
    for operations in document["paths"].values():
        for operation in operations.values():
            for status, answer in operation["responses"].items():
                content = answer.get("content", {})
                if _PROBLEM in content:
                    content[_PROBLEM] = {**content.pop("application/json"), "example": examples[int(status)]}


def _show_who_may_ask(document: dict[str, Any]) -> None:
    """What needs no key says so, for readers of the document that would otherwise take it for forgotten."""
    for operations in document["paths"].values():
        for operation in operations.values():
            operation.setdefault("security", [])


def _leave_out_bounds_of_days(node: Any) -> None:
    """JSON Schema has bounds for numbers alone; Pydantic writes those of days by names that no schema may have."""
    if isinstance(node, dict):
        if node.get("format") == "date":
            for bound in ("ge", "le"):
                node.pop(bound, None)
        for below in node.values():
            _leave_out_bounds_of_days(below)
    elif isinstance(node, list):
        for below in node:
            _leave_out_bounds_of_days(below)


def _example(kind: type[Problem]) -> dict[str, Any]:
    errors = [EXAMPLES["FieldProblem"]] if kind is Unfit else []
    shown = ProblemShown(type=kind.type, title=kind.title.zh, status=kind.status)
    return {**shown.model_dump(), "errors": errors}


def _problems(kind: type[Problem]) -> Iterator[type[Problem]]:
    yield kind
    for below in kind.__subclasses__():
        yield from _problems(below)
