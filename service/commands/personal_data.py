"""``duijie personal-data``: what is kept of a person, for whoever has the machine."""

import json
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from schemas.personal_data import PersonAsked
from schemas.wording import Wording
from service.platform.console import console, output, print_table, table_of
from service.platform.db import released, transaction
from service.platform.problems import Unfit, field_problems
from service.platform.terminal_language import said, terminal_language
from service.platform.typed import unseen_option
from service.trust import subject_requests as personal_data

app = typer.Typer(no_args_is_help=True)

Email = Annotated[str, unseen_option("邮箱", "DUIJIE_PERSON_EMAIL")]
Phone = Annotated[str, unseen_option("电话", "DUIJIE_PERSON_PHONE")]
Name = Annotated[str, unseen_option("姓名，只给姓名会找到所有同名的人", "DUIJIE_PERSON_NAME")]


@app.callback()
def _personal_data() -> None:
    """个人信息：导出、删除"""


@app.command()
def purposes() -> None:
    """列出保存哪些个人信息、用途、依据和期限。"""
    table = table_of("位置", "内容", "用途", "依据", "保存期限", "保存理由")
    for one in personal_data.purposes():
        kept = said(one.kept) if one.days is None else said("{kept}{days}天", kept=one.kept, days=one.days)
        table.add_row(one.where, said(one.what), said(one.purpose), said(one.basis), kept, said(one.ground))
    print_table(table)


@app.command()
def export(
    email: Email = "",
    phone: Phone = "",
    name: Name = "",
    file: Annotated[Path | None, typer.Option(help="写到这个文件，而不是屏幕")] = None,
) -> None:
    """导出一个人的全部个人信息（JSON）。"""
    asked = _asked(email, phone, name)
    with released(), transaction() as session:
        found = personal_data.export(session, None, asked)
    text = json.dumps(found.model_dump(mode="json"), ensure_ascii=False, indent=1)
    if file is None:
        output.print(text)
        return
    file.touch(mode=0o600)
    file.write_text(text, encoding="utf-8")
    console.print(said("已写入 {file}，共 {places} 处", file=file, places=len(found.found)))


@app.command()
def erase(
    email: Email = "",
    phone: Phone = "",
    name: Name = "",
    yes: Annotated[bool, typer.Option("--yes", help="不再询问")] = False,
) -> None:
    """删除一个人的个人信息，并说明依法保留的部分。"""
    asked = _asked(email, phone, name)
    if not yes:
        typer.confirm(said("删除后不能恢复，继续吗？"), abort=True)
    with released(), transaction() as session:
        done = personal_data.erase(session, None, asked)
    table = table_of("位置", "处数", title=said("已删除"))
    for one in done.erased:
        table.add_row(one.where, str(one.rows))
    print_table(table)
    for words in done.to_change:
        console.print(
            said("已发布的文字提到此人，请发布单位修改：{where} {id}", where=words.where, id=words.id)
        )
    console.print(said("依法保留："))
    for stays in done.stays:
        until = (
            said("；{kept}{days}天清除", kept=stays.kept, days=stays.days)
            if stays.kept and stays.days
            else ""
        )
        console.print(
            f"- {said(stays.why)}{until}" + (said("（{rows} 处）", rows=stays.rows) if stays.rows else "")
        )


def _asked(email: str, phone: str, name: str) -> PersonAsked:
    try:
        return PersonAsked(email=email, phone=phone, name=name)
    except ValidationError as error:
        [told, *_] = field_problems(error.errors(), terminal_language())
        raise Unfit("", told.code, Wording(told.message, told.message)) from error
