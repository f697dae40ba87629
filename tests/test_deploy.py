"""The examples in deploy/ fit the program: figures, commands and settings that they name exist."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import prometheus_client
import pytest
import yaml

import workers.observed  # noqa: F401 - registers the worker's figures
from service.app import create_app  # noqa: F401 - registers the others
from service.commands.cli import COMMANDS
from service.platform.settings import Settings

DEPLOY = Path(__file__).parents[1] / "deploy"
ALERTS = yaml.safe_load((DEPLOY / "prometheus" / "alerts.yml").read_text(encoding="utf-8"))
DASHBOARD = json.loads((DEPLOY / "grafana" / "duijie.json").read_text(encoding="utf-8"))


def figures() -> set[str]:
    """Every name under which a figure can be asked for."""
    families = list(prometheus_client.REGISTRY.collect())
    counters = {f"{one.name}_total" for one in families if one.type == "counter"}
    buckets = {
        f"{one.name}_{end}"
        for one in families
        if one.type == "histogram"
        for end in ("bucket", "count", "sum")
    }
    return {one.name for one in families} | counters | buckets


def named(expression: str) -> set[str]:
    return set(re.findall(r"\b(?:duijie|process)_\w+", expression))


def test_alerts_ask_for_figures_that_there_are_and_say_what_to_do() -> None:
    [group] = ALERTS["groups"]

    assert len(group["rules"]) >= 8
    assert {name for rule in group["rules"] for name in named(rule["expr"])} - figures() == set()
    assert all(
        rule["annotations"]["summary"] and rule["annotations"]["description"] for rule in group["rules"]
    )


def test_the_dashboard_asks_for_figures_that_there_are() -> None:
    asked = {
        name for panel in DASHBOARD["panels"] for target in panel["targets"] for name in named(target["expr"])
    }

    assert len(asked) >= 10
    assert asked - figures() == set()


@pytest.mark.parametrize("unit", ["duijie-api", "duijie-worker"])
def test_units_start_commands_that_there_are(unit: str) -> None:
    text = (DEPLOY / "systemd" / f"{unit}.service").read_text(encoding="utf-8")
    known = set(COMMANDS)

    started = re.findall(r"bin/duijie (\w+)", text)

    assert started
    assert set(started) <= known
    assert {name.lower() for name in re.findall(r"DUIJIE_([A-Z_]+)", text)} <= set(Settings.model_fields)


def test_nginx_takes_its_example(tmp_path: Path) -> None:
    nginx = shutil.which("nginx")
    if nginx is None:
        pytest.skip("needs nginx: make tools")
    folder = tmp_path / "nginx"
    folder.mkdir()
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=duijie.example.cn",
         "-keyout", folder / "key.pem", "-out", folder / "fullchain.pem"],
        check=True, capture_output=True,
    )  # fmt: skip
    site = (
        (DEPLOY / "nginx" / "duijie.conf").read_text(encoding="utf-8").replace("/etc/ssl/duijie", str(folder))
    )
    # The version in Debian 12 has no directive of its own for HTTP/2 yet.
    (folder / "site.conf").write_text(site.replace("    http2 on;\n", ""), encoding="utf-8")
    (folder / "nginx.conf").write_text(
        f"pid {folder}/pid; error_log {folder}/error.log;\nevents {{}}\nhttp {{ include {folder}/site.conf; }}\n",
        encoding="utf-8",
    )

    checked = subprocess.run(
        [nginx, "-t", "-c", folder / "nginx.conf"], capture_output=True, text=True, check=False
    )

    assert checked.returncode == 0, checked.stderr
