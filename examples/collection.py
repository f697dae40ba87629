"""Write a Postman collection, which Bruno imports too, from the OpenAPI document. ``make collection`` runs it.

Every operation is a request, in a folder for its tag, with the document's own example as its body. Set the variables
``address`` and ``key``, and send.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

METHODS = ("get", "post", "put", "patch", "delete")


def collection(document: dict[str, Any]) -> dict[str, Any]:
    folders: dict[str, list[dict[str, Any]]] = {tag["name"]: [] for tag in document["tags"]}
    for path, operations in document["paths"].items():
        for method in METHODS:
            if method in operations:
                operation = operations[method]
                folders[operation["tags"][0]].append(request(document, path, method, operation))
    about = {tag["name"]: tag["description"] for tag in document["tags"]}
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
        ],
        "item": [
            {"name": name, "description": about[name], "item": items}
            for name, items in folders.items()
            if items
        ],
    }


def request(document: dict[str, Any], path: str, method: str, operation: dict[str, Any]) -> dict[str, Any]:
    parameters = operation.get("parameters", [])
    parts = re.sub(r"{(\w+)}", r":\1", path).strip("/").split("/")
    made: dict[str, Any] = {
        "method": method.upper(),
        "description": operation.get("description", ""),
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
            "variable": [{"key": one["name"], "value": ""} for one in parameters if one["in"] == "path"],
        },
    }
    content = operation.get("requestBody", {}).get("content", {})
    if "application/json" in content:
        made["header"].append({"key": "Content-Type", "value": "application/json"})
        made["body"] = {
            "mode": "raw",
            "raw": json.dumps(
                example(document, content["application/json"]["schema"]), ensure_ascii=False, indent=2
            ),
            "options": {"raw": {"language": "json"}},
        }
    elif "multipart/form-data" in content:
        shape = resolved(document, content["multipart/form-data"]["schema"])
        made["body"] = {
            "mode": "formdata",
            "formdata": [
                {"key": name, "type": "file" if name == "file" else "text", "value": ""}
                for name in shape["properties"]
            ],
        }
    return {"name": operation["summary"], "request": made, "response": []}


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
