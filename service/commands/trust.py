"""``duijie audit`` and ``duijie secrets``: what shows that nothing was changed, and keeps others from reading."""

from typing import Annotated

import typer

from service.access import audit
from service.platform.ciphers import add_secret, new_secret, seal_anew, sealed_columns
from service.platform.console import console, output, progress_bar
from service.platform.db import released, transaction
from service.platform.terminal_language import said

audit_app = typer.Typer(no_args_is_help=True)
secrets_app = typer.Typer(no_args_is_help=True)


@audit_app.callback()
def _audit() -> None:
    """审计记录"""


@audit_app.command()
def verify(
    anchor: Annotated[str | None, typer.Option(help="以前记下的链尾哈希，用来发现被截断的记录")] = None,
) -> None:
    """从头核对审计链，算出每一条的哈希。"""
    with released(), progress_bar() as progress, transaction() as session:
        verdict = audit.verify(session, anchor, progress)
    if verdict.broken_at is not None:
        console.print(
            said(
                "审计链在第 {broken_at} 条断开：该条或它之前的记录被改动或删除", broken_at=verdict.broken_at
            ),
            style="red",
        )
        raise typer.Exit(1)
    if not verdict.anchored:
        console.print(said("链内一致，但找不到 {anchor}：这之后的记录可能被截断", anchor=anchor), style="red")
        raise typer.Exit(1)
    console.print(said("审计链完好，共 {entries} 条。请把链尾哈希记在别处：", entries=verdict.entries))
    output.print(verdict.head or said("（空）"))


@secrets_app.command()
def new() -> None:
    """生成一个用于 DUIJIE_SECRET_KEY 的密钥。"""
    output.print(new_secret())


@secrets_app.command()
def rotate() -> None:
    """换新密钥，并把已有的联系方式和留言全部重新加密。"""
    with released(), progress_bar() as progress:
        add_secret()
        columns = list(sealed_columns())
        for place, (table, column) in enumerate(columns):
            after: tuple[object, ...] = ()
            more = True
            while more:
                with transaction() as session:
                    after = tuple(seal_anew(session, table, column, after))
                more = bool(after)
            progress("重新加密", (place + 1) / len(columns))
        with transaction() as session:
            audit.note(session, None, "secrets.rotate", None, columns=len(columns))
    console.print(said("已用最新的密钥重新加密。旧密钥打不开的备份请一并重做，然后可以停用旧密钥"))
