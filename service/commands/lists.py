"""``duijie exposure`` and ``duijie replay``: what lists of matches showed, and would show today."""

from typing import Annotated
from uuid import UUID

import typer

from service.commands.replay_report import replay_tables
from service.learning.exposure import exposure_report, exposure_tables
from service.matches.replay import replay_list
from service.platform.console import output, print_table
from service.platform.db import released, transaction

AsJson = Annotated[bool, typer.Option("--json", help="输出 JSON，而不是表格")]


def exposure(
    days: Annotated[int, typer.Option(min=1, max=3650, help="统计最近多少天展示过的列表")] = 30,
    as_json: AsJson = False,
) -> None:
    """各归属、各单位在匹配列表里的曝光占比，与其已发布内容的占比对照。"""
    with released(), transaction() as session:
        report = exposure_report(session, days)
    if as_json:
        output.print_json(report.model_dump_json())
        return
    for table in exposure_tables(report):
        print_table(table, wide=True)


def replay(
    list_id: Annotated[UUID, typer.Argument(metavar="ID", help="列表编号，即匹配结果里的 list_id")],
    as_json: AsJson = False,
) -> None:
    """用今天的模型、得分和索引重算一个展示过的列表，说明哪些名次不同、为什么。"""
    with released():
        replayed = replay_list(list_id)
    if as_json:
        output.print_json(replayed.model_dump_json())
        return
    for table in replay_tables(replayed):
        print_table(table, wide=True)
