"""The npm packages that some tests need, as `make tools` installs them."""

from pathlib import Path

import pytest

_PACKAGES = Path(__file__).parents[1] / ".cache" / "tools" / "node_modules"


def npm_file(name: str) -> Path:
    """A file of a package, such as ``axe-core/axe.min.js``. Skips the test if it is not installed."""
    found = _PACKAGES / name
    if not found.exists():
        pytest.skip(f"needs {name}: make tools")
    return found


def npm_command(name: str) -> Path:
    """A package's command, such as ``newman``."""
    return npm_file(f".bin/{name}")
