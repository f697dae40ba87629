"""Write a Postman collection, which Bruno imports too, from the OpenAPI document. ``make collection`` runs it.

Every operation is a request, in a folder for its tag, with the document's own example as its body. Set the variables
``address`` and ``key``, and send. The id of what a request creates is kept in a variable, such as ``need_id``, which
the requests after it have in address and body. Each request tests its answer, so that a runner can go through all.
"""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

METHODS = ("get", "post", "put", "patch", "delete")
# The last folder takes away what the others made.
_TIDYING = "tidying up"
# What no example creates alone: it takes a second organisation, a server for mail, or a file.
_NEEDS_MORE = {
    "/v1/introductions",
    "/v1/introductions/{introduction_id}/milestones",
    "/v1/contracts",
    "/v1/challenges/{challenge_id}/bids",
    "/v1/mail-addresses",
    "/v1/imports",
}
# Until something is created, its variable names nothing that exists.
_NOTHING = "00000000-0000-0000-0000-000000000000"
# Parts of an address that are words or figures.
_WORDS = {"kind": "needs", "element": "latest", "year": "2026", "months": "3"}

Operation = tuple[str, str, dict[str, Any]]


def collection(document: dict[str, Any]) -> dict[str, Any]:
    made = created(document)
    folders: dict[str, list[dict[str, Any]]] = {tag["name"]: [] for tag in document["tags"]}
    folders[_TIDYING] = []
    # Sorting keeps the document's order among the rest.
    for path, method, operation in sorted(operations(document), key=lambda one: not creates(one, made)):
        ends = method == "delete" or path.endswith("/close")
        folder = _TIDYING if ends else operation["tags"][0]
        folders[folder].append(request(document, (path, method, operation), made))
    # A key goes before its organisation.
    folders[_TIDYING].reverse()
    about = {tag["name"]: tag["description"] for tag in document["tags"]}
    about[_TIDYING] = "删除前面各步建立的内容。 Takes away what the requests before have made."
    return {
        "info": {
            "name": document["info"]["title"],
            "description": document["info"]["description"].strip(),
            "schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json",
        },
        "auth": {"type": "bearer", "bearer": [{"key": "token", "value": "{{key}}", "type": "string"}]},
        "variable": [
            {"key": "address", "value": "http://127.0.0.1:8000"},
            {"key": "key", "value": ""},
            *({"key": name, "value": _NOTHING} for name in sorted(ids(document))),
        ],
        "item": [
            {"name": name, "description": about[name], "item": items}
            for name, items in folders.items()
            if items
        ],
    }


def operations(document: dict[str, Any]) -> Iterator[Operation]:
    for path, methods in document["paths"].items():
        for method in METHODS:
            if method in methods:
                yield path, method, methods[method]


def created(document: dict[str, Any]) -> dict[str, str]:
    """By the path of a POST that makes something: the variable for its id, as the paths below call it."""
    found = [re.fullmatch(r"(.+)/{(\w+_id)}", path) for path in document["paths"]]
    return {one[1]: one[2] for one in found if one and "post" in document["paths"].get(one[1], {})}


def ids(document: dict[str, Any]) -> set[str]:
    return {name for path in document["paths"] for name in re.findall(r"{(\w+_id)}", path)}


def creates(operation: Operation, made: dict[str, str]) -> bool:
    path, method, _ = operation
    return method == "post" and path in made


def request(document: dict[str, Any], operation: Operation, made: dict[str, str]) -> dict[str, Any]:
    path, method, about = operation
    parameters = about.get("parameters", [])
    parts = re.sub(r"{(\w+)}", r":\1", path).strip("/").split("/")
    sent: dict[str, Any] = {
        "method": method.upper(),
        "description": about.get("description", ""),
        "header": [],
        "url": {
            "raw": "{{address}}/" + "/".join(parts),
            "host": ["{{address}}"],
            "path": parts,
            "query": [
                # All are optional, so none is sent before somebody ticks it.
                {"key": one["name"], "value": "", "description": one.get("description", ""), "disabled": True}
                for one in parameters
                if one["in"] == "query"
            ],
            "variable": [
                {"key": one["name"], "value": _WORDS.get(one["name"], f"{{{{{one['name']}}}}}")}
                for one in parameters
                if one["in"] == "path"
            ],
        },
    }
    content = about.get("requestBody", {}).get("content", {})
    if "application/json" in content:
        body = chained(example(document, content["application/json"]["schema"]), set(made.values()))
        sent["header"].append({"key": "Content-Type", "value": "application/json"})
        sent["body"] = {
            "mode": "raw",
            "raw": json.dumps(body, ensure_ascii=False, indent=2),
            "options": {"raw": {"language": "json"}},
        }
    elif "multipart/form-data" in content:
        shape = resolved(document, content["multipart/form-data"]["schema"])
        sent["body"] = {
            "mode": "formdata",
            "formdata": [
                {"key": name, "type": "file" if name == "file" else "text", "value": ""}
                for name in shape["properties"]
            ],
        }
    script = {"type": "text/javascript", "exec": tests(operation, made)}
    return {
        "name": about["summary"],
        "event": [{"listen": "test", "script": script}],
        "request": sent,
        "response": [],
    }


def tests(operation: Operation, made: dict[str, str]) -> list[str]:
    """The answer is one that the document foresees. What is created is kept for the requests after it."""
    path, _, about = operation
    foreseen = [int(status) for status in about["responses"]]
    lines = [
        f'pm.test("answers as documented", () => pm.expect(pm.response.code).to.be.oneOf({foreseen}));',
        'pm.test("problems say what is wrong", () => {',
        '  if (pm.response.code >= 400) pm.expect(pm.response.json().title).to.be.a("string").and.not.empty;',
        "});",
    ]
    if succeeds(operation, made):
        lines.append('pm.test("succeeds", () => pm.response.to.be.success);')
    if creates(operation, made):
        kept = f'pm.collectionVariables.set("{made[path]}", pm.response.json().id)'
        lines.append(f"if (pm.response.code < 300) {kept};")
    return lines


def succeeds(operation: Operation, made: dict[str, str]) -> bool:
    """Whether what the requests before have created is enough for it."""
    path, method, _ = operation
    above, _, last = path.rpartition("/")
    if creates(operation, made):
        return path not in _NEEDS_MORE
    if "{" not in path:
        return method == "get"
    return above in made and above not in _NEEDS_MORE and last == f"{{{made[above]}}}"


def chained(body: Any, known: set[str]) -> Any:
    """The example with the ids of what was created in place of its own."""
    if isinstance(body, list):
        return [chained(one, known) for one in body]
    if not isinstance(body, dict):
        return body
    return {
        name: f"{{{{{name}}}}}" if name in known and isinstance(value, str) else chained(value, known)
        for name, value in body.items()
    }


def example(document: dict[str, Any], schema: dict[str, Any]) -> Any:
    return resolved(document, schema).get("examples", [{}])[0]


def resolved(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in schema:
        return schema
    found: dict[str, Any] = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    return found


if __name__ == "__main__":
    source, target = map(Path, sys.argv[1:])
    made = collection(json.loads(source.read_text(encoding="utf-8")))
    target.write_text(json.dumps(made, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
