"""How long personal data stays: what is over its time is emptied, some rows at a time; the rows themselves stay."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy import (
    Column,
    ColumnElement,
    SQLColumnExpression,
    Table,
    and_,
    case,
    delete,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.orm import InstrumentedAttribute
from sqlmodel import Session, col

from schemas.base import now
from schemas.bid import Bid
from schemas.broker import Broker, BrokerEvaluation
from schemas.capability import Capability
from schemas.challenge import ENDED, Challenge, ChallengeStep
from schemas.contract import Contract
from schemas.import_run import ImportRun
from schemas.introduction import Introduction
from schemas.introduction_follow_up import IntroductionFollowUp
from schemas.introduction_nda import IntroductionNda
from schemas.mail import MailAddress
from schemas.need import Need
from schemas.operation import AnsweredRequest
from schemas.retention import PERIODS, Fading, Retention
from schemas.sealed import Sealed
from schemas.vocabulary import PostingStatus
from schemas.web_session import WebSession
from schemas.webhook import Webhook
from service.access import audit, portal_sessions
from service.platform.settings import settings
from service.trust.old_notices import old_mails, old_notices
from service.trust.subject_requests import holdings

_ROWS = 500
_IDLE = (PostingStatus.closed, PostingStatus.expired, PostingStatus.rejected)


class Rule(NamedTuple):
    """What goes with the rows of ``root``, and since when its time runs; null: not yet."""

    retention: Retention
    root: Any
    since: SQLColumnExpression[Any]


def forget_what_is_over(session: Session) -> bool:
    """Empty some of what was kept long enough. Whether there may be more."""
    more = False
    for rule in rules():
        more |= _forget(session, rule)
    _empty_replaced_secrets(session)
    for table, over in _whole_rows():
        more |= _delete_some(session, table, over)
    return more


def rules() -> list[Rule]:
    postings = [
        Rule(Retention.posting, table, case((col(table.status).in_(_IDLE), col(table.updated_at))))
        for table in (Need, Capability)
    ]
    introduction_end = (
        select(col(Introduction.ended_at))
        .where(col(Introduction.id) == col(IntroductionNda.introduction_id))
        .scalar_subquery()
    )
    challenge_end = (
        select(func.min(col(ChallengeStep.created_at)))
        .join(Challenge, col(Challenge.id) == col(ChallengeStep.challenge_id))
        .where(
            col(Challenge.id) == col(Bid.challenge_id),
            col(Challenge.status).in_(ENDED),
            col(ChallengeStep.status).in_(ENDED),
        )
        .scalar_subquery()
    )
    last_said = func.greatest(
        col(BrokerEvaluation.confirmed_at),
        col(BrokerEvaluation.answered_at),
    )
    return [
        *postings,
        Rule(Retention.introduction, Introduction, col(Introduction.ended_at)),
        Rule(Retention.follow_up, IntroductionFollowUp, col(IntroductionFollowUp.answered_at)),
        Rule(Retention.secrecy, IntroductionNda, introduction_end),
        Rule(Retention.imported, ImportRun, col(ImportRun.finished_at)),
        Rule(
            Retention.contract,
            Contract,
            func.coalesce(col(Contract.cancelled_at), col(Contract.fulfilled_at)),
        ),
        Rule(Retention.tender, Bid, challenge_end),
        Rule(Retention.registered, Broker, col(Broker.ended_at)),
        Rule(Retention.evaluated, BrokerEvaluation, last_said),
    ]


def _whole_rows() -> list[tuple[Any, ColumnElement[bool]]]:
    """What is deleted, since nothing is left of it without what is over."""
    stale = _ago(settings().mail_address_days)
    return [
        (AnsweredRequest, col(AnsweredRequest.created_at) < _ago(settings().answer_days)),
        (WebSession, portal_sessions.is_over()),
        (
            MailAddress,
            or_(
                col(MailAddress.unsubscribed_at) < stale,
                and_(col(MailAddress.confirmed_at).is_(None), col(MailAddress.asked_at) < stale),
            ),
        ),
        old_notices(_ago(settings().notice_days)),
        old_mails(_ago(settings().notice_days)),
    ]


def _forget(session: Session, rule: Rule) -> bool:
    root = rule.root
    setting = PERIODS[rule.retention].setting
    assert setting is not None
    forgotten: InstrumentedAttribute[datetime | None] = root.forgotten_at
    ids = list(
        session.execute(
            select(root.id)
            .where(
                rule.since < _ago(getattr(settings(), setting)),
                # What began anew since is over anew.
                or_(forgotten.is_(None), forgotten < rule.since),
            )
            .limit(_ROWS)
            .with_for_update(skip_locked=True, of=root)
        ).scalars()
    )
    if not ids:
        return False
    for holding, table, column in holdings():
        if holding.kept is rule.retention and (key := _key_to(table, root.__table__)) is not None:
            _empty(session, table, column, key, ids)
    session.execute(update(root).where(root.id.in_(ids)).values(forgotten_at=now()))
    audit.note(session, None, "personal_data.forget", None, table=root.__tablename__, rows=len(ids))
    return len(ids) == _ROWS


def _key_to(table: Table, root: Table) -> Column[Any] | None:
    """The column by which rows of ``table`` belong to one of ``root``: its own id, or the key that leads there."""
    if table is root:
        return table.c.id
    return next((key.parent for key in table.foreign_keys if key.column.table is root), None)


def _empty(
    session: Session, table: Table, column: Column[Any], key: Column[Any], ids: Sequence[UUID]
) -> None:
    if not _keeps_figures(column):
        session.execute(update(table).where(key.in_(ids)).values({column: _nothing(column)}))
        return
    rows = session.execute(select(table.c.id, column).where(key.in_(ids))).all()
    for row, value in rows:
        session.execute(update(table).where(table.c.id == row).values({column: value.without_words()}))


def _keeps_figures(column: Column[Any]) -> bool:
    kind = column.type
    assert isinstance(kind, Sealed)
    return isinstance(kind.kind, type) and issubclass(kind.kind, Fading)


def _nothing(column: Column[Any]) -> Any:
    """What a column holds that holds nothing."""
    kind = column.type
    assert isinstance(kind, Sealed)
    if column.nullable:
        return None
    nothings: tuple[Any, ...] = ("", [], {})
    for empty in nothings:
        try:
            return kind.adapter.validate_python(empty)
        except ValidationError:
            continue
    raise TypeError(f"{column} cannot be emptied: let it be nullable")


def _empty_replaced_secrets(session: Session) -> None:
    over = and_(col(Webhook.old_secret).is_not(None), col(Webhook.old_secret_until) < now())
    session.execute(update(Webhook).where(over).values(old_secret=None, old_secret_until=None))


def _delete_some(session: Session, table: Any, over: ColumnElement[bool]) -> bool:
    keys = list(table.__table__.primary_key.columns)
    rows = session.execute(select(*keys).where(over).limit(_ROWS).with_for_update(skip_locked=True)).all()
    for row in rows:
        session.execute(delete(table).where(*(key == value for key, value in zip(keys, row, strict=True))))
    return len(rows) == _ROWS


def _ago(days: int) -> datetime:
    return now() - timedelta(days=days)
