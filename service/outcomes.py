"""What became of an introduction, in one place for all who count it."""

from sqlalchemy import ColumnElement, and_
from sqlmodel import col

from schemas.introduction import Introduction, IntroductionOutcome, IntroductionStatus


def became_contract() -> ColumnElement[bool]:
    """Whether an introduction led to a contract: as the parties said when they ended it."""
    return and_(
        col(Introduction.status) == IntroductionStatus.ended,
        col(Introduction.outcome) == IntroductionOutcome.contract,
    )
