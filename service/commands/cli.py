"""The command ``duijie``. The module of a command is imported when it is called, so that help comes at once."""

import sys
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from service.commands.command_help import help_said
from service.platform.console import console
from service.platform.private_files import close_to_others
from service.platform.terminal_language import said
from service.platform.unable import Unable

#: Where each command is, and what it does. ``duijie --help`` lists them in this order.
COMMANDS = {
    "run": ("run:run", "一条命令启动全部：数据库、后台任务和接口。按 Ctrl-C 停止。"),
    "api": ("serve:api", "只启动接口。"),
    "worker": ("serve:worker", "只启动后台任务。"),
    "migrate": ("database:migrate", "把数据库升级到当前版本；空数据库会得到第一个运营方密钥。"),
    "seed": ("database:seed", "载入演示数据，已有的不重复载入；或用 --remove 全部删去。"),
    "move": ("database:move", "把全部数据连同密钥移到另一个数据库；原来的数据不动。"),
    "import": ("file_import:import_", "导入一个文件，显示进度和逐行的问题。"),
    "match": ("offline_match:match", "为一段文字找匹配，不保存任何内容。"),
    "evaluate": ("evaluate:evaluate", "在有评判的数据上逐阶段测量匹配质量。"),
    "reindex": ("reindex:reindex", "把全部内容重新编码；其间旧向量继续服务。"),
    "backup": ("database:backup", "把数据库备份成一个文件。"),
    "restore": ("database:restore", "用备份替换数据库的全部内容。"),
    "doctor": ("doctor:doctor", "检查各部分是否正常，并说明该怎么办。"),
    "exposure": ("lists:exposure", "各归属、各单位在匹配列表里的曝光占比，与其已发布内容的占比对照。"),
    "replay": ("lists:replay", "用今天的模型、得分和索引重算一个展示过的列表，说明哪些名次不同、为什么。"),
    "mcp": ("mcp:mcp", "供智能助手使用的 MCP 服务（标准输入输出），调用正在运行的平台。"),
    "keys": ("keys:app", "签发、查看和撤销密钥"),
    "train": ("train:app", "用有评判的数据训练得分或编码模型"),
    "audit": ("trust:audit_app", "核对审计记录"),
    "secrets": ("trust:secrets_app", "加密用的密钥：生成、更换"),
    "personal-data": ("personal_data:app", "个人信息：查看、导出、删除"),
    "models": ("models:app", "查看、换上和换回编码模型"),
}
# Modules of the extra `train`.
_EXTRA = {"pytrec_eval", "scipy", "datasets", "accelerate"}
# For `duijie run` alone.
_HIDDEN = {"prepare": ("database:prepare", "")}


class _Command(TyperCommand):
    """Stands for a command until it is called."""

    def __init__(self, name: str, place: str, about: str) -> None:
        super().__init__(name, help=about and said(about))
        self.place = place

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:
        return self._loaded().make_context(info_name, args, parent, **extra)

    def _loaded(self) -> Any:
        module, _, name = self.place.partition(":")
        try:
            found = getattr(import_module(f"service.commands.{module}"), name)
        except ModuleNotFoundError as error:
            if error.name not in _EXTRA:
                raise
            raise Unable(
                said("此命令需要训练和评测用的组件，请先安装：pip install 'duijie[train]'")
            ) from error
        if not isinstance(found, typer.Typer):
            made = typer.Typer(add_completion=False)
            made.command(self.name)(found)
            found = made
        loaded = help_said(typer.main.get_command(found))
        loaded.help = loaded.help or self.help
        return loaded


class _Commands(TyperGroup):
    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 -- typer's signature
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002
        found = (COMMANDS | _HIDDEN).get(cmd_name)
        return found and _Command(cmd_name, *found)


app = typer.Typer(
    cls=_Commands,
    help="对接：技术供需对接服务",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback()
def _duijie() -> None:
    pass


def main() -> None:
    """Run the command; a failure that a person can act on is one line, not a traceback."""
    try:
        close_to_others()
        help_said(typer.main.get_command(app))()
    except Unable as failure:
        console.print(failure.told(), style="red")
        sys.exit(1)
