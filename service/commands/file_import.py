"""``duijie import``: a file handed to the worker, and watched."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from schemas.import_run import ImportRun, ImportStatus
from schemas.vocabulary import Scope, Side
from service.access.principal import principal_for
from service.platform.console import console, print_table, progress_bar, table_of
from service.platform.db import released, transaction
from service.platform.terminal_language import said, terminal_language
from service.platform.typed import unseen_option
from service.postings.imports import post_import

_LOOK_EVERY = 0.3


def import_file(
    file: Path, kind: Side, key: str, *, publish: bool, progress: Callable[[str, float], None]
) -> ImportRun:
    """Post the file and wait for its end. A running worker does the work; without one it waits for one."""
    with transaction() as session, file.open("rb") as opened:
        caller = principal_for(session, key)
        caller.require_scope(Scope.import_)
        run = post_import(
            session,
            caller,
            kind=kind,
            publish=publish,
            file_name=file.name,
            file=opened,
            language=terminal_language(),
        )
    while True:
        with transaction() as session:
            run = session.get_one(ImportRun, run.id)
        progress("导入（由后台任务完成）", run.done / max(run.rows, 1))
        if run.status is not ImportStatus.running:
            return run
        time.sleep(_LOOK_EVERY)


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
    if run.status is ImportStatus.failed:
        console.print(run.failure, style="red")
    if run.rejected or run.status is ImportStatus.failed:
        raise typer.Exit(1)
