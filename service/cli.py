"""The command ``duijie``."""

import json
import os
import sys
from pathlib import Path
from typing import Annotated

import typer
import uvicorn

from schemas.embedding import Side
from service import backup as backups
from service import migrations, supervisor
from service.assistant.command import mcp
from service.backup import BackupFailed
from service.ciphers import NoSecretKey, cipher
from service.console import console, output, progress_bar, table_of
from service.db import released
from service.doctor import examine
from service.embedded_postgres import PostgresUnavailable
from service.errors import Problem
from service.evaluation import evaluate_folders
from service.evaluation_report import as_json, quality_table, time_table
from service.file_import import import_file
from service.first_start import made_here, prepare
from service.greeting import greet
from service.judged import EvaluationFailed
from service.key_commands import app as key_commands
from service.list_commands import exposure, replay
from service.model_commands import app as model_commands
from service.model_folder import ensure_default_model
from service.offline_match import match_offline
from service.personal_commands import app as personal_commands
from service.reindex import reindex_all
from service.settings import settings
from service.train_commands import app as train_commands
from service.trust_commands import audit_app, secrets_app

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
    with progress_bar() as progress:
        progress("数据库", 0)
        migrations.migrate()
        progress("数据库", 1)
        ensure_default_model(progress)
        keys = prepare(progress)
    console.print("正在启动后台任务和接口……")
    supervisor.run(lambda address: greet(address, keys))
    console.print("已停止，数据保存在", str(settings().data_dir.resolve()))


@app.command()
def api(
    host: Annotated[str | None, typer.Option(help="监听地址")] = None,
    port: Annotated[int | None, typer.Option(help="监听端口")] = None,
) -> None:
    """只启动接口。"""
    cipher()
    uvicorn.run(
        "service.app:create_app",
        factory=True,
        host=host or settings().host,
        port=settings().port if port is None else port,
        log_level="warning",
        access_log=False,
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
            console.print("表结构与程序一致")
            return
        cipher()
        with progress_bar() as progress:
            keys = prepare(progress)
        for role, key in made_here(keys).items():
            console.print(f"{role.zh}密钥：{key}")


@app.command()
def seed() -> None:
    """载入演示数据；已有的不重复载入。"""
    with released(), progress_bar() as progress:
        migrations.migrate()
        prepare(progress, demo=True)


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help=".jsonl、.csv 或 .xlsx 文件")],
    kind: Annotated[Side, typer.Option(help="needs（需求）或 capabilities（供给）")],
    key: Annotated[str, typer.Option(envvar="DUIJIE_KEY", help="以哪个密钥的名义导入")],
    publish: Annotated[bool, typer.Option(help="导入后直接发布")] = False,
) -> None:
    """导入一个文件，显示进度和逐行的问题。"""
    with released(), progress_bar() as progress:
        run = import_file(file, kind, key, publish=publish, progress=progress)
    table = table_of("行", "字段", "原因", title=f"接收 {run.accepted} 行，未接收 {run.rejected} 行")
    for problem in run.errors:
        table.add_row(str(problem.row), problem.field, problem.message)
    output.print(table)
    if run.rejected:
        raise typer.Exit(1)


@app.command()
def match(
    text: Annotated[str, typer.Argument(help="自由文本")],
    looking_for: Annotated[Side, typer.Option(help="要找供给还是需求")] = Side.capabilities,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 10,
) -> None:
    """为一段文字找匹配，不保存任何内容。"""
    with released():
        table = match_offline(text, looking_for, limit)
    output.print(table)


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
        output.print(quality_table(report))
        output.print(time_table(report))
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
def backup(file: Annotated[Path, typer.Argument(help="写到哪个文件")]) -> None:
    """把数据库备份成一个文件。"""
    with released():
        backups.backup(file)
    console.print(f"已备份到 {file}（{file.stat().st_size / 1e6:.1f} MB）")


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="备份文件")],
    yes: Annotated[bool, typer.Option("--yes", help="不再询问")] = False,
) -> None:
    """用备份替换数据库的全部内容。"""
    if not yes:
        typer.confirm("数据库现有内容将全部被替换，继续吗？", abort=True)
    with released():
        backups.restore(file)
    console.print("已恢复")


@app.command()
def doctor() -> None:
    """检查各部分是否正常，并说明该怎么办。"""
    with released():
        table, healthy = examine()
    output.print(table)
    if not healthy:
        raise typer.Exit(1)


def main() -> None:
    """Run the command; a failure that a person can act on is one line, not a traceback."""
    try:
        app()
    except Problem as problem:
        detail = problem.detail or problem.title
        console.print(detail.said("zh"), style="red")
        sys.exit(1)
    except (BackupFailed, EvaluationFailed, NoSecretKey, PostgresUnavailable) as failure:
        console.print(str(failure), style="red")
        sys.exit(1)
