"""What must not stand in a command line, which everybody on the machine can read: keys and contacts."""

import sys
from getpass import getpass
from typing import Any

import typer

from service.platform.terminal_language import said

_INPUT = "-"
#: Ends the help of what may be given so.
FROM_INPUT = "；写 - 则从标准输入读取一行"


def _read(value: str | None) -> str | None:
    if value != _INPUT:
        return value
    line = getpass("") if sys.stdin.isatty() else sys.stdin.readline()
    if not (read := line.strip()):
        raise typer.BadParameter(said("标准输入里没有内容"))
    return read


def unseen_option(what: str, variable: str) -> Any:
    """An option that also comes by the environment, or, where ``-`` stands for it, as a line of standard input."""
    return typer.Option(help=what + FROM_INPUT, envvar=variable, callback=_read)


def unseen_argument(what: str) -> Any:
    return typer.Argument(help=what + FROM_INPUT, callback=_read)
