"""Whole journeys through running processes: posted → matched, broken → healed, two processes → one answer."""

import json
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from typing import Any

import httpx2 as httpx
import pytest

from tests.make import EVERYTHING
from tests.running import PATIENCE, Program, answers, wait_for

pytestmark = [pytest.mark.journey, pytest.mark.model]


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    running = Program(tmp_path_factory.mktemp("journeys") / "var")
    running.start()
    yield running
    running.end()


def titles(client: httpx.Client, text: str, **more: Any) -> list[str]:
    body = {
        "text": text,
        "looking_for": "capabilities",
        "limit": 1000,
        "reasons": False,
        **EVERYTHING,
        **more,
    }
    answer = answers(lambda: client.post("/v1/matches", json=body))
    return [item["capability"]["title"] for item in answer.json()["items"]] if answer else []


def test_what_is_posted_is_matched_with_reasons_and_what_is_closed_is_not(program: Program) -> None:
    client = program.member()
    need = client.post(
        "/v1/needs",
        json={"title": "软籽石榴采后预冷保鲜", "description": "果实易裂，需延长货架期。", "publish": True},
    ).json()
    capability = client.post(
        "/v1/capabilities",
        json={
            "title": "石榴预冷保鲜成套技术",
            "description": "移动式差压预冷，延长货架期。",
            "kind": "achievement",
            "publish": True,
        },
    ).json()

    def matched() -> Any:
        answer = client.get(f"/v1/needs/{need['id']}/matches").json()
        return answer["status"] == "ready" and [
            item for item in answer["items"] if item["capability"]["id"] == capability["id"]
        ]

    (item,) = wait_for(matched)
    client.post(f"/v1/capabilities/{capability['id']}/close")
    afterwards = client.get(f"/v1/needs/{need['id']}/matches").json()["items"]

    quoted = next(reason for reason in item["reasons"] if reason["kind"] == "text")
    for quote, posting in ((quoted["need"], need), (quoted["capability"], capability)):
        assert quote["text"] == posting[quote["field"]][quote["start"] : quote["end"]] != ""
    assert 0 < item["score"] <= 1
    assert capability["id"] not in [one["capability"]["id"] for one in afterwards]


def test_a_posting_is_taken_while_the_worker_is_down_and_indexed_when_it_returns(program: Program) -> None:
    client = program.member()
    program.kill("worker")

    answer = client.post(
        "/v1/capabilities", json={"title": "光伏板无水清洗机器人", "kind": "achievement", "publish": True}
    )

    assert answer.status_code == 201
    assert answer.json()["index_status"] == "pending"
    wait_for(lambda: "光伏板无水清洗机器人" in titles(client, "光伏板清洗"))


def test_two_api_processes_give_the_same_answers(program: Program) -> None:
    client = program.member()
    port = httpx.URL(program.address).port
    assert port is not None
    second = subprocess.Popen(
        [sys.executable, "-m", "service", "api", "--port", str(port + 1)], env=program.environment
    )
    other = httpx.Client(base_url=f"http://127.0.0.1:{port + 1}", headers=client.headers, timeout=60)
    try:
        wait_for(lambda: answers(lambda: other.get("/readyz")))

        posted = client.post(
            "/v1/capabilities", json={"title": "羊布病胶体金快速检测卡", "kind": "service", "publish": True}
        ).json()
        wait_for(lambda: posted["title"] in titles(client, "羊布病检测"))
        wait_for(lambda: posted["title"] in titles(other, "羊布病检测"), patience=5)
        body = {"text": "羊布病检测", "looking_for": "capabilities"}
        ours, theirs = (one.post("/v1/matches", json=body).json() for one in (client, other))
        client.post(f"/v1/capabilities/{posted['id']}/close")
        gone = posted["title"] not in titles(other, "羊布病检测")
    finally:
        other.close()
        second.terminate()
        second.wait(30)

    assert ours.pop("list_id") != theirs.pop("list_id")
    assert ours == theirs
    assert gone


def test_an_import_survives_the_death_of_worker_api_and_database(program: Program) -> None:
    client = program.member()
    rows = [
        {"external_id": f"行{number}", "title": f"第{number}号棉种丸粒化包衣", "kind": "achievement"}
        for number in range(2000)
    ]
    file = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows).encode()
    posted = client.post(
        "/v1/imports", files={"file": ("棉种.jsonl", file)}, data={"kind": "capabilities", "publish": "true"}
    ).json()
    import_address = f"/v1/imports/{posted['id']}"

    def state() -> dict[str, Any]:
        answer = answers(lambda: client.get(import_address))
        return answer.json() if answer else {}

    def has_moved_on(since: int) -> bool:
        return state().get("done", 0) > since or state().get("status") == "finished"

    for part in ("worker", "database", "api"):
        wait_for(partial(has_moved_on, state().get("done", 0)))
        program.kill(part)
        wait_for(state)
    wait_for(lambda: state().get("status") == "finished")

    ended = state()
    assert (ended["accepted"], ended["rejected"]) == (2000, 0)
    assert _external_ids(client) == sorted(row["external_id"] for row in rows)
    wait_for(lambda: _pending(client) == 0, patience=3 * PATIENCE)
    # The API was killed last, and answers "indexing" until its index is there again.
    wait_for(lambda: answers(lambda: client.get("/readyz")))
    found = titles(client, "棉种丸粒化包衣", limit=1000)
    assert len(found) == len(set(found)) == 1000


def _external_ids(client: httpx.Client) -> list[str]:
    """Of every posting of the caller's, page by page."""
    found: list[str] = []
    cursor = None
    while True:
        asked: dict[str, str | int | bool] = {
            "mine": True,
            "limit": 200,
            **({"cursor": cursor} if cursor else {}),
        }
        page = client.get("/v1/capabilities", params=asked).json()
        found += [item["external_id"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            return sorted(found)


def _pending(client: httpx.Client) -> int:
    asked: dict[str, str | int | bool] = {"mine": True, "facets": True, "limit": 1, "status": "published"}
    counts: dict[str, int] = client.get("/v1/capabilities", params=asked).json()["facets"]["index_status"]
    return sum(count for status, count in counts.items() if status != "indexed")
