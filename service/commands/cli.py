"""The command ``duijie``."""

import json
import os
import sys
from pathlib import Path
from typing import Annotated

import typer
import uvicorn

from schemas.vocabulary import Side
from service.access.key_text import WeakKey
from service.assistant.command import mcp
from service.commands import backup as backups
from service.commands import move as moving
from service.commands import supervisor
from service.commands.backup import BackupFailed
from service.commands.command_help import help_said
from service.commands.doctor import examine
from service.commands.file_import import import_file
from service.commands.first_start import made_here, prepare
from service.commands.greeting import greet
from service.commands.keys import app as key_commands
from service.commands.lists import exposure, replay
from service.commands.model_folder import ensure_default_model
from service.commands.models import app as model_commands
from service.commands.offline_match import match_offline
from service.commands.personal_data import app as personal_commands
from service.commands.reindex import reindex_all
from service.commands.supervisor import PortTaken
from service.commands.train import app as train_commands
from service.commands.trust import audit_app, secrets_app
from service.demo.removal import remove_demo
from service.http.server import server_options
from service.learning.evaluation import evaluate_folders
from service.learning.evaluation_report import as_json, quality_table, time_table
from service.learning.judged import EvaluationFailed
from service.platform import migrations
from service.platform.ciphers import NoSecretKey, cipher
from service.platform.console import console, print_table, progress_bar, table_of
from service.platform.db import StillRunning, answer_requests, released, require_stopped, transaction
from service.platform.postgres.server import PostgresUnavailable
from service.platform.postgres.version import UnsupportedServer
from service.platform.private_files import close_to_others
from service.platform.problems import Problem
from service.platform.settings import settings
from service.platform.terminal_language import said
from service.platform.typed import unseen_argument, unseen_option

_TOLD_IN_ONE_LINE = (
    BackupFailed, EvaluationFailed, NoSecretKey, PortTaken, PostgresUnavailable, StillRunning, UnsupportedServer,
    WeakKey,
)  # fmt: skip
app = typer.Typer(
    help="对接：技术供需对接服务", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False
)
app.add_typer(key_commands, name="keys", help="签发、查看和撤销密钥")
app.command()(exposure)
app.command()(replay)
app.command()(mcp)
app.add_typer(train_commands, name="train", help="用有评判的数据训练得分或编码模型")
app.add_typer(audit_app, name="audit", help="核对审计记录")
app.add_typer(secrets_app, name="secrets", help="加密用的密钥：生成、更换")
app.add_typer(personal_commands, name="personal-data", help="个人信息：查看、导出、删除")
app.add_typer(model_commands, name="models", help="查看、换上和换回编码模型")


@app.command()
def run() -> None:
    """一条命令启动全部：数据库、后台任务和接口。按 Ctrl-C 停止。"""
    settings().data_dir.mkdir(parents=True, exist_ok=True)
    # A person watches: of the processes' own lines only what went wrong.
    os.environ.setdefault("DUIJIE_LOG_LEVEL", "warning")
    if (ended := supervisor.clear_the_way()) > 0:
        console.print(said("上次运行没有正常结束，已停止其遗留的 {ended} 个进程", ended=ended))
    with released():
        with progress_bar() as progress:
            progress("数据库", 0)
            migrations.migrate()
            progress("数据库", 1)
            ensure_default_model(progress)
            keys = prepare(progress, demo="when_empty")
        console.print(said("正在启动后台任务和接口……"))
        supervisor.run(lambda address: greet(address, keys))
    console.print(said("已停止，数据保存在"), str(settings().data_dir.resolve()))


@app.command()
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


@app.command()
def worker() -> None:
    """只启动后台任务。"""
    cipher()
    # In its own process image, so that signals and exit codes are the worker's own.
    os.execv(sys.executable, [sys.executable, "-m", "workers"])  # noqa: S606


@app.command()
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
            keys = prepare(progress)
        for role, key in made_here(keys).items():
            console.print(said("{role}密钥：{key}", role=role, key=key))


@app.command()
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
                prepare(progress, demo="always")


@app.command()
def move(
    to: Annotated[str, typer.Option(envvar="DUIJIE_MOVE_TO", help="目标数据库，postgresql://…，须为空")],
) -> None:
    """把全部数据连同密钥移到另一个数据库；原来的数据不动。"""
    with released():
        file = moving.move(to)
    console.print(
        said(
            "已移到新数据库。它的地址和打开联系方式的密钥写在 {file}（只有本账号能读）："
            "\n请把其中两行放进新环境的环境变量或 .env，再启动；密钥另外妥善保管一份，"
            "然后删去该文件",
            file=file,
        )
    )


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help=".jsonl、.csv 或 .xlsx 文件")],
    kind: Annotated[Side, typer.Option(help="needs（需求）或 capabilities（供给）")],
    key: Annotated[str, unseen_option("以哪个密钥的名义导入", "DUIJIE_KEY")],
    publish: Annotated[bool, typer.Option(help="导入后直接发布")] = False,
) -> None:
    """导入一个文件，显示进度和逐行的问题。"""
    with released(), progress_bar() as progress:
        run = import_file(file, kind, key, publish=publish, progress=progress)
    table = table_of(
        "行",
        "字段",
        "原因",
        title=said("接收 {accepted} 行，未接收 {rejected} 行", accepted=run.accepted, rejected=run.rejected),
    )
    for problem in run.errors:
        table.add_row(str(problem.row), problem.field, problem.message)
    print_table(table)
    if run.rejected:
        raise typer.Exit(1)


@app.command()
def match(
    text: Annotated[str, unseen_argument("自由文本")],
    looking_for: Annotated[Side, typer.Option(help="要找供给还是需求")] = Side.capabilities,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 10,
) -> None:
    """为一段文字找匹配，不保存任何内容。"""
    with released():
        table = match_offline(text, looking_for, limit)
    print_table(table)


@app.command()
def evaluate(
    folders: Annotated[
        list[Path],
        typer.Argument(
            exists=True, file_okay=False, help="capabilities.jsonl、needs.jsonl、qrels.tsv，可写多个文件夹"
        ),
    ],
    json_file: Annotated[
        Path | None, typer.Option("--json", help="把全部数字（含每条需求的）写到这个文件")
    ] = None,
) -> None:
    """在有评判的数据上逐阶段测量匹配质量。"""
    with progress_bar() as progress:
        ensure_default_model(progress)
        reports = evaluate_folders(folders, progress)
    for report in reports:
        print_table(quality_table(report))
        print_table(time_table(report))
    if json_file is not None:
        json_file.write_text(
            json.dumps([as_json(report) for report in reports], ensure_ascii=False, indent=1),
            encoding="utf-8",
        )


@app.command()
def reindex() -> None:
    """把全部内容重新编码；其间旧向量继续服务。"""
    with released(), progress_bar() as progress:
        reindex_all(progress)


@app.command()
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


@app.command()
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


@app.command()
def doctor() -> None:
    """检查各部分是否正常，并说明该怎么办。"""
    with released():
        table, healthy = examine()
    print_table(table)
    if not healthy:
        raise typer.Exit(1)


def main() -> None:
    """Run the command; a failure that a person can act on is one line, not a traceback."""
    try:
        close_to_others()
        help_said(typer.main.get_command(app))()
    except Problem as problem:
        detail = problem.detail or problem.title
        console.print(said(detail), style="red")
        sys.exit(1)
    except _TOLD_IN_ONE_LINE as failure:
        console.print(str(failure), style="red")
        sys.exit(1)
