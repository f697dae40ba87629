"""An assistant that calls a tool, through the SDK's own client."""

import asyncio
import json
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import httpx2 as httpx
from mcp import Client
from mcp.client.context import ClientRequestContext
from mcp.types import CallToolResult, ElicitRequestParams, ElicitResult

from service.assistant.platform import Platform
from service.assistant.server import make_server

R = TypeVar("R")


def run(work: Coroutine[Any, Any, R]) -> R:
    """On a thread of its own: a browser that another test drives keeps a loop running on this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


def called(
    client: httpx.Client, tool: str, /, mode: str = "auto", person: Any = None, **given: Any
) -> CallToolResult:
    """person: what somebody at an assistant that can ask them answers; else it cannot ask."""

    async def answers(context: ClientRequestContext, params: ElicitRequestParams) -> ElicitResult:
        answer: ElicitResult = person(params)
        return answer

    async def call() -> CallToolResult:
        server = make_server(Platform(client))
        async with Client(server, mode=mode, elicitation_callback=answers if person else None) as assistant:
            return await assistant.call_tool(tool, given)

    return run(call())


def found(client: httpx.Client, tool: str, /, **given: Any) -> Any:
    answer = called(client, tool, **given)
    assert not answer.is_error, answer.content
    return answer.structured_content


def problem(answer: CallToolResult) -> Any:
    """What the API told, word for word."""
    assert answer.is_error
    [content] = answer.content
    assert content.type == "text"
    return json.loads(content.text.partition(": ")[2])
