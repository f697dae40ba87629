"""A worker has figures and log lines of its own."""

import json
import socket
from urllib.request import urlopen

import pytest
from prometheus_client.parser import text_string_to_metric_families

from service.platform.observe import set_up_log
from tests.telling import set_to
from workers.app import make_app
from workers.observed import observe


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


def succeed() -> None:
    pass


def fail() -> None:
    raise ValueError


def test_each_task_is_counted_timed_and_logged(capsys: pytest.CaptureFixture[str]) -> None:
    app = make_app("redis://localhost", "postgresql://localhost/none")
    good, bad = app.task(name="duijie.good")(succeed), app.task(name="duijie.bad")(fail)
    port = free_port()
    with set_to(worker_metrics_port=port):
        observe()
    set_up_log("info")

    good.apply()
    good.apply()
    bad.apply()

    set_up_log("error")
    with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        text = answer.read().decode()
    told = {
        (sample.name, sample.labels.get("task"), sample.labels.get("state")): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    assert told["duijie_tasks_total", "duijie.good", "SUCCESS"] == 2
    assert told["duijie_tasks_total", "duijie.bad", "FAILURE"] == 1
    assert told["duijie_task_seconds_count", "duijie.good", None] == 2
    assert told["duijie_tasks_under_way", None, None] == 0
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines() if line.startswith("{")]
    assert [(line["task"], line["state"]) for line in lines if line["event"] == "task"] == [
        ("duijie.good", "SUCCESS"),
        ("duijie.good", "SUCCESS"),
        ("duijie.bad", "FAILURE"),
    ]
