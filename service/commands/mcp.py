"""``duijie mcp``"""

from typing import Annotated, Literal

import typer

from service.assistant.platform import Platform, connect
from service.assistant.server import make_server
from service.platform.settings import settings


def mcp(
    key: Annotated[str, typer.Option(envvar="DUIJIE_KEY", help="以哪个密钥的名义；建议用环境变量给出")],
    url: Annotated[
        str | None, typer.Option(envvar="DUIJIE_URL", help="平台地址，默认为本机接口", show_default=False)
    ] = None,
    language: Annotated[Literal["zh", "en", "ug", "ru"], typer.Option(help="理由和提示用哪种语言")] = "zh",
) -> None:
    """供智能助手使用的 MCP 服务（标准输入输出），调用正在运行的平台。"""
    address = url or f"http://{settings().host}:{settings().port}"
    with connect(address, key, language) as client:
        make_server(Platform(client)).run()
