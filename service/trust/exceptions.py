"""Which rows of a sealed column an erasure leaves, and which are shown to their own organisation alone."""

from typing import Any

from sqlalchemy import ColumnElement, Table, and_, exists, false, not_, or_, true
from sqlalchemy.orm import aliased
from sqlmodel import Session, SQLModel, col, select

from schemas.base import Row
from schemas.bid import NEVER_OPENED, Bid, BidStatus
from schemas.contract import Contract, ContractStatus
from schemas.personal_data import StaysBecause
from schemas.personal_data_register import Holding

_UNOPENED = {*NEVER_OPENED, BidStatus.sealed}


def stays_there(holding: Holding, table: Table) -> ColumnElement[bool]:
    """Whether an erasure leaves this row of ``table``."""
    match holding.stays:
        case None:
            return false()
        case StaysBecause.sealed_bid:
            # A change would break the receipt by which its bidder shows what was handed in.
            bid, same = _beside(table, Bid)
            return exists().where(same, bid.status.in_(_UNOPENED))
        case StaysBecause.contract:
            # What was given up unsigned binds nobody. Of what is open, somebody may be signing the hash.
            contract, same = _beside(table, Contract)
            given_up = and_(contract.status == ContractStatus.cancelled, contract.signed_version.is_(None))
            return exists().where(same, not_(given_up))
        case StaysBecause.nda:
            return or_(table.c.seeker_signed_at.is_not(None), table.c.provider_signed_at.is_not(None))
        case _:
            return true()


def unopened_bids(session: Session) -> set[str]:
    """Ids of the bids that nobody but their bidders may read, or hear of."""
    return {str(one) for one in session.exec(select(Bid.id).where(col(Bid.status).in_(_UNOPENED)))}


def _beside(table: Table, root: type[Row]) -> tuple[Any, ColumnElement[bool]]:
    """The row of ``root`` that a row of ``table`` is, or belongs to; under another name, and how they belong."""
    other: Any = aliased(root)
    there = SQLModel.metadata.tables[str(root.__tablename__)]
    if table is there:
        return other, other.id == table.c.id
    key = next(key.parent for key in table.foreign_keys if key.column.table is there)
    return other, other.id == key
