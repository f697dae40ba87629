"""Personal data that is not sealed, since it is shown or searched: names of keys and sessions, texts that were asked
for matches; and published words, which are their organisation's own to change.
"""

from collections.abc import Iterator
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, delete, or_, select, update
from sqlmodel import Session, col

from schemas.account import ApiKey, Organization
from schemas.capability import Capability
from schemas.challenge import Challenge
from schemas.match_list import MatchList
from schemas.need import Need
from schemas.personal_data import (
    DataKind,
    DataPurpose,
    ErasedData,
    FoundData,
    WordsToChange,
    told,
)
from schemas.subscription import Subscription
from schemas.web_session import WebSession
from service.trust.person import Person

_MOST, _ROWS = 1_000, 500
_PURPOSES = {
    "match_list.text": DataPurpose.answering,
    "subscription.name": DataPurpose.telling,
    "subscription.text": DataPurpose.telling,
}


def find_plain(session: Session, person: Person, organization_id: UUID | None) -> list[FoundData]:
    return [
        FoundData(
            where=where,
            row=str(row),
            organization_id=owner,
            what=told(DataKind.wording),
            purpose=told(_PURPOSES.get(where, DataPurpose.docking)),
            data=[words],
        )
        for where, row, owner, words in _plain(session, person, organization_id)
    ]


def erase_plain(session: Session, person: Person, organization_id: UUID | None) -> list[ErasedData]:
    found = list(_plain(session, person, organization_id))
    for where, row, _, words in found:
        match where:
            case "api_key.name":
                session.execute(update(ApiKey).where(col(ApiKey.id) == row).values(name=""))
            case "web_session.name":
                session.execute(delete(WebSession).where(col(WebSession.id) == row))
            case "subscription.name" | "subscription.text":
                column = where.partition(".")[2]
                change = update(Subscription).where(col(Subscription.id) == row)
                session.execute(change.values({column: person.covered(words)}))
            case _:
                text = person.covered(words)
                session.execute(update(MatchList).where(col(MatchList.id) == row).values(text=text))
    places = [where for where, *_ in found]
    return [ErasedData(where=where, rows=places.count(where)) for where in dict.fromkeys(places)]


def words_to_change(session: Session, person: Person, organization_id: UUID | None) -> list[WordsToChange]:
    """Postings and organisations whose own words name the person. Numbers were taken out of postings anyway."""
    found = []
    for table, owner, columns in (
        (Need, col(Need.organization_id), ("title", "description", "wanted_result", "partner_wish")),
        (Capability, col(Capability.organization_id), ("title", "description", "partner_wish")),
        (Challenge, col(Challenge.organization_id), ("title", "goal", "commitment", "conditions")),
        (Organization, col(Organization.id), ("name", "introduction")),
    ):
        for name in columns:
            column = getattr(table, name)
            query: Any = select(col(table.id), owner, column).where(_may_say(column, person))
            if organization_id is not None:
                query = query.where(owner == organization_id)
            named = (
                row
                for row in session.execute(query.execution_options(yield_per=_ROWS))
                if _says(row[2], person)
            )
            found += [
                WordsToChange(where=f"{table.__name__.lower()}.{name}", id=row, organization_id=whose)
                for row, whose, _ in islice(named, _MOST)
            ]
    return found


def _plain(
    session: Session, person: Person, organization_id: UUID | None
) -> Iterator[tuple[str, UUID, UUID, str]]:
    key_owner = col(ApiKey.organization_id)
    queries: list[tuple[str, Any, Any]] = [
        ("api_key.name", select(col(ApiKey.id), key_owner, col(ApiKey.name)), key_owner),
        (
            "web_session.name",
            select(col(WebSession.id), key_owner, col(WebSession.name)).join(
                ApiKey, col(ApiKey.id) == col(WebSession.api_key_id)
            ),
            key_owner,
        ),
        (
            "match_list.text",
            select(col(MatchList.id), col(MatchList.organization_id), col(MatchList.text)),
            col(MatchList.organization_id),
        ),
        *(
            (
                f"subscription.{name}",
                select(col(Subscription.id), col(Subscription.organization_id), column),
                col(Subscription.organization_id),
            )
            for name, column in (("name", col(Subscription.name)), ("text", col(Subscription.text)))
        ),
    ]
    for where, every, owner in queries:
        named = every.where(_may_say(every.selected_columns[2], person))
        theirs = named if organization_id is None else named.where(owner == organization_id)
        for row, whose, words in session.execute(theirs.order_by(every.selected_columns[0])):
            if _says(words, person):
                yield where, row, whose, words


def _may_say(column: Any, person: Person) -> ColumnElement[bool]:
    """Which texts have to be looked at: a database does not compare names by their letters."""
    if person.name:
        return col(column) != ""
    given = [one for one in (person.email, person.phone) if one]
    return or_(*(column.icontains(one, autoescape=True) for one in given))


def _says(text: str | None, person: Person) -> bool:
    """Whether a text names them, by whatever of them was given."""
    given = [one for one in (person.email, person.phone) if one]
    return text is not None and (person.is_in(text) or any(one in text.casefold() for one in given))
