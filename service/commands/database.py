"""``duijie migrate``, ``seed``, ``move``, ``backup`` and ``restore``: what is done with the database as a whole."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from service.commands import backup as backups
from service.commands.first_start import locally_created_keys
from service.commands.first_start import prepare as make_ready
from service.commands.model_folder import ensure_default_model
from service.commands.move import move as move_to
from service.demo.removal import remove_demo
from service.platform import migrations
from service.platform.ciphers import cipher
from service.platform.console import console, progress_bar
from service.platform.db import released, require_stopped, transaction
from service.platform.terminal_language import said


def prepare() -> None:
    """What ``duijie run`` needs before it starts API and worker; the keys to show go to standard output, as JSON."""
    with progress_bar() as progress:
        progress("数据库", 0)
        migrations.migrate()
        progress("数据库", 1)
        ensure_default_model(progress)
        keys = make_ready(progress, demo="when_empty")
    shown = locally_created_keys(keys)
    sys.stdout.write(json.dumps({role: shown.get(role) for role in keys}))


def migrate(
    check: Annotated[bool, typer.Option("--check", help="只检查表结构与程序是否一致")] = False,
) -> None:
    """把数据库升级到当前版本；空数据库会得到第一个运营方密钥。"""
    with released():
        migrations.migrate()
        if check:
            if (difference := migrations.drift()) is not None:
                console.print(difference)
                raise typer.Exit(1)
            console.print(said("表结构与程序一致"))
            return
        cipher()
        with progress_bar() as progress:
            keys = make_ready(progress)
        for role, key in locally_created_keys(keys).items():
            console.print(said("{role}密钥：{key}", role=role, key=key))


def seed(
    remove: Annotated[bool, typer.Option("--remove", help="删去全部演示数据，以及与之相关的一切")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="删去时不再询问")] = False,
) -> None:
    """载入演示数据，已有的不重复载入；或用 --remove 全部删去。"""
    if remove and not yes:
        typer.confirm(
            said("演示单位的全部内容，以及别人与它们的对接、合同和揭榜都将删除，继续吗？"), abort=True
        )
    with released():
        migrations.migrate()
        if remove:
            require_stopped()
            with transaction() as session:
                counts = remove_demo(session)
            console.print(
                said("已删去演示数据，共 {rows} 行", rows=sum(counts.values()))
                if counts
                else said("没有演示数据")
            )
        else:
            with progress_bar() as progress:
                make_ready(progress, demo="always")


def move(
    to: Annotated[str, typer.Option(envvar="DUIJIE_MOVE_TO", help="目标数据库，postgresql://…，须为空")],
) -> None:
    """把全部数据连同密钥移到另一个数据库；原来的数据不动。"""
    with released():
        file = move_to(to)
    console.print(
        said(
            "已移到新数据库。它的地址和打开联系方式的密钥写在 {file}（只有本账号能读）："
            "\n请把其中两行放进新环境的环境变量或 .env，再启动；密钥另外妥善保管一份，"
            "然后删去该文件",
            file=file,
        )
    )


def backup(
    file: Annotated[Path, typer.Argument(help="写到哪个文件，不覆盖已有的")],
    verify: Annotated[bool, typer.Option("--verify", help="再恢复到一个临时数据库，证明可用")] = False,
) -> None:
    """把数据库备份成一个文件。"""
    with released():
        backups.back_up(file, verify=verify)
    proven = said("，已试恢复，可用") if verify else ""
    console.print(
        said(
            "已备份到 {file}（{size:.1f} MB）{proven}",
            file=file,
            size=file.stat().st_size / 1e6,
            proven=proven,
        )
    )


def restore(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="备份文件")],
    yes: Annotated[bool, typer.Option("--yes", help="不再询问")] = False,
) -> None:
    """用备份替换数据库的全部内容。"""
    if not yes:
        typer.confirm(said("数据库现有内容将全部被替换，继续吗？"), abort=True)
    with released():
        backups.restore(file)
    console.print(said("已恢复"))
