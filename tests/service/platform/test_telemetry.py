"""A request goes on with the trace of whoever asks, and OpenTelemetry's variables export it."""

import gzip
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from queue import Queue
from typing import Any

import pytest
import structlog
from fastapi.testclient import TestClient
from structlog.testing import capture_logs

from service.app import create_app
from service.platform.observe import set_up_log
from service.platform.telemetry import asked_exporter, set_up_telemetry

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = "00f067aa0ba902b7"

# Makes one request, two that are not exported, and a task. No database is needed for what is exported.
_WORK = """
import sys
from celery import Celery
from fastapi.testclient import TestClient
from service.app import create_app
from workers.observed import observe

def spoken():
    pass

app = create_app()
app.get("/spoken/{name}")(lambda name: None)
asked = TestClient(app, raise_server_exceptions=False, client=("127.0.0.1", 50_000))
parent = {"traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}
for path in ("/spoken/secret?word=secret", "/healthz", "/v1/challenges/7/bids"):
    asked.get(path, headers=parent)
observe()
Celery(set_as_current=False).task(name="duijie.spoken")(spoken).apply()
print("imported" if "opentelemetry.sdk" in sys.modules else "clean")
"""


@pytest.fixture(scope="module")
def server(database: None) -> TestClient:
    return TestClient(create_app(), client=("127.0.0.1", 50_000))


@pytest.fixture(autouse=True)
def wordy() -> Iterator[None]:
    set_up_log("info")
    yield
    set_up_log("error")


def traced(server: TestClient, headers: list[tuple[str, str]]) -> Any:
    with capture_logs(processors=[structlog.contextvars.merge_contextvars]) as lines:
        server.get("/v1/domains", headers=headers)
    (asked,) = [line for line in lines if line["event"] == "request"]
    return asked["trace_id"]


@pytest.mark.parametrize(
    "given",
    [f"00-{TRACE}-{PARENT}-01", f"00-{TRACE}-{PARENT}-00", f"cc-{TRACE}-{PARENT}-01-what-comes-later"],
)
def test_the_log_has_the_trace_of_the_caller(server: TestClient, given: str) -> None:
    assert traced(server, [("traceparent", given)]) == TRACE


@pytest.mark.parametrize(
    "given",
    [
        [],
        [f"ff-{TRACE}-{PARENT}-01"],
        [f"00-{'0' * 32}-{PARENT}-01"],
        [f"00-{TRACE}-{'0' * 16}-01"],
        [f"00-{TRACE.upper()}-{PARENT}-01"],
        [f"00-{TRACE}-{PARENT}-01-more"],
        [f"00-{TRACE}-{PARENT}"],
        [f"00-{TRACE}-{PARENT}-01"] * 2,
        ["secret words"],
    ],
)
def test_without_a_valid_one_each_request_begins_its_own(server: TestClient, given: list[str]) -> None:
    headers = [("traceparent", value) for value in given]
    first, second = traced(server, headers), traced(server, headers)

    assert len(bytes.fromhex(first)) == 16
    assert len({first, second, TRACE, "0" * 32}) == 4


def work(environ: dict[str, str], *before: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("OTEL_")}
    return subprocess.run(
        [sys.executable, "-c", "\n".join([*before, _WORK])],
        env=clean | environ,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )


@pytest.fixture
def collector() -> Iterator[tuple[str, Queue[tuple[str, bytes]]]]:
    taken: Queue[tuple[str, bytes]] = Queue()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            zipped = self.headers.get("Content-Encoding") == "gzip"
            taken.put((self.path, gzip.decompress(body) if zipped else body))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", taken
        server.shutdown()
        thread.join()


def test_spans_of_requests_and_tasks_are_sent(collector: tuple[str, Queue[tuple[str, bytes]]]) -> None:
    service = pytest.importorskip(
        "opentelemetry.proto.collector.trace.v1.trace_service_pb2",
        reason="the extra telemetry is not installed",
    )
    address, taken = collector
    work({"OTEL_EXPORTER_OTLP_ENDPOINT": address})

    spans: dict[str, Any] = {}
    while not taken.empty():
        path, body = taken.get()
        assert path == "/v1/traces"
        assert b"secret" not in body
        told = service.ExportTraceServiceRequest.FromString(body)
        spans |= {
            span.name: span
            for resource in told.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        }
    assert set(spans) == {"GET /spoken/{name}", "duijie.spoken"}
    asked = spans["GET /spoken/{name}"]
    assert (asked.trace_id.hex(), asked.parent_span_id.hex()) == (TRACE, PARENT)
    assert spans["duijie.spoken"].trace_id.hex() != TRACE


def test_nothing_is_imported_where_nobody_asks() -> None:
    assert work({}).stdout.splitlines()[-1] == "clean"


@pytest.mark.parametrize(
    ("environ", "exporter"),
    [
        ({}, None),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": ""}, None),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"}, "otlp"),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://127.0.0.1:4318/v1/traces"}, "otlp"),
        ({"OTEL_TRACES_EXPORTER": "console"}, "console"),
        ({"OTEL_TRACES_EXPORTER": "none", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"}, None),
        ({"OTEL_SDK_DISABLED": "TRUE", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"}, None),
    ],
)
def test_its_own_variables_turn_it_on_and_off(environ: dict[str, str], exporter: str | None) -> None:
    assert asked_exporter(environ) == exporter


@pytest.fixture
def set_up_anew() -> Iterator[None]:
    set_up_telemetry.cache_clear()
    yield
    set_up_telemetry.cache_clear()


@pytest.mark.parametrize(
    ("exporter", "sentence"),
    [("otlp", "pip install 'duijie[telemetry]'"), ("zipkin", "otlp, console or none, and not zipkin")],
)
def test_what_keeps_traces_from_being_made_is_told_once(
    set_up_anew: None, monkeypatch: pytest.MonkeyPatch, exporter: str, sentence: str
) -> None:
    monkeypatch.setenv("OTEL_TRACES_EXPORTER", exporter)
    monkeypatch.delenv("OTEL_SDK_DISABLED", raising=False)
    monkeypatch.setitem(sys.modules, "service.platform.spans", None)

    with capture_logs() as lines:
        assert set_up_telemetry() is None
        assert set_up_telemetry() is None

    (line,) = lines
    assert sentence in line["why"]
