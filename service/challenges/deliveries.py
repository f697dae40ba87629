"""攻关与验收: what the winners report and deliver, gates with go and stop, acceptance by indicator."""

import operator
from uuid import UUID

from sqlmodel import Session, col, select

from schemas.base import now
from schemas.bid import (
    Acceptance,
    Bid,
    BidDelivered,
    BidDelivery,
    BidStatus,
    Gate,
    GateDecision,
    IndicatorOutcome,
    IndicatorResult,
)
from schemas.challenge import Challenge, ChallengeStatus, WithReason
from schemas.forms import IndicatorFields
from schemas.notice import NoticeKind
from schemas.vocabulary import IndicatorOperator
from schemas.wording import Wording
from service.access import audit
from service.access.principal import Principal
from service.challenges.awards import move_bid
from service.challenges.bids import FoundBid, access_bid
from service.challenges.deadline import members_of
from service.challenges.steps import note_step, tell_parties
from service.platform.problems import Unfit, WrongState

_COMPARED = {
    IndicatorOperator.equal: operator.eq,
    IndicatorOperator.above: operator.gt,
    IndicatorOperator.at_least: operator.ge,
    IndicatorOperator.below: operator.lt,
    IndicatorOperator.at_most: operator.le,
}
_UNDER_WAY = {ChallengeStatus.working, ChallengeStatus.acceptance}


def deliver(
    session: Session, caller: Principal, challenge_id: UUID, bid_id: UUID, body: BidDelivered
) -> FoundBid:
    """Report at a milestone; or, without one, deliver all of it, for acceptance."""
    verb = "deliver" if body.milestone is None else "report"
    found = access_bid(session, caller, challenge_id, bid_id, verb)
    _require_under_way(found.challenge)
    place = _milestone(session, found, body.milestone)
    place.report, place.attachments, place.delivered_at = body.report, body.attachments, now()
    session.add(place)
    if body.milestone is not None:
        _note(session, caller, found, "bid.report", milestone=body.milestone)
        note_step(session, caller, found.challenge, "report", milestone=body.milestone + 1)
        tell_parties(session, caller, found.challenge, NoticeKind.challenge_milestone_done)
        return found
    move_bid(session, found.challenge, found.bid, BidStatus.delivered, caller)
    found.challenge.status = ChallengeStatus.acceptance
    note_step(session, caller, found.challenge, "take delivery")
    tell_parties(session, caller, found.challenge)
    return found


def decide(session: Session, caller: Principal, challenge_id: UUID, bid_id: UUID, body: Gate) -> FoundBid:
    """赛马制: whether this winner goes on after a gate. With the last one stopped the challenge ends."""
    found = access_bid(session, caller, challenge_id, bid_id, "decide")
    _require_under_way(found.challenge)
    place = _milestone(session, found, body.milestone)
    if not found.challenge.milestones[body.milestone].gate:
        raise Unfit("/milestone", "no_gate", Wording("该节点不是淘汰节点", "This milestone is no gate"))
    place.decision, place.decision_reason, place.decided_at = body.decision, body.reason, now()
    session.add(place)
    challenge = found.challenge
    stopped = body.decision is GateDecision.stop
    if stopped:
        move_bid(session, challenge, found.bid, BidStatus.stopped, caller, milestone=body.milestone)
    else:
        _note(session, caller, found, "bid.go", milestone=body.milestone)
    note_step(session, caller, challenge, body.decision.value, milestone=body.milestone + 1)
    session.flush()
    if stopped and not _still_there(session, challenge):
        challenge.status = ChallengeStatus.terminated
        note_step(session, None, challenge, "stop all")
    tell_parties(session, caller, challenge)
    return found


def accept(
    session: Session, caller: Principal, challenge_id: UUID, bid_id: UUID, body: Acceptance
) -> FoundBid:
    """验收: say of each indicator whether it is met. With all met it is solved, else it goes back to work."""
    found = access_bid(session, caller, challenge_id, bid_id, "accept")
    _require_under_way(found.challenge)
    _require_whole(found.challenge, body.results)
    challenge, bid = found.challenge, found.bid
    bid.results = sorted(body.results, key=lambda one: one.indicator)
    met = sum(one.outcome is IndicatorOutcome.met for one in body.results)
    passed = met == len(body.results)
    move_bid(session, challenge, bid, BidStatus.accepted if passed else BidStatus.won, caller, met=met)
    session.flush()
    if passed:
        challenge.status = ChallengeStatus.solved
    elif not _awaits_acceptance(session, challenge):
        challenge.status = ChallengeStatus.working
    note_step(
        session,
        caller,
        challenge,
        "pass acceptance" if passed else "send back",
        met=met,
        indicators=len(body.results),
    )
    tell_parties(session, caller, challenge)
    return found


def exclude(
    session: Session, caller: Principal, challenge_id: UUID, bid_id: UUID, body: WithReason
) -> FoundBid:
    """Rule a bid out that does not meet the conditions. Its bidders read why."""
    found = access_bid(session, caller, challenge_id, bid_id, "exclude")
    found.bid.excluded_reason = body.reason
    move_bid(session, found.challenge, found.bid, BidStatus.excluded, caller)
    note_step(session, caller, found.challenge, "exclude")
    return found


def _require_under_way(challenge: Challenge) -> None:
    if challenge.status not in _UNDER_WAY:
        raise WrongState(
            Wording(
                "榜单当前状态为“{status}”", "The challenge is “{status}” now", {"status": challenge.status}
            ),
            status_now=challenge.status.value,
        )


def _milestone(session: Session, found: FoundBid, milestone: int | None) -> BidDelivery:
    """What was kept of it so far, or a place for it. Each final delivery has one of its own."""
    if milestone is None:
        return BidDelivery(bid_id=found.bid.id)
    if milestone >= len(found.challenge.milestones):
        raise Unfit("/milestone", "unknown", Wording("没有这个节点", "There is no such milestone"))
    query = select(BidDelivery).where(
        col(BidDelivery.bid_id) == found.bid.id, col(BidDelivery.milestone) == milestone
    )
    return session.exec(query).first() or BidDelivery(bid_id=found.bid.id, milestone=milestone)


def _require_whole(challenge: Challenge, results: list[IndicatorResult]) -> None:
    """Each indicator once; and no word that its figure belies."""
    if sorted(one.indicator for one in results) != list(range(len(challenge.indicators))):
        raise Unfit(
            "/results", "indicators", Wording("每项考核指标须逐一给出结论", "Say it of each indicator, once")
        )
    for place, result in enumerate(results):
        wanted = challenge.indicators[result.indicator]
        held = None if result.figure is None else _holds(wanted, result.figure)
        if held is not None and held != (result.outcome is IndicatorOutcome.met):
            raise Unfit(
                f"/results/{place}/outcome",
                "belied",
                Wording("结论与实测值不一致", "The figure says otherwise"),
            )


def _holds(wanted: IndicatorFields, figure: float) -> bool | None:
    """Whether the figure meets the indicator; None where that cannot be computed."""
    if wanted.value is None:
        return None
    if wanted.operator is IndicatorOperator.range:
        return None if wanted.value_max is None else wanted.value <= figure <= wanted.value_max
    compare = _COMPARED.get(wanted.operator)
    return None if compare is None else bool(compare(figure, wanted.value))


def _still_there(session: Session, challenge: Challenge) -> bool:
    return _any(session, challenge, {BidStatus.won, BidStatus.delivered})


def _awaits_acceptance(session: Session, challenge: Challenge) -> bool:
    return _any(session, challenge, {BidStatus.delivered})


def _any(session: Session, challenge: Challenge, statuses: set[BidStatus]) -> bool:
    query = select(Bid.id).where(col(Bid.challenge_id) == challenge.id, col(Bid.status).in_(statuses))
    return session.exec(query.limit(1)).first() is not None


def _note(session: Session, caller: Principal, found: FoundBid, action: str, **figures: int) -> None:
    audit.note(
        session,
        caller,
        action,
        found.bid.id,
        [found.challenge.organization_id, *(one.organization_id for one in members_of(session, found.bid))],
        challenge=str(found.challenge.id),
        **figures,
    )
