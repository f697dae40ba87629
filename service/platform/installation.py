"""The row that says which installation this is, and what befell it as a whole."""

from datetime import datetime

from sqlmodel import Session, col, select

from schemas.operation import Installation


def last_backup(session: Session) -> datetime | None:
    """When the last backup was made, by hand or by the worker."""
    return session.scalar(select(col(Installation.backed_up_at)))
