"""Forms whose fields may hold several things, one a line: what stands in them, and how they are read."""

import re
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ValidationError
from starlette.datastructures import FormData

from service.portal.field_errors import by_field
from service.portal.form_fields import Control, FieldShown, Filled

Row = tuple[str, Control, str, str, list[tuple[str, str]]]

# As Chinese, Uyghur and everybody else write them.
COMMA = re.compile("[，،,]")


def fields_shown(
    rows: list[Row], required: set[str], values: Mapping[str, Any], errors: Mapping[str, str]
) -> list[FieldShown]:
    return [
        FieldShown(
            name, control, label, hint, name in required, options, values.get(name, ""), errors.get(name, "")
        )
        for name, control, label, hint, options in rows
    ]


def typed_in(form: FormData, names: set[str], lists: set[str]) -> dict[str, Any]:
    """What was filled in, of lists all that was chosen."""
    values: dict[str, Any] = {}
    for name in names & form.keys():
        given = [value.strip() for value in form.getlist(name) if isinstance(value, str) and value.strip()]
        if given:
            values[name] = given if name in lists else given[-1]
    return values


def read_as(
    shape: type[BaseModel], values: Mapping[str, Any], body: Mapping[str, Any], language: str
) -> Filled:
    try:
        return Filled(values, shape.model_validate(body), {})
    except ValidationError as error:
        return Filled(values, None, by_field(error.errors(), language))


def lines_of(typed: Any) -> list[str]:
    return [line.strip() for line in str(typed or "").splitlines() if line.strip()]


def parts_of(line: str, most: int) -> list[str]:
    """What stands between commas; whatever more there are belong to the last part."""
    parts = [part.strip() for part in COMMA.split(line, most - 1)]
    return parts + [""] * (most - len(parts))


def comma_of(language: str) -> str:
    return {"zh": "，", "ug": "، "}.get(language, ", ")


def one_a_line(rows: list[list[str]], language: str) -> str:
    """As they are read again: empty parts at the end are left out."""
    comma = comma_of(language)
    return "\n".join(
        comma.join(row[: max(place for place, part in enumerate(row, 1) if part)]) for row in rows
    )
