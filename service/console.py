"""What a person at a terminal sees while something takes long."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Column, Table

# Talk goes to standard error, results to standard output, so that they can be piped.
console = Console(stderr=True)
output = Console()


def table_of(*columns: Column | str, **options: Any) -> Table:
    """A table whose cells wrap where the terminal, or the pipe, is narrow; rich alone would cut them off."""
    return Table(
        *(Column(one, overflow="fold") if isinstance(one, str) else one for one in columns), **options
    )


# As wide as the widest table. A figure that is cut off is worth less than a line that wraps.
_WIDE = 132


def print_wide(table: Table) -> None:
    """Whole, however narrow the terminal, or the pipe, is."""
    # A console never prints wider than it takes itself to be.
    Console(width=max(output.width, _WIDE)).print(table)


@contextmanager
def progress_bar() -> Iterator[Callable[[str, float], None]]:
    """Gives a function ``(what, fraction)``; each ``what`` gets a bar of its own, full at 1."""
    with Progress(
        TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f}%"), TimeElapsedColumn(),
        console=console,
    ) as progress:  # fmt: skip
        tasks: dict[str, TaskID] = {}

        def show(what: str, fraction: float) -> None:
            if what not in tasks:
                tasks[what] = progress.add_task(what, total=1.0)
            progress.update(tasks[what], completed=fraction)

        yield show
