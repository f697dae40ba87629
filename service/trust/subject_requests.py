"""Finding a person's data wherever it is sealed, handing it over, and erasing it (个人信息保护法 §45, §47).

It walks the sealed columns that the tables have, so that a column that is added later is reached as well.
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy import Column, Table, and_, delete, select, tuple_, update
from sqlmodel import Session

from schemas.operation import AnsweredRequest
from schemas.personal_data import (
    ErasedData,
    FoundData,
    PersonalDataErasure,
    PersonalDataExport,
    PersonAsked,
    PurposeShown,
    StaysBecause,
    StaysShown,
    told,
)
from schemas.personal_data_register import REGISTER, Holding
from schemas.retention import PERIODS, Retention
from schemas.sealed import Sealed
from service.access import audit
from service.access.principal import Permission, Principal
from service.platform.ciphers import sealed_columns
from service.platform.settings import settings
from service.trust.exceptions import stays_there, unopened_bids
from service.trust.person import SHORT_MASK, Person
from service.trust.unsealed import erase_plain, find_plain, words_to_change

_ROWS = 500
# Of what an erasure leaves: the time at whose end it goes by itself.
_GOES = {
    StaysBecause.contract: Retention.contract,
    StaysBecause.nda: Retention.secrecy,
    StaysBecause.sealed_bid: Retention.tender,
    StaysBecause.importing: Retention.running,
    StaysBecause.integrity: Retention.lasting,
    StaysBecause.configured: Retention.configured,
}
# Whatever was found.
_ALWAYS_STAYS = (StaysBecause.audit, StaysBecause.contract, StaysBecause.sealed_bid, StaysBecause.backup)


class _Place(NamedTuple):
    """A value in a sealed column."""

    table: Table
    column: Column[Any]
    key: tuple[Any, ...]
    owner: UUID | None
    stays: bool
    value: Any


def purposes() -> list[PurposeShown]:
    return [
        PurposeShown(
            where=holding.column,
            what=told(holding.kind),
            purpose=told(holding.purpose),
            basis=told(holding.basis),
            kept=told(holding.kept),
            days=days_of(holding.kept),
            ground=told(PERIODS[holding.kept].ground),
        )
        for holding in REGISTER
    ]


def days_of(retention: Retention) -> int | None:
    """As whoever runs the service has set it."""
    setting = PERIODS[retention].setting
    return None if setting is None else int(getattr(settings(), setting))


def export(session: Session, caller: Principal | None, asked: PersonAsked) -> PersonalDataExport:
    """All that is kept of a person. None: by command, where every organisation's is looked through."""
    mine, person = _scope(caller), Person(asked)
    found: list[FoundData] = []
    for holding, places in _walk(session, mine):
        found += [
            FoundData(
                where=holding.column,
                row="/".join(str(part) for part in place.key),
                organization_id=place.owner,
                what=told(holding.kind),
                purpose=told(holding.purpose),
                data=data,
            )
            for place in places
            if (data := person.found_in(_plain(place)))
        ]
    found += find_plain(session, person, mine)
    to_change = words_to_change(session, person, mine)
    _note(session, caller, "export", {one.organization_id for one in found}, places=len(found))
    return PersonalDataExport(
        found=found, to_change=to_change, stays=_told_stays(dict.fromkeys(_ALWAYS_STAYS), to_change)
    )


def erase(session: Session, caller: Principal | None, asked: PersonAsked) -> PersonalDataErasure:
    """Erase it wherever the law lets it be erased, and say what stays and why."""
    mine, person = _scope(caller), Person(asked)
    erased: dict[str, int] = {}
    owners: set[UUID | None] = set()
    stays: dict[StaysBecause, int | None] = dict.fromkeys(_ALWAYS_STAYS)
    for holding, places in _walk(session, mine):
        for place in places:
            if not person.found_in(_plain(place)):
                continue
            owners.add(place.owner)
            if holding.stays is not None and place.stays:
                stays[holding.stays] = (stays.get(holding.stays) or 0) + 1
            elif _erase_place(session, place, person, whole=holding.whole):
                erased[holding.column] = erased.get(holding.column, 0) + 1
    for one in erase_plain(session, person, mine):
        erased[one.where] = one.rows
    to_change = words_to_change(session, person, mine)
    _note(session, caller, "erase", owners, places=sum(erased.values()))
    return PersonalDataErasure(
        erased=[ErasedData(where=where, rows=rows) for where, rows in erased.items()],
        to_change=to_change,
        stays=_told_stays(stays, to_change),
    )


def holdings() -> Iterator[tuple[Holding, Table, Column[Any]]]:
    """Each sealed column, with its line in the register. A column without one is a ``KeyError``, never passed over."""
    registered = {holding.column: holding for holding in REGISTER}
    for table, column in sealed_columns():
        yield registered[f"{table.name}.{column.name}"], table, column


def _scope(caller: Principal | None) -> UUID | None:
    """The organisation whose people the caller may ask about; None: any."""
    if caller is None or caller.may(Permission.personal_data_manage_all):
        return None
    caller.require(Permission.personal_data_manage)
    return caller.organization_id


def _walk(session: Session, organization_id: UUID | None) -> Iterator[tuple[Holding, Iterator[_Place]]]:
    # Asked for everywhere, nothing may tell who bids, nor what; a copy of the answer to a bidder would.
    unopened = unopened_bids(session) if organization_id is None else set()
    for holding, table, column in holdings():
        places = _places(session, holding, table, column, organization_id)
        yield holding, (place for place in places if not _tells_of(place, unopened))


def _tells_of(place: _Place, unopened: set[str]) -> bool:
    if isinstance(place.value, dict) and place.column.table.name == AnsweredRequest.__tablename__:
        return place.value.get("id") in unopened
    return False


def _places(
    session: Session, holding: Holding, table: Table, column: Column[Any], organization_id: UUID | None
) -> Iterator[_Place]:
    keys = list(table.primary_key.columns)
    joined, owner = owner_of(table, holding.owner)
    stays = stays_there(holding, table)
    query = select(*keys, owner, stays, column).select_from(joined).where(column.is_not(None))
    if organization_id is not None:
        query = query.where(owner == organization_id)
    elif holding.stays is StaysBecause.sealed_bid:
        query = query.where(~stays)
    after: Sequence[Any] = ()
    while True:
        further = query.where(tuple_(*keys) > tuple_(*after)) if after else query
        rows = session.execute(further.order_by(*keys).limit(_ROWS)).all()
        for row in rows:
            *key, whose, kept, value = row
            yield _Place(table, column, tuple(key), whose, kept, value)
        if len(rows) < _ROWS:
            return
        after = tuple(rows[-1][: len(keys)])


def owner_of(table: Table, path: str) -> tuple[Any, Column[Any]]:
    """Follow keys from a table: what to select from, and the column that holds the organisation's id."""
    joined: Any = table
    *steps, last = path.split(".")
    for step in steps:
        (key,) = table.c[step].foreign_keys
        joined = joined.outerjoin(key.column.table, table.c[step] == key.column)
        table = key.column.table
    return joined, table.c[last]


def _plain(place: _Place) -> Any:
    """As lists, objects and texts. A file stays what it is."""
    kind = place.column.type
    assert isinstance(kind, Sealed)
    return (
        place.value if isinstance(place.value, bytes) else kind.adapter.dump_python(place.value, mode="json")
    )


def _erase_place(session: Session, place: _Place, person: Person, *, whole: bool) -> bool:
    """Read again under a lock: whoever wrote meanwhile is not written over."""
    kind = place.column.type
    assert isinstance(kind, Sealed)
    here = and_(
        *(key == value for key, value in zip(place.table.primary_key.columns, place.key, strict=True))
    )
    now_there = session.execute(select(place.column).where(here).with_for_update()).scalar_one_or_none()
    if now_there is None:
        return False
    if whole:
        session.execute(delete(place.table).where(here))
        return True
    values: dict[Any, Any] = {place.column: _without(kind, now_there, person)}
    if "version" in place.table.c:
        # Whoever read it before must not write it back.
        values[place.table.c.version] = place.table.c.version + 1
    session.execute(update(place.table).where(here).values(values))
    return True


def _without(kind: Sealed, value: Any, person: Person) -> Any:
    plain = kind.adapter.dump_python(value, mode="json")
    try:
        return kind.adapter.validate_python(person.taken_out_of(plain))
    except ValidationError:
        # A text as long as it may be has no room for a mask that is longer than a name.
        return kind.adapter.validate_python(person.taken_out_of(plain, SHORT_MASK))


def _told_stays(stays: dict[Any, int | None], to_change: Sequence[Any]) -> list[StaysShown]:
    if to_change:
        stays = {**stays, StaysBecause.published: len(to_change)}
    return [_stays(why, rows) for why, rows in stays.items()]


def _stays(why: StaysBecause, rows: int | None) -> StaysShown:
    goes = _GOES.get(why)
    if goes is None:
        return StaysShown(why=told(why), rows=rows)
    return StaysShown(why=told(why), rows=rows, kept=told(goes), days=days_of(goes))


def _note(
    session: Session, caller: Principal | None, verb: str, owners: set[UUID | None], **figures: int
) -> None:
    audit.note(
        session, caller, f"personal_data.{verb}", None, {one for one in owners if one is not None}, **figures
    )
