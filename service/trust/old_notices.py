"""Which notices and mails are old enough to go. Deliveries to webhooks go with their notice."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, or_
from sqlmodel import col

from schemas.capability import Capability
from schemas.mail import Mail, MailItem, MailState
from schemas.need import Need
from schemas.notice import Notice
from schemas.vocabulary import PostingStatus


def old_notices(before: datetime) -> tuple[Any, ColumnElement[bool]]:
    """A notice of a posting that is to be told at most once stays while the posting could still be told of."""
    published = or_(
        *(
            exists().where(
                col(table.id) == col(Notice.subject_id), col(table.status) == PostingStatus.published
            )
            for table in (Need, Capability)
        )
    )
    over = and_(col(Notice.created_at) < before, or_(col(Notice.once).is_(None), ~published))
    return Notice, over


def old_mails(before: datetime) -> tuple[Any, ColumnElement[bool]]:
    """Those that are settled, and of whose notices none is left."""
    left = exists().where(col(MailItem.mail_id) == col(Mail.id))
    return Mail, and_(col(Mail.created_at) < before, col(Mail.state) != MailState.waiting, ~left)
