"""What an organisation must meet to bid for a challenge, to take its part in a bid, or to win."""

from collections.abc import Collection
from uuid import UUID

from sqlmodel import Session, col, select

from schemas.account import Organization
from schemas.bid import BidMember
from schemas.challenge import Challenge, PriceRule
from schemas.wording import Wording
from service.access.integrity import Vetoed, barred, require_integrity, veto_in_force
from service.access.principal import Principal
from service.platform.problems import Forbidden, Unfit, WrongState


def require_integrity_of_both(session: Session, caller: Principal, challenge: Challenge) -> None:
    """Refuse if bidder or publisher is barred; the publisher's reason is not disclosed."""
    require_integrity(session, caller.organization_id)
    if veto_in_force(session, challenge.organization_id) is not None:
        raise WrongState(
            Wording("该榜单目前不接受揭榜", "This challenge takes no bids at present"),
            status_now=challenge.status.value,
        )


def require_nobody_barred(session: Session, challenge: Challenge, winners: Collection[UUID]) -> None:
    """Neither the publisher nor anybody in these bids is barred by now, their consortiums' members included.

    Raises ``Vetoed`` for the publisher; ``WrongState`` with ``bid_ids`` for those that cannot be chosen. Why, nobody
    is told: operators find it in the veto list.
    """
    if veto_in_force(session, challenge.organization_id) is not None:
        raise Vetoed
    caught = session.exec(
        select(BidMember.bid_id)
        .where(col(BidMember.bid_id).in_(winners), barred(col(BidMember.organization_id)))
        .distinct()
    ).all()
    if caught:
        raise WrongState(
            Wording(
                "有揭榜方目前不能中榜，请与平台管理方联系",
                "A bid among them cannot be chosen at present; ask an operator",
            ),
            status_now=challenge.status.value,
            bid_ids=sorted(str(one) for one in caught),
        )


def require_eligible(session: Session, caller: Principal, challenge: Challenge) -> None:
    bidder = session.get_one(Organization, caller.organization_id)
    regions = challenge.eligible_regions
    if (
        (challenge.eligible_kinds and bidder.kind not in challenge.eligible_kinds)
        or (challenge.eligible_affiliations and bidder.affiliation not in challenge.eligible_affiliations)
        or (regions and not set(regions) & set(bidder.region_path))
    ):
        raise Forbidden(
            Wording("本单位不符合榜单的申报条件", "Your organisation is not eligible for this challenge")
        )


def exceeds_reward(challenge: Challenge, price_yuan: int) -> bool:
    return price_yuan > challenge.reward_yuan


def require_price(challenge: Challenge, price_yuan: int) -> None:
    """The challenge's own rule decides whether a bid may ask for more than its reward."""
    if challenge.price_rule is PriceRule.refuse and exceeds_reward(challenge, price_yuan):
        raise Unfit(
            "/price_yuan",
            "above_reward",
            Wording(
                "报价不得高于榜金{reward}元",
                "The price must not exceed the reward of {reward} yuan",
                {"reward": f"{challenge.reward_yuan:,}"},
            ),
        )


def require_commitment(challenge: Challenge, *, accepted: bool) -> None:
    if challenge.commitment and not accepted:
        raise Unfit(
            "/commitment_accepted",
            "commitment",
            Wording("须接受军令状", "The challenge's commitment must be accepted"),
        )
