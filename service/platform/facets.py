"""Counts per filter value beside a list."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlmodel import Session


def facet_counts(
    session: Session,
    base: Select[Any],
    facets: Mapping[str, Any],
    filters: dict[str, ColumnElement[bool]],
) -> dict[str, dict[str, int]]:
    """How many rows each value of each facet would leave.

    A facet is counted under all filters but its own, so that a person sees what choosing another
    value would give. ``facets`` maps a filter's name to its column, or to ``unnest`` of an array.
    """
    counts = {}
    for name, column in facets.items():
        query = base.with_only_columns(column.label("value"))
        for other, condition in filters.items():
            if other != name:
                query = query.where(condition)
        values = query.subquery()
        rows = session.execute(
            select(values.c.value, func.count()).where(values.c.value.is_not(None)).group_by(values.c.value)
        )
        counts[name] = {
            str(value): count for value, count in sorted(rows, key=lambda row: (-row[1], str(row[0])))
        }
    return counts
