"""What a person at a terminal sees while something takes long."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from rich.cells import cell_len
from rich.console import Console
from rich.measure import Measurement
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Column, Table

from service.platform.terminal_language import said


def _console(**options: Any) -> Console:
    """Prints text as it is: no line is broken and no [bracket] read as markup, so that it can be copied whole."""
    return Console(soft_wrap=True, markup=False, emoji=False, highlight=False, **options)


# Talk goes to standard error, results to standard output, so that they can be piped.
console = _console(stderr=True)
output = _console()


def table_of(*columns: Column | str, **options: Any) -> Table:
    """A table whose cells wrap where the terminal, or the pipe, is narrow; rich alone would cut them off."""
    return Table(
        *(Column(said(one), overflow="fold") if isinstance(one, str) else one for one in columns), **options
    )


def copied(heading: str) -> Column:
    """A column whose cells people copy, such as ids, paths and commands: never wrapped."""
    return Column(said(heading), no_wrap=True)


# As wide as the widest table. A figure that is cut off is worth less than a line that wraps.
_WIDE = 132


def print_table(table: Table, *, to: Console = output, wide: bool = False) -> None:
    """Print a table; where the terminal is narrower than what must stay whole, its lines run on.

    wide: as a figure needs it, at least 132 columns.
    """
    measuring = _console(width=10_000)
    for column in table.columns:
        if column.no_wrap:
            widths = (Measurement.get(measuring, measuring.options, cell).maximum for cell in column.cells)
            column.min_width = max([column.min_width or 0, cell_len(str(column.header)), *widths])
    least = Measurement.get(measuring, measuring.options, table).minimum
    _console(file=to.file, width=max(to.width, least, _WIDE if wide else 0)).print(table, soft_wrap=False)


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
                tasks[what] = progress.add_task(said(what), total=1.0)
            progress.update(tasks[what], completed=fraction)

        yield show
