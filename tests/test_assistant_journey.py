"""An assistant at the real door: ``duijie mcp`` over standard input and output, against the whole program."""

import asyncio
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, StdioServerParameters

from tests.running import PATIENCE, Program
from tests.service.assistants import run

pytestmark = [pytest.mark.journey, pytest.mark.model]


def door(program: Program, key: str) -> StdioServerParameters:
    """As a client's configuration has it."""
    return StdioServerParameters(
        command=sys.executable,
        args=["-m", "service", "mcp"],
        env={"DUIJIE_KEY": key, "DUIJIE_URL": program.address},
    )


async def answer(assistant: Client, tool: str, **given: Any) -> Any:
    told = await assistant.call_tool(tool, given)
    assert not told.is_error, told.content
    return told.structured_content


async def matched(assistant: Client, need_id: str) -> Any:
    """The matches of a need, as soon as there are any."""
    deadline = time.monotonic() + PATIENCE
    while not (found := await answer(assistant, "search_matches", need_id=need_id))["items"]:
        assert time.monotonic() < deadline, found
        await asyncio.sleep(0.2)
    return found["items"]


def test_an_assistant_drafts_finds_and_asks_and_people_publish_and_accept(tmp_path: Path) -> None:
    program = Program(tmp_path / "var")
    program.start()
    try:
        seeker, provider = program.member(), program.member()
        capability = provider.post(
            "/v1/capabilities",
            json={
                "title": "视觉红枣分级机",
                "description": "按大小和裂纹分级。",
                "kind": "achievement",
                "publish": True,
            },
        ).json()
        key = seeker.headers["Authorization"].removeprefix("Bearer ")

        async def converse() -> Any:
            async with Client(door(program, key)) as assistant:
                drafted = await answer(
                    assistant, "draft_need", need={"title": "红枣分级设备", "description": "日处理20吨"}
                )
                need_id = drafted["posting"]["id"]
                assert seeker.post(f"/v1/needs/{need_id}/publish").json()["status"] == "published"
                [match] = await matched(assistant, need_id)
                both = {"need_id": need_id, "capability_id": match["posting"]["id"]}
                shown = await answer(assistant, "ask_introduction", **both)
                sent = await answer(assistant, "ask_introduction", **both, message="您好", confirm=True)
                accepted = provider.post(f"/v1/introductions/{sent['introduction']['id']}/accept", json={})
                assert accepted.status_code == 200, accepted.text
                listed = await answer(assistant, "list_introductions")
                return drafted, match, shown, sent, listed

        drafted, match, shown, sent, listed = run(converse())
    finally:
        program.end()

    assert (drafted["posting"]["status"], shown["sent"], sent["sent"]) == ("draft", False, True)
    assert match["posting"]["id"] == capability["id"]
    assert match["untrusted_text"]["why"]
    assert sent["introduction"]["score"] == pytest.approx(match["score"], abs=0.01)
    assert [one["status"] for one in listed["items"]] == ["accepted"]
