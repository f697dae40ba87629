"""docs/settings.md and the settings themselves."""

import re
from pathlib import Path
from typing import Any

from service.platform.settings import Settings

_DOCUMENT = Path(__file__).parents[3] / "docs" / "settings.md"
_ROW = re.compile(r"^\| `(?P<name>DUIJIE_\w+)` \| (?P<default>.+?) \| (?P<meaning>.+) \|$", re.MULTILINE)


def test_every_setting_is_documented_with_its_default_and_meaning() -> None:
    settings = [
        (f"DUIJIE_{name.upper()}", _written(field.default), field.description)
        for name, field in Settings.model_fields.items()
    ]

    documented = [
        (row["name"], row["default"], row["meaning"])
        for row in _ROW.finditer(_DOCUMENT.read_text(encoding="utf-8"))
    ]

    assert documented == settings


def _written(default: Any) -> str:
    if default is None:
        return "none"
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"
