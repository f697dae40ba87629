"""The reranker changes the order of the first places, and nothing else; without time it changes nothing."""

from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlmodel import Session

from matching.rerank import Reranker
from service.platform.settings import settings
from tests.conftest import ClientFor, Refreshed
from tests.make import make_capability
from tests.matching.test_rerank import QUERY, TEXTS, make_cross_encoder

pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def cross_encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_cross_encoder(tmp_path_factory.mktemp("cross"))


@pytest.fixture
def client(session: Session, client_for: ClientFor, refreshed: Refreshed) -> TestClient:
    for title in TEXTS:
        make_capability(session, title=title)
    return refreshed(client_for())


def ask(client: TestClient, **more: Any) -> dict[str, Any]:
    body = {"text": QUERY, "looking_for": "capabilities", "min_score": 0, "reasons": False, **more}
    told: dict[str, Any] = client.post("/v1/matches", json=body).json()
    return told


def titles(told: dict[str, Any]) -> list[str]:
    return [item["capability"]["title"] for item in told["items"]]


def test_the_first_places_are_put_in_the_rerankers_order_and_keep_their_scores(
    client: TestClient, cross_encoder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = ask(client)
    monkeypatch.setattr(settings(), "reranker", str(cross_encoder))
    monkeypatch.setattr(settings(), "reranker_seconds", 3600)

    told = ask(client)

    scores = Reranker.load(str(cross_encoder), 1).scores(QUERY, titles(plain), 3600)
    expected = [
        title for _, title in sorted(zip(scores, titles(plain), strict=True), key=lambda pair: -pair[0])
    ]
    assert (plain["reranked"], told["reranked"]) == ("off", "whole")
    assert titles(told) == expected != titles(plain)
    by_title = {item["capability"]["title"]: item["score"] for item in plain["items"]}
    assert {item["capability"]["title"]: item["score"] for item in told["items"]} == by_title
    assert [item["rank"] for item in told["items"]] == list(range(1, len(TEXTS) + 1))


def test_out_of_time_the_order_stays_and_the_answer_says_so(
    client: TestClient, cross_encoder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = ask(client)
    monkeypatch.setattr(settings(), "reranker", str(cross_encoder))
    monkeypatch.setattr(settings(), "reranker_seconds", 0)

    told = ask(client)

    assert told["reranked"] == "part"
    assert titles(told) == titles(plain)


def test_pages_of_a_reranked_list_neither_repeat_nor_skip(
    client: TestClient, cross_encoder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings(), "reranker", str(cross_encoder))
    monkeypatch.setattr(settings(), "reranker_seconds", 3600)
    whole = titles(ask(client))

    first = ask(client, limit=6)
    second = ask(client, limit=6, cursor=first["next_cursor"])

    assert titles(first) + titles(second) == whole
