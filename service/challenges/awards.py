"""中榜: who won and why, the contract, the start; and how a challenge ends without."""

from datetime import timedelta
from uuid import UUID

from sqlmodel import Session, col, select

from schemas.base import now
from schemas.bid import CHOSEN, Bid, BidMember, BidStatus
from schemas.bid_review import Award, Ranked, Signing
from schemas.challenge import Challenge, ChallengeStatus, WithReason
from schemas.contract import Contract
from schemas.notice import NoticeKind
from schemas.wording import Wording
from service.access import audit
from service.access.principal import Principal
from service.challenges.bid_eligibility import require_nobody_barred
from service.challenges.bid_ranking import ranking_of
from service.challenges.challenges import access_challenge
from service.challenges.deadline import members_of
from service.challenges.score_sheets import counted, is_complete, reviewed_bids
from service.challenges.steps import note_step, owners_of, tell_parties
from service.notices.feed import notify
from service.platform.problems import Unfit, WrongState


def award(session: Session, caller: Principal, challenge_id: UUID, body: Award) -> Challenge:
    """Choose the best by the ranking, or others with a published reason. All sheets must be in.

    Whoever was barred since it bid does not win, and neither does its consortium: see ``require_nobody_barred``.
    """
    challenge = access_challenge(session, caller, challenge_id, "award").challenge
    if not is_complete(session, challenge):
        raise WrongState(Wording("评分尚未收齐", "Not all sheets are in"), status_now=challenge.status.value)
    bids = reviewed_bids(session, challenge)
    ranking = ranking_of(session, challenge, bids, counted(session, challenge))
    chosen = _chosen(challenge, ranking, body)
    require_nobody_barred(session, challenge, chosen)
    _require_prices_accepted(challenge, ranking, chosen, body)
    places = {one.bid_id: one for one in ranking}
    for bid in bids:
        bid.place, bid.score = places[bid.id].place, places[bid.id].score
        move_bid(session, challenge, bid, BidStatus.won if bid.id in chosen else BidStatus.lost, caller)
    challenge.status = ChallengeStatus.awarded
    challenge.publicity_until = now() + timedelta(days=challenge.publicity_days)
    note_step(session, caller, challenge, "award", body.reason, winners=len(chosen), bids=len(bids))
    tell_parties(session, caller, challenge)
    return challenge


def reopen(session: Session, caller: Principal, challenge_id: UUID, body: WithReason) -> Challenge:
    """Take an award back while it is public, such as after an objection that held."""
    challenge = access_challenge(session, caller, challenge_id, "reopen").challenge
    decided = [BidStatus.won, BidStatus.lost]
    for bid in session.exec(
        select(Bid).where(col(Bid.challenge_id) == challenge.id, col(Bid.status).in_(decided))
    ):
        bid.place = bid.score = None
        move_bid(session, challenge, bid, BidStatus.opened, caller)
    challenge.status, challenge.publicity_until = ChallengeStatus.evaluating, None
    note_step(session, caller, challenge, "reopen", body.reason)
    tell_parties(session, caller, challenge)
    return challenge


def fail(session: Session, caller: Principal, challenge_id: UUID, body: WithReason) -> Challenge:
    """流榜: nobody who bid can be chosen."""
    challenge = access_challenge(session, caller, challenge_id, "fail").challenge
    challenge.status = ChallengeStatus.failed
    for bid in reviewed_bids(session, challenge):
        move_bid(session, challenge, bid, BidStatus.lost, caller)
    note_step(session, caller, challenge, "fail", body.reason)
    tell_parties(session, caller, challenge)
    return challenge


def sign(session: Session, caller: Principal, challenge_id: UUID, body: Signing) -> Challenge:
    """Say that the contract is signed, once the award has been public for long enough."""
    challenge = access_challenge(session, caller, challenge_id, "sign").challenge
    if challenge.publicity_until is not None and now() < challenge.publicity_until:
        until = challenge.publicity_until
        raise WrongState(
            Wording(
                "公示期至 {until}（UTC）", "Public until {until} UTC", {"until": f"{until:%Y-%m-%d %H:%M}"}
            ),
            status_now=challenge.status.value,
        )
    winners = {bid.id: bid for bid in chosen_bids(session, challenge)}
    require_nobody_barred(session, challenge, winners)
    for bid_id, contract_id in body.contracts.items():
        if not _is_between(session, challenge, bid_id, contract_id) or bid_id not in winners:
            raise Unfit(
                "/contracts", "not_a_winner", Wording("合同须对应中榜方", "A contract is with a winner")
            )
        winners[bid_id].contract_id = contract_id
    challenge.status = ChallengeStatus.signed
    note_step(session, caller, challenge, "sign")
    tell_parties(session, caller, challenge)
    return challenge


def start(session: Session, caller: Principal, challenge_id: UUID) -> Challenge:
    """Work begins."""
    challenge = access_challenge(session, caller, challenge_id, "start").challenge
    challenge.status = ChallengeStatus.working
    note_step(session, caller, challenge, "start")
    tell_parties(session, caller, challenge)
    return challenge


def terminate(session: Session, caller: Principal, challenge_id: UUID, body: WithReason) -> Challenge:
    """End it after its deadline without a solution, for all to see."""
    challenge = access_challenge(session, caller, challenge_id, "terminate").challenge
    challenge.status = ChallengeStatus.terminated
    note_step(session, caller, challenge, "terminate", body.reason)
    tell_parties(session, caller, challenge)
    return challenge


def chosen_bids(session: Session, challenge: Challenge) -> list[Bid]:
    query = select(Bid).where(col(Bid.challenge_id) == challenge.id, col(Bid.status).in_(CHOSEN))
    return list(session.exec(query.order_by(col(Bid.place)).with_for_update()))


def move_bid(
    session: Session,
    challenge: Challenge,
    bid: Bid,
    status: BidStatus,
    caller: Principal | None,
    **figures: int,
) -> None:
    """Give an opened bid another status, write it down, and tell its organisations."""
    bid.status, bid.updated_at = status, now()
    bid.version += 1
    members = sorted(member.organization_id for member in members_of(session, bid))
    audit.note(
        session,
        caller,
        "bid.move",
        bid.id,
        [challenge.organization_id, *members],
        status=status.value,
        challenge=str(challenge.id),
        **figures,
    )
    notify(session, NoticeKind.bid_moved, bid.id, members, status=status.value)


def _chosen(challenge: Challenge, ranking: list[Ranked], body: Award) -> set[UUID]:
    best = {one.bid_id for one in ranking[: challenge.winners]}
    if not body.bid_ids:
        return best
    chosen = set(body.bid_ids)
    if not chosen <= {one.bid_id for one in ranking} or len(chosen) > challenge.winners:
        raise Unfit(
            "/bid_ids",
            "winners",
            Wording(
                "须为参与评榜的揭榜方，至多{most}家",
                "Bids that were reviewed, {most} at most",
                {"most": challenge.winners},
            ),
        )
    if chosen != {one.bid_id for one in ranking[: len(chosen)]} and not body.reason:
        raise Unfit(
            "/reason",
            "missing",
            Wording("与排名不一致时须说明理由", "Say why, where it is not the ranking's"),
        )
    return chosen


def _require_prices_accepted(
    challenge: Challenge, ranking: list[Ranked], chosen: set[UUID], body: Award
) -> None:
    above = [one for one in ranking if one.bid_id in chosen and one.above_reward]
    if above and not body.accept_above_reward:
        raise Unfit(
            "/accept_above_reward",
            "above_reward",
            Wording(
                "“{name}”报价{price}元，高于榜金{reward}元，请确认后再公示",
                "{name} asks for {price} yuan, more than the reward of {reward} yuan; confirm it",
                {
                    "name": above[0].organization.name,
                    "price": f"{above[0].price_yuan:,}",
                    "reward": f"{challenge.reward_yuan:,}",
                },
            ),
        )


def _is_between(session: Session, challenge: Challenge, bid_id: UUID, contract_id: UUID) -> bool:
    """Whether a contract that is kept here is between whose challenge it is and somebody of that bid."""
    bidders = select(BidMember.organization_id).where(col(BidMember.bid_id) == bid_id)
    found = select(Contract.id).where(
        col(Contract.id) == contract_id,
        col(Contract.seeker_id).in_(owners_of(session, challenge)),
        col(Contract.provider_id).in_(bidders),
    )
    return session.exec(found).first() is not None
