"""``duijie train``: what is learned from judged pairs. Folders alone are for the score."""

from pathlib import Path
from typing import Annotated

import typer
from typer.core import TyperGroup

from service.commands.model_folder import ensure_default_model
from service.learning.encoder_card import new_folder, told_difference
from service.learning.encoder_training import train_encoder
from service.learning.score_training import train_score
from service.platform.console import console, output, print_table, progress_bar
from service.platform.settings import settings
from service.platform.terminal_language import said

_DEFAULT = "score"
_HELP = ("--help",)


class _ScoreByDefault(TyperGroup):
    """``duijie train DIR`` is ``duijie train score DIR``."""

    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:  # type: ignore[override]
        if args and args[0] not in (*self.commands, *_HELP):
            args = [_DEFAULT, *args]
        return super().parse_args(ctx, args)


app = typer.Typer(no_args_is_help=True, cls=_ScoreByDefault)

Folders = Annotated[
    list[Path],
    typer.Argument(
        exists=True, file_okay=False, help="capabilities.jsonl、needs.jsonl、qrels.tsv，可写多个文件夹"
    ),
]


@app.command()
def score(
    folders: Folders,
    out: Annotated[
        Path | None, typer.Option(help="得分写到哪个文件，默认为数据目录下的 scoring.json")
    ] = None,
    plot: Annotated[Path | None, typer.Option(help="把可靠性图（SVG）写到这个文件")] = None,
) -> None:
    """在有评判的数据上拟合得分，并说明它在未参与拟合的需求上的表现。"""
    file = out or settings().data_dir / "scoring.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    with progress_bar() as progress:
        ensure_default_model(progress)
        table = train_score(folders, file, plot, progress)
    print_table(table)
    console.print(said("已写入 {file}；要使用它，请设置 DUIJIE_SCORING={file}", file=file))


@app.command()
def encoder(
    folders: Folders,
    pairs: Annotated[
        list[Path] | None,
        typer.Option(
            exists=True, file_okay=False, help="只用于训练的成对文本，如题目与摘要；格式相同，可写多次"
        ),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="新模型写到哪个文件夹，默认在数据目录的 models 下")] = None,
    base: Annotated[str | None, typer.Option(help="从哪个模型开始，并与它比较；默认为 DUIJIE_MODEL")] = None,
    epochs: Annotated[int, typer.Option(min=1, help="训练几轮")] = 1,
    titles: Annotated[bool, typer.Option(help="也用供给自己的题目与正文训练")] = True,
) -> None:
    """用有评判的数据微调编码模型，在从未参与训练的需求上与原模型比较。没有变好时以 1 结束。"""
    folder = (out or new_folder(settings().data_dir / "models")).resolve()
    if folder.exists():
        raise typer.BadParameter(said("{folder} 已存在", folder=folder), param_hint="--out")
    with progress_bar() as progress:
        ensure_default_model(progress)
        card = train_encoder(
            folders, pairs or [], base or settings().model, epochs, folder, progress, titles=titles
        )
    output.print((folder / "README.md").read_text(encoding="utf-8"))
    console.print(told_difference(card))
    if not card.better:
        console.print(said("新模型没有变好，不能换上；留在 {folder} 供查看", folder=folder), style="red")
        raise typer.Exit(1)
    console.print(said("新模型更好。换上：duijie models promote {folder}", folder=folder))
