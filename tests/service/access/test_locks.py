"""Whoever changes something waits for whoever is changing it, and then sees how it stands."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

from sqlmodel import Session, select

from schemas.account import Organization
from schemas.base import now
from schemas.broker import Broker, BrokerEvaluation, BrokerStanding, EvaluationStatus
from schemas.challenge import Challenge, ChallengeStatus
from schemas.mail import Frequency, MailAddress, MailLanguage
from schemas.vocabulary import Role
from service.platform import db
from service.platform.china_time import today
from tests.conftest import ClientFor
from tests.mailing_steps import EMAIL, register
from tests.make import make_capability, make_need, make_organization
from tests.races import held_up
from tests.service.proposals import Brokerage
from tests.service.tenders import Tender, bid_body
from tests.telling import set_to


def test_a_bid_is_not_replaced_by_somebody_who_came_before_the_deadline_was_seen(
    session: Session, client_for: ClientFor
) -> None:
    tender = Tender(session, client_for).opened()
    place = f"{tender.place}/bids/{tender.bid()}"

    with ThreadPoolExecutor(1) as threads, db.transaction() as closing:
        challenge = closing.get_one(Challenge, UUID(tender.id), with_for_update=True)
        challenge.deadline = now() - timedelta(seconds=1)
        late = held_up(threads, lambda: tender.bidder.put(place, json=bid_body(price_yuan=1)))

    assert (late.result().status_code, late.result().json()["status_now"]) == (409, "opened")


def test_nobody_proposes_whose_standing_is_just_being_ended(session: Session, client_for: ClientFor) -> None:
    brokerage = Brokerage(session, client_for)
    pair = {
        "need_id": str(make_need(session, make_organization(session)).id),
        "capability_id": str(make_capability(session).id),
    }

    with ThreadPoolExecutor(1) as threads, db.transaction() as ending:
        broker = ending.get_one(Broker, UUID(brokerage.id), with_for_update=True)
        broker.standing, broker.ended_at = BrokerStanding.ended, now()
        ending.flush()
        proposed = held_up(threads, lambda: brokerage.broker.post("/v1/introductions", json=pair))

    assert proposed.result().status_code == 403


def test_an_evaluation_that_is_just_being_confirmed_is_not_counted_again(
    session: Session, client_for: ClientFor
) -> None:
    brokerage, year = Brokerage(session, client_for), today().year
    brokerage.operator.post(f"{brokerage.place}/evaluations", json={"year": year})

    with ThreadPoolExecutor(1) as threads, db.transaction() as confirming:
        [found] = confirming.exec(select(BrokerEvaluation).with_for_update())
        found.status, found.rating, found.confirmed_at = EvaluationStatus.confirmed, found.computed, now()
        confirming.flush()
        place = f"{brokerage.place}/evaluations/{year}/recompute"
        again = held_up(threads, lambda: brokerage.operator.post(place))

    assert (again.result().status_code, again.result().json()["status_now"]) == (409, "confirmed")


def test_an_address_that_is_just_being_kept_is_not_kept_twice(
    session: Session, client_for: ClientFor, owner: Organization
) -> None:
    client = client_for(owner)

    with set_to(smtp_host="127.0.0.1"), ThreadPoolExecutor(1) as threads:
        with db.transaction() as keeping:
            keeping.get_one(Organization, owner.id, with_for_update=True)
            keeping.add(
                MailAddress(
                    role=Role.member,
                    organization_id=owner.id,
                    address=EMAIL,
                    language=MailLanguage.chinese,
                    frequency=Frequency.at_once,
                    asked_at=now(),
                )
            )
            keeping.flush()
            second = held_up(threads, lambda: register(client, whole_organization=True))
        second.result()

    assert len(session.exec(select(MailAddress)).all()) == 1


def test_a_challenge_that_is_just_being_withdrawn_takes_no_bid(
    session: Session, client_for: ClientFor
) -> None:
    tender = Tender(session, client_for).opened()

    with ThreadPoolExecutor(1) as threads, db.transaction() as withdrawing:
        challenge = withdrawing.get_one(Challenge, UUID(tender.id), with_for_update=True)
        challenge.status = ChallengeStatus.terminated
        withdrawing.flush()
        late = held_up(threads, lambda: tender.bidder.post(f"{tender.place}/bids", json=bid_body()))

    assert (late.result().status_code, late.result().json()["status_now"]) == (409, "terminated")
