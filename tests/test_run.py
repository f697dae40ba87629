"""``duijie run``: one command up, Ctrl-C down, and everything still there the next time."""

from pathlib import Path

import httpx2 as httpx
import psutil
import pytest

from tests.running import Program

pytestmark = [pytest.mark.journey, pytest.mark.model]


def test_everything_stops_on_ctrl_c_and_is_there_again_on_the_next_start(tmp_path: Path) -> None:
    program = Program(tmp_path / "var")
    program.start()
    client = program.member()
    need = client.post("/v1/needs", json={"title": "红枣分级", "publish": True}).json()
    started = program.children()

    code = program.stop()
    left = [
        child for child in started if psutil.pid_exists(child.pid) and child.status() != psutil.STATUS_ZOMBIE
    ]
    program.start()
    again = httpx.get(f"{program.address}/v1/needs/{need['id']}", headers=client.headers)
    program.end()

    assert code == 0
    assert left == []
    assert again.json()["title"] == "红枣分级"


def test_the_first_start_shows_a_key_for_each_role_and_what_to_try(tmp_path: Path) -> None:
    program = Program(tmp_path / "var", DEMO="1")
    del program.environment["DUIJIE_OPERATOR_KEY"]
    program.start()
    said = program.said()
    keys = {
        line.split("（")[1].split("）")[0]: line.split("：")[1]
        for line in said.splitlines()
        if "密钥（" in line
    }

    answers = {
        role: httpx.get(f"{program.address}/v1/needs", headers={"Authorization": f"Bearer {key}"})
        for role, key in keys.items()
    }
    program.end()

    assert set(keys) == {"member", "integrator", "broker", "operator"}
    assert {role: answer.status_code for role, answer in answers.items()} == dict.fromkeys(keys, 200)
    assert said.count("curl ") == 3
    assert len(answers["member"].json()["items"]) > 0
