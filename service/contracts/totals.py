"""Totals of registered contracts, added up from entries: what was taken back is in them with its sign turned."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Integer, cast, func, select
from sqlmodel import Session, col

from schemas.base import Shape
from schemas.contract import ContractEntry
from schemas.contract_totals import ContractTotals, CountedYear, KeyedSums, Sums
from schemas.target import Year
from service.access.principal import Permission, Principal

_SUMS = (
    func.coalesce(func.sum(col(ContractEntry.contracts)), 0),
    func.coalesce(func.sum(col(ContractEntry.turnover)), 0),
    func.coalesce(func.sum(col(ContractEntry.technology_value)), 0),
)


class TotalsQuery(Shape):
    first_year: Year | None = None
    last_year: Year | None = None


def contract_totals(session: Session, caller: Principal, asked: TotalsQuery) -> ContractTotals:
    """By type, domain, affiliation and month of what was booked in these years; everything, if none is named.

    Where there are few contracts a breakdown tells what one of them is worth, so it is not for everybody.
    """
    caller.require(Permission.statistics_read)
    within = _within(asked)
    return ContractTotals(
        **_sums(session, within).model_dump(),
        types=_by(session, col(ContractEntry.type), within),
        domains=_by(session, func.unnest(col(ContractEntry.domains)), within),
        seeker_affiliations=_by(session, col(ContractEntry.seeker_affiliation), within),
        provider_affiliations=_by(session, col(ContractEntry.provider_affiliation), within),
        months=_by(session, func.to_char(col(ContractEntry.booked_on), "YYYY-MM"), within),
    )


def registered_sums(session: Session) -> Sums:
    """All that counts now."""
    return _sums(session, [])


def counted_years(session: Session, first: int, last: int) -> list[CountedYear]:
    """Each year's own sums, and those from the first year on. A year without one is nought: it was counted."""
    year = cast(func.extract("year", col(ContractEntry.booked_on)), Integer)
    rows = session.execute(select(year, *_SUMS).where(year.between(first, last)).group_by(year))
    by_year = {row[0]: _as_sums(row[1:]) for row in rows}
    counted: list[CountedYear] = []
    turnover = technology_value = 0
    for one in range(first, last + 1):
        sums = by_year.get(one, Sums())
        turnover += sums.turnover
        technology_value += sums.technology_value
        counted.append(
            CountedYear(
                year=one,
                **sums.model_dump(),
                turnover_cumulative=turnover,
                technology_value_cumulative=technology_value,
            )
        )
    return counted


def _within(asked: TotalsQuery) -> list[ColumnElement[bool]]:
    year = func.extract("year", col(ContractEntry.booked_on))
    conditions: list[ColumnElement[bool]] = []
    if asked.first_year is not None:
        conditions.append(year >= asked.first_year)
    if asked.last_year is not None:
        conditions.append(year <= asked.last_year)
    return conditions


def _sums(session: Session, within: Iterable[ColumnElement[bool]]) -> Sums:
    return _as_sums(session.execute(select(*_SUMS).where(*within)).one())


def _by(session: Session, key: Any, within: Iterable[ColumnElement[bool]]) -> list[KeyedSums]:
    """What comes to nothing at all is left out."""
    named = key.label("key")
    rows = session.execute(select(named, *_SUMS).where(*within).group_by(named).order_by(named))
    found = [KeyedSums(key=str(row[0]), **_as_sums(row[1:]).model_dump()) for row in rows]
    return [one for one in found if one.contracts or one.turnover or one.technology_value]


def _as_sums(row: Any) -> Sums:
    contracts, turnover, technology_value = row
    return Sums(contracts=int(contracts), turnover=int(turnover), technology_value=int(technology_value))
