"""The document, the collection and the example by the tools with which integrators read and run them."""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.running import OPERATOR_KEY, Program, wait_for
from tests.tools import npm_command

ROOT = Path(__file__).parents[1]
DOCUMENT = "docs/openapi.json"
COLLECTION = "examples/duijie.postman_collection.json"


def run(*command: object, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(part) for part in command],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
    )


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    made = Program(tmp_path_factory.mktemp("site") / "var")
    made.start()
    yield made
    made.end()


def test_redocly_finds_no_error_in_the_document() -> None:
    found = run(npm_command("redocly"), "lint", "--config", "tests/redocly.yaml", DOCUMENT)

    assert found.returncode == 0, found.stdout + found.stderr


def test_spectral_finds_no_error_in_the_document() -> None:
    found = run(npm_command("spectral"), "lint", DOCUMENT, "--ruleset", "tests/spectral.yaml")

    assert found.returncode == 0, found.stdout + found.stderr


@pytest.mark.journey
@pytest.mark.model
def test_newman_runs_the_whole_collection(site: Program, tmp_path: Path) -> None:
    newman, report = npm_command("newman"), tmp_path / "report.json"
    variables = ("--env-var", f"address={site.address}", "--env-var", f"key={OPERATOR_KEY}")

    ran = run(newman, "run", COLLECTION, *variables, "-r", "cli,json", "--reporter-json-export", report)

    assert ran.returncode == 0, ran.stdout[-3000:]
    answers = {
        one["item"]["name"]: one["response"]["code"]
        for one in json.loads(report.read_text(encoding="utf-8"))["run"]["executions"]
    }
    # What one request creates, the next ones read, change, use and delete.
    for name in ("Get Need", "Change Need", "Get Matches Of Need", "Get Challenge"):
        assert answers[name] == 200, name
    assert (answers["Revoke Api Key"], answers["Delete Need"], answers["Delete Webhook"]) == (204, 204, 204)


@pytest.mark.journey
@pytest.mark.model
def test_the_client_is_generated_and_its_example_runs_as_documented(site: Program) -> None:
    documented = (ROOT / "docs" / "integrators.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```\n(  make client\n.*?)```", documented, re.DOTALL)
    assert len(set(blocks)) == 1, "both languages say the same"
    generate, export, example = (line.strip() for line in blocks[0].strip().splitlines())
    assert export == "export DUIJIE_URL=http://127.0.0.1:8000 DUIJIE_KEY=…"
    _post_capability(site)

    made = run("bash", "-c", generate)
    if not (ROOT / ".cache" / "client" / "bin" / "openapi-python-client").exists():
        pytest.skip(f"the generator could not be installed: make client says {made.stderr[-300:]}")
    ran = run(
        "bash", "-c", example, DUIJIE_URL=site.address, DUIJIE_KEY=OPERATOR_KEY, PYTHONIOENCODING="utf-8"
    )

    assert made.returncode == 0, made.stdout + made.stderr
    assert "warning" not in (made.stdout + made.stderr).lower()
    assert ran.returncode == 0, ran.stderr
    assert "视觉识别仿形棉花打顶机" in ran.stdout


def test_every_schema_has_a_name_of_its_own() -> None:
    """Two classes of one name are told apart by their modules, which is a name for nobody."""
    document: dict[str, Any] = json.loads((ROOT / DOCUMENT).read_text(encoding="utf-8"))

    assert [name for name in document["components"]["schemas"] if name.startswith("schemas__")] == []


def _post_capability(site: Program) -> None:
    client = site.client()
    body = {"title": "视觉识别仿形棉花打顶机", "kind": "achievement", "publish": True}
    posted = client.post("/v1/capabilities", json=body).json()
    wait_for(lambda: client.get(f"/v1/capabilities/{posted['id']}").json()["index_status"] == "indexed")
