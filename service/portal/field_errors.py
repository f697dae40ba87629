"""What is wrong with a form, by field, as it stands beside each."""

import re
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from service.platform.problems import NotThere, field_problems


def by_field(errors: Sequence[Any], language: str) -> dict[str, str]:
    """The first thing that is wrong with each field. errors: pydantic's."""
    found: dict[str, str] = {}
    for problem in field_problems([{**one, "loc": ("body", *one["loc"])} for one in errors], language):
        found.setdefault(problem.pointer.strip("/").split("/")[0], problem.message)
    return found


def id_in(written: object) -> UUID:
    """An id that a form carried, hidden. Nobody types it; for what is none there is nothing."""
    try:
        return UUID(str(written))
    except ValueError as error:
        raise NotThere from error


def number_in(written: object) -> int | None:
    """A whole number as people write one; None for anything else, and for what nobody counts."""
    text = str(written or "").strip()
    return int(text) if re.fullmatch("[0-9]{1,9}", text) else None
