"""Which score this process works with."""

from functools import lru_cache
from pathlib import Path

from matching.score import Scoring, shipped_scoring
from service.platform.settings import settings


def scoring() -> Scoring:
    """The setting's, or the one that the package carries. Raises ``OSError`` or ``ValueError``."""
    return _read(settings().scoring)


@lru_cache(maxsize=2)
def _read(path: Path | None) -> Scoring:
    return shipped_scoring() if path is None else Scoring.read(path.read_text(encoding="utf-8"))
