"""A bug can be traced from its reply to its log line, and is told in no other words."""

from collections.abc import Iterator

import pytest
import structlog
from fastapi import FastAPI
from fastapi.responses import StreamingResponse
from fastapi.testclient import TestClient
from structlog.testing import capture_logs

from service.app import create_app
from service.platform.observe import set_up_log


@pytest.fixture(scope="module")
def broken() -> FastAPI:
    app = create_app()

    def fails() -> None:
        raise ZeroDivisionError

    def breaks_off() -> StreamingResponse:
        def told() -> Iterator[bytes]:
            yield b"some"
            raise ZeroDivisionError

        return StreamingResponse(told())

    app.get("/fails")(fails)
    app.get("/breaks-off")(breaks_off)
    return app


# Raises whatever the server would print again.
@pytest.fixture
def server(database: None, broken: FastAPI) -> TestClient:
    return TestClient(broken, raise_server_exceptions=True, client=("127.0.0.1", 50_000))


@pytest.fixture
def wordy() -> Iterator[None]:
    set_up_log("info")
    yield
    set_up_log("error")


def test_the_reply_to_a_bug_names_the_request_as_its_log_lines_do(server: TestClient, wordy: None) -> None:
    with capture_logs(processors=[structlog.contextvars.merge_contextvars]) as lines:
        answer = server.get("/fails")

    assert answer.status_code == 500
    assert answer.json()["type"] == "internal-error"
    (failed,) = [line for line in lines if line["event"] == "request failed"]
    (asked,) = [line for line in lines if line["event"] == "request"]
    assert failed["request_id"] == asked["request_id"] == answer.headers["x-request-id"]
    assert isinstance(failed["exc_info"], ZeroDivisionError)


def test_a_page_that_fails_has_the_headers_of_every_page(server: TestClient) -> None:
    answer = server.get("/fails", headers={"Accept": "text/html"})

    assert answer.status_code == 500
    assert "frame-ancestors" in answer.headers["content-security-policy"]
    assert answer.headers["x-request-id"]


def test_a_reply_that_breaks_off_is_logged_once(server: TestClient) -> None:
    with capture_logs() as lines:
        server.get("/breaks-off")

    assert [line["event"] for line in lines].count("request failed") == 1


def test_no_stranger_adds_lines_to_the_metrics(server: TestClient) -> None:
    for method in ("BREW", "PROPFIND", "X" * 200):
        server.request(method, "/v1/needs")
        server.request(method, "/nowhere/at/all")
        server.request("GET", f"/nowhere/{method}")

    told = server.get("/metrics").text
    counted = [line for line in told.splitlines() if line.startswith("duijie_requests_total")]
    assert any('method="other"' in line for line in counted)
    assert not any(one in line for line in counted for one in ("BREW", "PROPFIND", "XXX", "nowhere"))
