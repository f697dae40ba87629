"""``duijie run``: everything on one machine. This process stays small: it starts the others and minds them."""

import json
import os
import subprocess

import typer

from schemas.vocabulary import Role
from service.commands import attached, supervisor
from service.commands.greeting import greet
from service.platform.console import console
from service.platform.postgres.server import embedded_postgres
from service.platform.settings import settings
from service.platform.terminal_language import said


def run() -> None:
    """一条命令启动全部：数据库、后台任务和接口。按 Ctrl-C 停止。"""
    settings().data_dir.mkdir(parents=True, exist_ok=True)
    # A person watches: of the processes' own lines only what went wrong.
    os.environ.setdefault("DUIJIE_LOG_LEVEL", "warning")
    if (ended := supervisor.clear_the_way()) > 0:
        console.print(said("上次运行没有正常结束，已停止其遗留的 {ended} 个进程", ended=ended))
    was_up = not settings().embedded or embedded_postgres().running()
    try:
        keys = _prepared()
        console.print(said("正在启动后台任务和接口……"))
        supervisor.run(lambda address: greet(address, keys))
    finally:
        if not was_up:
            embedded_postgres().stop()
    console.print(said("已停止，数据保存在"), str(settings().data_dir.resolve()))


def _prepared() -> dict[Role, str | None]:
    """Make the database ready in a process of its own, which takes the memory that this needs away with it.

    The keys to show; None for one that its giver has already.
    """
    command = attached.command(settings().data_dir, "service", "prepare")
    done = subprocess.run(command, check=False, stdout=subprocess.PIPE)
    if done.returncode:
        raise typer.Exit(done.returncode)
    return {Role(role): key for role, key in json.loads(done.stdout).items()}
