"""``duijie api`` and ``duijie worker``: one process each."""

import os
import sys
from typing import Annotated

import typer
import uvicorn

from service.http.server import server_options
from service.platform.ciphers import cipher
from service.platform.db import answer_requests
from service.platform.settings import settings


def api(
    host: Annotated[str | None, typer.Option(help="监听地址")] = None,
    port: Annotated[int | None, typer.Option(help="监听端口")] = None,
) -> None:
    """只启动接口。"""
    answer_requests()
    cipher()
    uvicorn.run(
        "service.app:create_app",
        factory=True,
        host=host or settings().host,
        port=settings().port if port is None else port,
        **server_options(),
    )


def worker() -> None:
    """只启动后台任务。"""
    cipher()
    # In its own process image, so that signals and exit codes are the worker's own.
    os.execv(sys.executable, [sys.executable, "-m", "workers"])  # noqa: S606
