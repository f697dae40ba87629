"""What a command loads before it does anything: CPU seconds and resident memory, beside Python alone.

make bench-imports
"""

import os
import subprocess
import sys

from rich.table import Table

from service.platform.console import print_table

_COMMANDS = [
    "--help",
    "keys --help",
    "audit --help",
    "doctor --help",
    "run --help",
    "match --help",
    "evaluate --help",
]
_HEAVY = ("torch", "sentence_transformers", "faiss", "fastapi", "sqlalchemy")
# Which of them the command has loaded is written to standard error when it ends.
_PROGRAM = """
import atexit, sys
atexit.register(lambda: sys.stderr.write(" ".join(name for name in {heavy} if name in sys.modules)))
sys.argv = ["duijie", *{arguments}]
if {arguments}:
    from service.commands.cli import main
    main()
"""


def measure(arguments: list[str]) -> tuple[float, float, str]:
    """CPU seconds, the most resident memory in MB, and which heavy libraries were loaded."""
    program = _PROGRAM.format(heavy=_HEAVY, arguments=arguments)
    process = subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    loaded = process.stderr.read()
    _, _, usage = os.wait4(process.pid, 0)
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, loaded


def main() -> None:
    least = measure([])
    table = Table(
        "Command", "CPU s", "× Python", "MB", "× Python", "Loads", title="Before a command does anything"
    )
    for command in _COMMANDS:
        seconds, size, loaded = min(measure(command.split()) for _ in range(3))
        table.add_row(
            f"duijie {command}", f"{seconds:.2f}", f"{seconds / least[0]:.0f}", f"{size:.0f}",
            f"{size / least[1]:.1f}", loaded,
        )  # fmt: skip
    print_table(table)


if __name__ == "__main__":
    main()
