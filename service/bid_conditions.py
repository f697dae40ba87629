"""What an organisation must meet to bid for a challenge, or to take its part in a bid."""

from sqlmodel import Session

from schemas.account import Organization
from schemas.base import Wording
from schemas.challenge import Challenge
from service.auth import Principal
from service.errors import Forbidden, Unfit, WrongState
from service.integrity import require_integrity, veto_in_force


def require_integrity_of_both(session: Session, caller: Principal, challenge: Challenge) -> None:
    """Neither who bids nor who published is barred; of the latter nobody is told why."""
    require_integrity(session, caller.organization_id)
    if veto_in_force(session, challenge.organization_id) is not None:
        raise WrongState(
            Wording("该榜单目前不接受揭榜", "This challenge takes no bids at present"),
            status_now=challenge.status.value,
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


def require_commitment(challenge: Challenge, *, accepted: bool) -> None:
    if challenge.commitment and not accepted:
        raise Unfit(
            "/commitment_accepted",
            "commitment",
            Wording("须接受军令状", "The challenge's commitment must be accepted"),
        )
