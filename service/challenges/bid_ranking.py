"""The ranking: computed from the sheets, exactly, with every tie put in order by a rule that is told."""

from fractions import Fraction
from typing import NamedTuple
from uuid import UUID

from sqlmodel import Session

from schemas.bid import Bid
from schemas.bid_review import BidSheet, Ranked
from schemas.challenge import Challenge
from schemas.wording import Wording
from service.access.briefs import briefs_of
from service.challenges.bid_eligibility import exceeds_reward


class _Standing(NamedTuple):
    bid: Bid
    means: list[Fraction]
    score: Fraction


def tie_rule(challenge: Challenge) -> Wording:
    """How bids with the same score are put in order, in words."""
    names = [challenge.criteria[place].name for place in _by_weight(challenge)]
    return Wording(
        "总分相同时，依次比较各项平均分（{names}），再比较报价（低者优先），最后比较提交时间（早者优先）。",
        "Where scores are the same, what counts next is the mean for each criterion ({names}), then the lower price, "
        "then who handed in first.",
        {"names": "、".join(names)},
    )


def total_of(challenge: Challenge, scores: list[int]) -> float:
    return float(_weighted(challenge, [Fraction(one) for one in scores]))


def ranking_of(
    session: Session, challenge: Challenge, bids: list[Bid], sheets: list[BidSheet]
) -> list[Ranked]:
    """Best first. Each bid has a sheet of the same reviewers."""
    standings = [_standing(challenge, bid, [one for one in sheets if one.bid_id == bid.id]) for bid in bids]
    keys = {one.bid.id: _key(challenge, one) for one in standings}
    standings.sort(key=lambda one: [value for _, value in keys[one.bid.id]])
    briefs = briefs_of(session, [bid.organization_id for bid in bids])
    return [
        Ranked(
            place=place,
            bid_id=one.bid.id,
            organization=briefs[one.bid.organization_id],
            score=round(float(one.score), 2),
            by_criterion=[round(float(mean), 2) for mean in one.means],
            price_yuan=one.bid.content.price_yuan,
            above_reward=exceeds_reward(challenge, one.bid.content.price_yuan),
            decided_by=_decided_by(keys, standings[place - 2].bid.id, one.bid.id) if place > 1 else None,
        )
        for place, one in enumerate(standings, 1)
    ]


def _standing(challenge: Challenge, bid: Bid, sheets: list[BidSheet]) -> _Standing:
    means = [
        Fraction(sum(sheet.scores[place] for sheet in sheets), len(sheets))
        for place in range(len(challenge.criteria))
    ]
    return _Standing(bid, means, _weighted(challenge, means))


def _weighted(challenge: Challenge, scores: list[Fraction]) -> Fraction:
    return (
        sum(
            (score * criterion.weight for score, criterion in zip(scores, challenge.criteria, strict=True)),
            Fraction(),
        )
        / 100
    )


def _by_weight(challenge: Challenge) -> list[int]:
    """The places of the criteria, the weightiest first."""
    return sorted(range(len(challenge.criteria)), key=lambda place: -challenge.criteria[place].weight)


def _key(challenge: Challenge, one: _Standing) -> list[tuple[str, Fraction]]:
    """What is compared, one after another, each by its name; less is better."""
    return [
        ("score", -one.score),
        *((challenge.criteria[place].name, -one.means[place]) for place in _by_weight(challenge)),
        ("price", Fraction(one.bid.content.price_yuan)),
        ("handed_in_at", Fraction(one.bid.handed_in_at.timestamp())),
        # No two of these are the same.
        ("id", Fraction(one.bid.id.int)),
    ]


def _decided_by(keys: dict[UUID, list[tuple[str, Fraction]]], before: UUID, after: UUID) -> str | None:
    """What put one behind the other, where it was not the score."""
    for (name, first), (_, second) in zip(keys[before], keys[after], strict=True):
        if first != second:
            return None if name == "score" else name
    return None
