"""What became of an introduction, in one place for all who count it."""

from datetime import date

from sqlalchemy import ColumnElement, DateTime, ScalarSelect, and_, cast, func, or_, select
from sqlmodel import col

from schemas.contract import Contract, ContractStatus
from schemas.introduction import Introduction, IntroductionOutcome, IntroductionStatus

_ZONE = "Asia/Shanghai"


def became_contract() -> ColumnElement[bool]:
    """Whether an introduction led to a contract: signed here, or as the parties said when they ended it."""
    told = and_(
        col(Introduction.status) == IntroductionStatus.ended,
        col(Introduction.outcome) == IntroductionOutcome.contract,
    )
    return or_(_signed_on().is_not(None), told)


def contract_came_at() -> ColumnElement[object]:
    """When it did, for those of which ``became_contract`` is true."""
    signed = func.timezone(_ZONE, cast(_signed_on(), DateTime))
    return func.coalesce(signed, col(Introduction.ended_at))


def _signed_on() -> ScalarSelect[date | None]:
    return (
        select(func.min(col(Contract.signed_on)))
        .where(
            col(Contract.introduction_id) == col(Introduction.id),
            col(Contract.status) != ContractStatus.cancelled,
        )
        .correlate(Introduction)
        .scalar_subquery()
    )
