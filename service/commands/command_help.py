"""What ``--help`` shows, in the language of the terminal."""

from typing import Any

from service.platform.terminal_language import said
from service.platform.typed import FROM_INPUT


def help_said(command: Any) -> Any:
    """A command of typer's, its helps and those of the commands below it translated in place."""
    for explained in (command, *command.params):
        if explained.help:
            what, from_input, _ = explained.help.partition(FROM_INPUT)
            explained.help = said(what) + (said(from_input) if from_input else "")
    for below in getattr(command, "commands", {}).values():
        help_said(below)
    return command
