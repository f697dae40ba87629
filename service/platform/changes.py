"""Fields of a row, replaced by what was sent."""

from typing import TypeVar

from pydantic import BaseModel
from sqlalchemy.orm import object_session
from sqlmodel import SQLModel

T = TypeVar("T")


def assign(row: SQLModel, sent: BaseModel) -> bool:
    """Replace the fields that were sent. Says whether the row differs from what the database has.

    Where it does not, there is nothing to count as a version, to note or to tell anybody.
    """
    for name in sent.model_fields_set:
        setattr(row, name, getattr(sent, name))
    return is_changed(row)


def in_known_order(items: list[T], known: list[T]) -> list[T]:
    """Those that were there before as they stood, then the new ones: the same ones in another order are no change."""
    return sorted(items, key=lambda item: known.index(item) if item in known else len(known))


def is_changed(row: SQLModel) -> bool:
    """Whether the row differs from what the database has. Has to be asked before anything is flushed."""
    session = object_session(row)
    assert session is not None
    return session.is_modified(row)
