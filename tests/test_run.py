"""``duijie run``: one command up, Ctrl-C down, and everything still there the next time."""

import socket
from pathlib import Path

import httpx2 as httpx
import psutil
import pytest

from service.platform.postgres.server import EmbeddedPostgres
from tests.running import Program, wait_for

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


def test_a_child_that_dies_during_the_start_is_started_again(tmp_path: Path) -> None:
    program = Program(tmp_path / "var")
    program.launch()
    program.kill("worker")

    program.await_ready()
    said = program.said()
    program.end()

    assert "process ended, is started again" in said


def test_children_end_with_a_supervisor_that_is_killed_and_the_next_start_has_its_port(
    tmp_path: Path,
) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    program = Program(tmp_path / "var", PORT=str(port))
    program.start()
    need = program.member().post("/v1/needs", json={"title": "红枣分级", "publish": True})
    # The database outlives it on purpose: the next start takes it over.
    children = [program.part("worker"), program.part("api")]
    assert program.process is not None

    program.process.kill()
    program.process.wait()
    wait_for(lambda: not any(_runs(one) for one in children))
    program.start()
    again = program.client().get(f"/v1/needs/{need.json()['id']}")
    program.end()

    assert None not in children
    assert again.status_code == 200
    assert not EmbeddedPostgres(program.folder / "postgres").running()


def test_a_port_that_another_program_has_is_told_before_anything_starts(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        program = Program(tmp_path / "var", PORT=str(port))
        program.launch()
        assert program.process is not None

        code = program.process.wait(60)

    assert code == 1
    assert f"端口 {port} 不可用" in program.said()
    assert not (program.folder / "postgres").exists()


def _runs(process: psutil.Process | None) -> bool:
    try:
        return process is not None and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
