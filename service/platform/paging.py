"""Keyset pages, newest first. The cursor is opaque to clients: it is the id of the last row seen."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, Field
from sqlalchemy import Select
from sqlmodel import Session

from schemas import cursors
from schemas.base import Shape


def _one_of_ours(cursor: str) -> str:
    read_cursor(cursor)
    return cursor


Cursor = Annotated[str, AfterValidator(_one_of_ours)]


class ListQuery(Shape):
    """What every list takes. Unknown parameters are refused, so that a mistyped filter is not ignored."""

    limit: int = Field(default=20, ge=1, le=200)
    cursor: Cursor | None = Field(default=None, description="`next_cursor` of the page before.")
    facets: bool = Field(default=False, description="Count per filter value, each under all other filters.")


def read_cursor(cursor: str) -> UUID:
    return UUID(bytes=cursors.read_cursor("page", cursor))


def cursor_after(last: UUID) -> str:
    return cursors.write_cursor("page", last.bytes)


def page(session: Session, query: Select[Any], key: Any, asked: ListQuery) -> tuple[list[Any], str | None]:
    """The rows of one page, newest first, and the cursor of the next one.

    ``key`` is the id column that orders ``query``; the first column of each row is the object that has it.
    """
    if asked.cursor is not None:
        query = query.where(key < read_cursor(asked.cursor))
    # One more than asked for tells whether there is another page.
    rows = list(session.execute(query.order_by(key.desc()).limit(asked.limit + 1)).all())
    more = len(rows) > asked.limit
    rows = rows[: asked.limit]
    return rows, cursor_after(rows[-1][0].id) if more else None
