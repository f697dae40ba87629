"""Challenges of the demonstration data: one that waits for review, one open to bids, one to award, one to accept."""

from datetime import timedelta
from typing import Any

from sqlmodel import Session, select

from schemas.account import Organization
from schemas.base import now
from schemas.bid import BidDelivered, BidWrite
from schemas.bid_review import Award, Declaration, ReviewerAsk, SheetWrite, Signing
from schemas.challenge import Challenge, ChallengeCreate
from schemas.need import Need
from schemas.vocabulary import Role
from service.access.principal import Principal
from service.challenges import (
    awards,
    bids,
    challenges,
    deliveries,
)
from service.challenges import (
    requests as challenge_requests,
)
from service.challenges import (
    reviewing as reviews,
)
from service.challenges.deadline import settle
from service.demo.docking import caller_of, posting_of, written

_ABOUT_THEM = ("need", "stage", "open_days", "reviewer", "bids", "report")


def load_tenders(session: Session) -> None:
    """Put in challenges with their bids. Where there are some already, it changes nothing."""
    if session.exec(select(Challenge.id)).first() is None:
        for row in written("tenders")["challenges"]:
            _challenge(session, row)


def _challenge(session: Session, row: dict[str, Any]) -> None:
    need = posting_of(session, Need, row["need"])
    publisher, operator = caller_of(need.organization_id), caller_of(need.organization_id, Role.operator)
    fields = {name: value for name, value in row.items() if name not in _ABOUT_THEM}
    deadline = now().replace(hour=10, minute=0, second=0, microsecond=0) + timedelta(days=row["open_days"])
    body = ChallengeCreate.model_validate({**fields, "need_id": need.id, "deadline": deadline})
    made = challenge_requests.create(session, publisher, body)
    challenges.submit(session, publisher, made.id)
    if row["stage"] != "review":
        challenges.open_to_bids(session, operator, made.id)
    if "bids" in row:
        _evaluate(session, operator, made, row)
    if row["stage"] == "acceptance":
        _work(session, publisher, operator, made, row)


def _evaluate(session: Session, operator: Principal, challenge: Challenge, row: dict[str, Any]) -> None:
    """Bids are handed in, opened, and reviewed by one who is bound to none of them."""
    reviewer = _named(session, row["reviewer"])
    ask = ReviewerAsk(organization_id=reviewer.organization_id)
    reviews.assign(session, operator, challenge.id, ask)
    scores = {}
    for bid in row["bids"]:
        content = {name: value for name, value in bid.items() if name not in ("by", "scores")}
        body = BidWrite.model_validate(content)
        made = bids.hand_in(session, _named(session, bid["by"]), challenge.id, body)
        scores[made.id] = bid["scores"]
    # Nobody waits for weeks at the first start: the deadline was an hour ago.
    challenge.deadline = now().replace(microsecond=0) - timedelta(hours=1)
    session.flush()
    settle(session, challenge)
    session.flush()
    reviews.declare(session, reviewer, challenge.id, Declaration(conflict=False))
    for bid_id, given in scores.items():
        reviews.score(session, reviewer, challenge.id, bid_id, SheetWrite(scores=given))


def _work(
    session: Session, publisher: Principal, operator: Principal, challenge: Challenge, row: dict[str, Any]
) -> None:
    """The best is awarded, works, and delivers."""
    awards.award(session, operator, challenge.id, Award())
    awards.sign(session, publisher, challenge.id, Signing())
    awards.start(session, publisher, challenge.id)
    [winner] = awards.chosen_bids(session, challenge)
    solver = caller_of(winner.organization_id)
    deliveries.deliver(session, solver, challenge.id, winner.id, BidDelivered(report=row["report"]))


def _named(session: Session, name: str) -> Principal:
    found = select(Organization.id).where(Organization.name == name, Organization.illustration)
    return caller_of(session.exec(found).one())
