"""``duijie match``: the API's own matching, without an API."""

from typing import Annotated

import typer
from rich.table import Table

from schemas.match import CapabilityMatch, MatchFilters
from schemas.vocabulary import Side
from schemas.wording import Wording
from service.matches.live_index import LiveIndex
from service.matches.matches import match_text_once
from service.platform.console import print_table, table_of
from service.platform.db import released, transaction
from service.platform.problems import Problem
from service.platform.terminal_language import terminal_language
from service.platform.typed import unseen_argument


def match_offline(text: str, looking_for: Side, limit: int) -> Table:
    index = LiveIndex()
    index.refresh()
    if index.serving is None:
        raise Problem(
            Wording("还没有建立索引，请先运行 duijie run", "There is no index yet: start duijie run first")
        )
    with transaction() as session:
        found = match_text_once(
            session,
            index.serving,
            text,
            looking_for,
            MatchFilters(limit=limit, min_score=0),
            terminal_language(),
        )
    table = table_of("名次", "得分", "名称", "单位", "理由")
    for item in found.items:
        posting = item.capability if isinstance(item, CapabilityMatch) else item.need
        table.add_row(
            str(item.rank), f"{item.score:.2f}", posting.title, posting.organization.name, item.summary
        )
    return table


def match(
    text: Annotated[str, unseen_argument("自由文本")],
    looking_for: Annotated[Side, typer.Option(help="要找供给还是需求")] = Side.capabilities,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 10,
) -> None:
    """为一段文字找匹配，不保存任何内容。"""
    with released():
        table = match_offline(text, looking_for, limit)
    print_table(table)
