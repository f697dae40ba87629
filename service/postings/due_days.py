"""By which day a publicly funded result is to be transferred: the stated one, or one that is assumed."""

import calendar
from datetime import date

from sqlmodel import Session, col, select

from schemas.capability import Capability
from schemas.vocabulary import CapabilityKind, PostingStatus
from service.platform.china_time import CHINA
from service.platform.settings import settings

_RESULTS = (CapabilityKind.achievement, CapabilityKind.patent)
_SLICE = 1_000


def set_due(capability: Capability) -> None:
    """Bring the day up to the fields. One that was assumed once stays: publishing anew does not gain time."""
    if not capability.publicly_funded:
        capability.transfer_due, capability.transfer_assumed = None, False
    elif capability.transfer_by is not None:
        capability.transfer_due, capability.transfer_assumed = capability.transfer_by, False
    elif capability.kind not in _RESULTS or capability.published_at is None:
        capability.transfer_due, capability.transfer_assumed = None, False
    elif not capability.transfer_assumed:
        published = capability.published_at.astimezone(CHINA).date()
        capability.transfer_due = _months_after(published, settings().transfer_months)
        capability.transfer_assumed = True


def backfill_due_dates(session: Session) -> bool:
    """Set the due date of results that were published before there was one. True if there may be more."""
    lacking = session.exec(
        select(Capability)
        .where(
            col(Capability.publicly_funded).is_(True),
            col(Capability.transfer_due).is_(None),
            col(Capability.kind).in_(_RESULTS),
            col(Capability.status) == PostingStatus.published,
            col(Capability.published_at).is_not(None),
            col(Capability.deleted_at).is_(None),
        )
        .limit(_SLICE)
        .with_for_update(skip_locked=True)
    ).all()
    for capability in lacking:
        set_due(capability)
        session.add(capability)
    return len(lacking) == _SLICE


def _months_after(day: date, months: int) -> date:
    """The same day of that month, or its last."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
