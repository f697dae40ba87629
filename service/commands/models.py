"""``duijie models``: which encoder serves, and the change to another and back."""

from pathlib import Path
from typing import Annotated

import typer

from matching.encoder import DEFAULT_MODEL
from schemas.embedding import EncoderModel, ModelState
from schemas.wording import Wording
from service.access import audit
from service.learning.encoder_card import fingerprint_of, read_card, refuse_unless_better
from service.matches.encoders import encoder_for
from service.matches.live_index import serving_model
from service.matches.model_choice import (
    KnownModel,
    known_models,
    refuse_if_set_by_hand,
    register,
    roll_back,
)
from service.matches.scoring import scoring
from service.platform.console import console, copied, print_table, progress_bar, table_of
from service.platform.db import released, transaction
from service.platform.problems import NotThere
from service.platform.terminal_language import said

app = typer.Typer(invoke_without_command=True)


@app.callback()
def models(ctx: typer.Context) -> None:
    """列出编码模型：哪个在服务，哪个正在构建，可以退回哪个。"""
    if ctx.invoked_subcommand is None:
        show()


@app.command("list")
def show() -> None:
    """列出编码模型、状态和进度。"""
    table = table_of(copied("名称"), "状态", "已编码", copied("来源"), "登记时间")
    with released(), transaction() as session:
        for known in known_models(session):
            model = known.model
            table.add_row(
                model.name,
                _state(known),
                f"{known.encoded:.0%}",
                model.source,
                f"{model.created_at:%Y-%m-%d %H:%M}",
            )
    print_table(table, wide=True)


@app.command()
def promote(
    source: Annotated[str, typer.Argument(metavar="FOLDER", help="模型文件夹，或 default（自带的模型）")],
    unproven: Annotated[bool, typer.Option("--unproven", help="没有成绩单也换：对它的好坏自己负责")] = False,
) -> None:
    """换上一个模型。后台任务先把全部内容重新编码，其间旧模型继续服务；没有变好的不换。"""
    refuse_if_set_by_hand()
    if source != DEFAULT_MODEL:
        folder = Path(source).resolve()
        if not (folder / "modules.json").is_file():
            raise NotThere(
                Wording(f"{folder} 不是 sentence-transformers 模型文件夹", f"{folder} holds no such model")
            )
        source = str(folder)
    with released(), progress_bar() as progress:
        encoder = encoder_for(source, progress)
        if source != DEFAULT_MODEL:
            with transaction() as session:
                serving = serving_model(session)
            card = read_card(Path(source))
            refuse_unless_better(card, encoder.name, serving.name if serving else None, unproven=unproven)
        model = register(source, progress)
        with transaction() as session:
            audit.note(session, None, "model.promote", None, model=model.name)
    _tell(model)
    if fingerprint_of(str(scoring().card.get("encoder"))) != fingerprint_of(model.name):
        console.print(
            said(
                "得分是按另一个模型拟合的。换上后请用有评判的数据重新拟合：DUIJIE_MODEL={source} "
                "duijie train score 数据文件夹",
                source=source,
            )
        )


@app.command()
def rollback() -> None:
    """退回上一个模型；正在构建新模型时，放弃它。"""
    with released():
        model = roll_back()
        with transaction() as session:
            audit.note(session, None, "model.rollback", None, model=model.name)
    _tell(model)


def _tell(model: EncoderModel) -> None:
    if model.state is ModelState.serving:
        console.print(said("正在服务的模型：{name}", name=model.name))
    else:
        console.print(
            said("后台任务正在用 {name} 编码，完成后自动换上；进度见 duijie models", name=model.name)
        )


def _state(known: KnownModel) -> str:
    names = {ModelState.serving: "正在服务", ModelState.building: "正在构建", ModelState.retired: "可以退回"}
    return said(names[known.model.state])
