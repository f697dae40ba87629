"""Texts of requests wait to be encoded in a queue of their own, and hold up nothing else."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx2 as httpx
import numpy as np
import pytest
from prometheus_client import REGISTRY
from sqlmodel import Session

from matching.encoder import EncodingFailed
from schemas.account import Organization
from schemas.embedding import EncoderModel
from schemas.vocabulary import Side
from service.app import create_app
from service.matches import encoding_queue
from service.matches.encoders import encode
from service.matches.live_index import LiveIndex
from service.postings.texts import Writing
from tests.conftest import Refreshed
from tests.make import EVERYTHING, make_capability, make_key, make_organization
from tests.running import wait_for
from tests.serving import HOST, serving
from tests.telling import set_to

pytestmark = pytest.mark.model


class Held:
    """The encoder, which waits until it is let go, and notes what it is given."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.given: list[list[str]] = []

    def __call__(self, model: EncoderModel, side: Side, writings: list[Writing]) -> Any:
        self.given.append([one.text for one in writings])
        assert self.go.wait(60)
        return encode(model, side, writings)


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[Held]:
    made = Held()
    monkeypatch.setattr(encoding_queue, "encode", made)
    yield made
    made.go.set()


@pytest.fixture
def key(session: Session, owner: Organization, do_work: Callable[[], None]) -> str:
    make_capability(session, owner, title="残膜回收机")
    do_work()
    return make_key(session, owner)


@pytest.fixture
def ask(key: str) -> Iterator[httpx.Client]:
    app = create_app()
    app.state.index = LiveIndex()
    app.state.index.refresh()
    with (
        set_to(wait_seconds=60),
        serving(app) as port,
        httpx.Client(
            base_url=f"http://{HOST}:{port}",
            headers={"Authorization": f"Bearer {key}"},
            timeout=60,
            limits=httpx.Limits(max_connections=200),
        ) as client,
    ):
        yield client


def wanted(text: str = "残膜") -> dict[str, Any]:
    return {"text": text, "looking_for": "capabilities", **EVERYTHING}


def waiting() -> float:
    return REGISTRY.get_sample_value("duijie_texts_waiting") or 0.0


def ended(how: str) -> float:
    return REGISTRY.get_sample_value("duijie_texts_total", {"end": how}) or 0.0


def test_encoding_holds_up_nobody_who_needs_none(ask: httpx.Client, held: Held) -> None:
    """More requests wait for the encoder than there are threads and turns."""
    with ThreadPoolExecutor(60) as clients:
        asked = [clients.submit(ask.post, "/v1/matches", json=wanted(f"残膜 {n}")) for n in range(60)]
        wait_for(lambda: waiting() == 60)
        others = {
            path: ask.get(path).status_code for path in ("/healthz", "/readyz", "/metrics", "/v1/needs")
        }
        held.go.set()
        answered = [one.result().status_code for one in asked]

    # No worker is at work here, so that the process is not ready; but it says so.
    assert others == {"/healthz": 200, "/readyz": 503, "/metrics": 200, "/v1/needs": 200}
    assert answered == [200] * 60


def test_what_waits_together_is_encoded_together_and_each_gets_its_own(ask: httpx.Client, held: Held) -> None:
    texts = [f"残膜回收{'棉田' * n}" for n in range(8)]
    with ThreadPoolExecutor(9) as clients:
        first = clients.submit(ask.post, "/v1/matches", json=wanted())
        wait_for(lambda: held.given)
        asked = [clients.submit(ask.post, "/v1/matches", json=wanted(text)) for text in texts]
        wait_for(lambda: waiting() == 9)
        held.go.set()
        together = [one.result().json()["items"][0]["signals"]["dense"] for one in asked]
        first.result()

    alone = [
        ask.post("/v1/matches", json=wanted(text)).json()["items"][0]["signals"]["dense"] for text in texts
    ]
    assert sorted(held.given[1]) == sorted(texts)
    assert together == pytest.approx(alone, abs=5e-3)
    assert len(set(np.round(alone, 3))) > 4


def test_what_waits_too_long_is_told_that_the_service_is_busy(ask: httpx.Client, held: Held) -> None:
    with set_to(wait_seconds=0.2):
        answer = ask.post("/v1/matches", json=wanted(), headers={"Accept-Language": "ru"})
        page = ask.get("/search", params={"q": "残膜"}, headers={"Accept": "text/html"})

    assert (answer.status_code, answer.json()["type"]) == (503, "busy")
    assert answer.json()["title"] == "Сервис перегружен; повторите попытку позже"
    assert page.status_code == 503
    assert answer.headers["Retry-After"] == page.headers["Retry-After"] == "10"
    assert "服务繁忙，请稍后再试" in page.text


def test_a_full_queue_refuses_at_once(key: str, held: Held) -> None:
    with set_to(encoding_queue=1):
        app = create_app()
        app.state.index = LiveIndex()
        app.state.index.refresh()
        with serving(app) as port, ThreadPoolExecutor(2) as clients:

            def post(text: str) -> httpx.Response:
                return httpx.post(
                    f"http://{HOST}:{port}/v1/matches",
                    json=wanted(text),
                    headers={"Authorization": f"Bearer {key}"},
                    timeout=60,
                )

            asked = [clients.submit(post, "一")]
            wait_for(lambda: held.given)
            asked.append(clients.submit(post, "二"))
            wait_for(lambda: waiting() == 2)
            refused = post("三")
            held.go.set()

            assert (refused.status_code, refused.json()["type"]) == (503, "busy")
            assert [one.result().status_code for one in asked] == [200, 200]


def test_what_its_client_has_left_is_not_encoded(ask: httpx.Client, held: Held, key: str) -> None:
    left, body = ended("left"), json.dumps(wanted("没人等待的文字")).encode()
    with ThreadPoolExecutor(2) as clients:
        first = clients.submit(ask.post, "/v1/matches", json=wanted("一"))
        wait_for(lambda: held.given)
        with socket.create_connection((HOST, ask.base_url.port)) as leaving:
            leaving.sendall(
                b"POST /v1/matches HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                b"Authorization: Bearer %s\r\nContent-Length: %d\r\n\r\n%s" % (key.encode(), len(body), body)
            )
            wait_for(lambda: waiting() == 2)
        wait_for(lambda: ended("left") == left + 1)
        last = clients.submit(ask.post, "/v1/matches", json=wanted("二"))
        wait_for(lambda: waiting() == 2)
        held.go.set()
        assert first.result().status_code == last.result().status_code == 200

    assert held.given == [["一"], ["二"]]


def test_a_text_that_cannot_be_encoded_is_no_matter_of_the_others(
    ask: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    go, given = threading.Event(), []

    def failing(model: EncoderModel, side: Side, writings: list[Writing]) -> Any:
        given.append(len(writings))
        assert go.wait(60)
        if any(one.text == "坏" for one in writings):
            raise EncodingFailed
        return encode(model, side, writings)

    monkeypatch.setattr(encoding_queue, "encode", failing)
    with ThreadPoolExecutor(3) as clients:
        asked = [clients.submit(ask.post, "/v1/matches", json=wanted("一"))]
        wait_for(lambda: given)
        asked += [clients.submit(ask.post, "/v1/matches", json=wanted(text)) for text in ("坏", "好")]
        wait_for(lambda: waiting() == 3)
        go.set()

        assert [one.result().status_code for one in asked] == [200, 500, 200]
    assert given == [1, 2, 1, 1]


def test_of_a_long_text_the_beginning_is_read_and_the_answer_says_how_much(ask: httpx.Client) -> None:
    with set_to(free_text_limit=100):
        whole = ask.post("/v1/matches", json=wanted("残膜" * 50)).json()
        longer = ask.post("/v1/matches", json=wanted("残膜" * 50 + "羊" * 19_000)).json()

    assert whole["read_characters"] is None
    assert longer["read_characters"] == 100
    assert longer["note"].startswith("文字较长，仅按前 100 个字符匹配。")
    assert longer["items"][0]["score"] == whole["items"][0]["score"]


def test_words_in_a_body_are_there_again_in_the_second_round(
    ask: httpx.Client, session: Session, refreshed: Refreshed
) -> None:
    """The page's form is read from the body before the text in it is encoded."""
    signed = httpx.Client(
        base_url=ask.base_url, timeout=60, headers={"Origin": str(ask.base_url).rstrip("/")}
    )
    with signed:
        signed.post("/sign-in", data={"key": make_key(session, make_organization(session))})
        token = signed.get("/needs/new").text.split('name="form_token" value="')[1].split('"')[0]

        hints = signed.post("/needs/new/hints", data={"form_token": token, "title": "棉田残膜回收" * 20})

    assert hints.status_code == 200
    assert "残膜回收机" in hints.text
