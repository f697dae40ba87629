"""How migrations run: one at a time, giving up rather than holding up the service."""

from typing import Any

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import text
from sqlalchemy.dialects.postgresql.base import ischema_names
from sqlmodel import SQLModel

from schemas import tables
from schemas.base import Choice, Structured
from schemas.posting import TransactionId
from schemas.sealed import Sealed
from service.platform.db import engine

# The one type of ours that reflection meets.
ischema_names["xid8"] = TransactionId
assert tables.__all__  # importing it registers every table

# Any number that nothing else in this database locks.
_ONE_AT_A_TIME = 0x4D494752


def _ours(kind: str, item: Any, context_: AutogenContext) -> str | bool:
    """Write our own column types as the plain ones that they are in the database."""
    if kind == "type" and isinstance(item, Choice | Sealed):
        return "sa.Text()"
    if kind == "type" and isinstance(item, Structured):
        context_.imports.add("from sqlalchemy.dialects import postgresql")
        return "postgresql.JSONB()"
    return False


def _included(_: Any, name: str | None, kind: str, reflected: bool, compare_to: Any) -> bool:
    """The queue's tables are its package's affair."""
    return not (kind == "table" and reflected and compare_to is None and str(name).startswith(("q_", "a_")))


with engine().connect() as connection:
    connection.execute(text("SET lock_timeout = '5s'"))
    connection.execute(text("SET statement_timeout = 0"))
    connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": _ONE_AT_A_TIME})
    connection.commit()
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        render_item=_ours,
        include_object=_included,
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": _ONE_AT_A_TIME})
    connection.commit()
