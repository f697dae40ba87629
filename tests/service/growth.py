"""Lists and pages with few rows, and then with many: what they ask the database must not grow with them."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from fastapi.testclient import TestClient
from sqlmodel import Session, SQLModel, select

from schemas.bid import Bid, BidDelivery, BidMember
from schemas.bid_review import BidReviewer, BidSheet
from schemas.challenge import Challenge, ChallengeStep
from tests.conftest import ClientFor, Refreshed
from tests.make import make_need, make_organization
from tests.service.tenders import Tender

R = TypeVar("R", bound=SQLModel)

#: How many rows come to the first.
MORE = 12


class World(NamedTuple):
    session: Session
    client_for: ClientFor
    refreshed: Refreshed


class Seen(NamedTuple):
    """Who looks, and what the braces of the addresses stand for."""

    readers: list[TestClient]
    names: dict[str, Any] = {}  # noqa: RUF012 -- of a tuple, and not changed


class Growth(NamedTuple):
    """addresses: what is looked at. rows: says who looks when there are few rows; going on, it adds more."""

    addresses: tuple[str, ...]
    rows: Callable[[World], Iterator[Seen]]


GROWTHS: list[Growth] = []


def shown_at(*addresses: str) -> Callable[[Callable[[World], Iterator[Seen]]], None]:
    return lambda rows: GROWTHS.append(Growth(addresses, rows))


def again(session: Session, row: R, **changes: Any) -> R:
    """One more row that says the same but for ``changes``, with an id of its own."""
    said = {column.name: getattr(row, column.name) for column in row.__table__.columns if column.name != "id"}  # type: ignore[attr-defined]
    made = type(row)(**said | changes)
    session.add(made)
    session.flush()
    return made


def all_of(session: Session, table: type[R], **having: Any) -> list[R]:
    conditions = [getattr(table, name) == value for name, value in having.items()]
    return list(session.exec(select(table).where(*conditions)))


def again_with(session: Session, row: Any, children: dict[type[SQLModel], str], **changes: Any) -> Any:
    """Likewise, with the rows of other tables that name it in this column."""
    made = again(session, row, **changes)
    for table, column in children.items():
        for child in all_of(session, table, **{column: row.id}):
            again(session, child, **{column: made.id})
    return made


def _awarded(world: World) -> Tender:
    tender = Tender(world.session, world.client_for).opened()
    tender.bid()
    return tender.evaluating().awarded()


@shown_at("/v1/challenges", "/v1/challenges?facets=true", "/challenges")
def challenges(world: World) -> Iterator[Seen]:
    """Each of another publisher, with a need, a winner and a way behind it."""
    session, tender = world.session, _awarded(world)
    challenge = session.get_one(Challenge, UUID(tender.id))
    [bid] = all_of(session, Bid)
    yield Seen([tender.publisher, tender.operator, tender.reviewer, tender.bidder])
    for _ in range(MORE):
        need = make_need(session, make_organization(session))
        other = again_with(
            session,
            challenge,
            {ChallengeStep: "challenge_id", BidReviewer: "challenge_id"},
            organization_id=need.organization_id,
            need_id=need.id,
        )
        won = again(session, bid, challenge_id=other.id, organization_id=make_organization(session).id)
        again(
            session,
            all_of(session, BidMember)[0],
            bid_id=won.id,
            challenge_id=other.id,
            organization_id=won.organization_id,
        )


@shown_at(
    "/v1/challenges/{challenge_id}",
    "/v1/challenges/{challenge_id}/bids",
    "/v1/challenges/{challenge_id}/reviews",
    "/challenges/{challenge_id}",
    "/challenges/{challenge_id}/reviews",
)
def bids(world: World) -> Iterator[Seen]:
    """Each of a consortium of its own, with a sheet of each reviewer."""
    session, tender = world.session, _awarded(world)
    [bid], [reviewer], [sheet] = all_of(session, Bid), all_of(session, BidReviewer), all_of(session, BidSheet)
    [member] = all_of(session, BidMember)
    session.add(BidDelivery(bid_id=bid.id))
    session.commit()
    yield Seen([tender.publisher, tender.operator, tender.reviewer], {"challenge_id": tender.id})
    reviewers = [again(session, reviewer, organization_id=make_organization(session).id) for _ in range(3)]
    for one in reviewers:
        again(session, sheet, reviewer_id=one.id)
    for _ in range(MORE):
        firm = make_organization(session)
        other = again_with(session, bid, {BidDelivery: "bid_id"}, organization_id=firm.id)
        for member_id in (firm.id, make_organization(session).id):
            again(session, member, bid_id=other.id, organization_id=member_id)
        for one in (reviewer, *reviewers):
            again(session, sheet, bid_id=other.id, reviewer_id=one.id)
