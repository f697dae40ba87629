"""``duijie evaluate``: how good matches are, on judged data."""

import json
from pathlib import Path
from typing import Annotated

import typer

from service.commands.model_folder import ensure_default_model
from service.learning.evaluation import evaluate_folders
from service.learning.evaluation_report import as_json, quality_table, time_table
from service.platform.console import print_table, progress_bar


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
