"""Suggested bidders from the matcher, telling them, and why nobody came."""

from statistics import median
from uuid import UUID

from sqlalchemy import ARRAY, Text, cast, func
from sqlalchemy.dialects.postgresql import array, insert
from sqlmodel import Session, col, select

from schemas.account import Organization
from schemas.base import LONGEST_PASSAGE
from schemas.bid import NEVER_OPENED, Bid, BidStatus
from schemas.challenge import Challenge, ChallengeInvitation, ChallengeStatus, Invite
from schemas.challenge_advice import (
    FailureAnalysis,
    FailureFinding,
    Invited,
    SuggestedBidder,
    SuggestedBidders,
)
from schemas.match import CapabilityMatch, CapabilityMatches, MatchFilters, MatchRequest
from schemas.need import Need
from schemas.notice import NoticeKind
from schemas.vocabulary import Side
from schemas.wording import Wording
from service.access.principal import Principal
from service.challenges.challenges import access_challenge
from service.challenges.steps import note_step, owners_of
from service.matches.live_index import LiveIndex
from service.matches.matches import match_need, match_text
from service.notices.feed import notify
from service.platform.messages import said
from service.platform.problems import NotThere
from service.postings.access import readable

_MOST = 200
# Whoever bids needs time to find partners and to write; below two weeks most do not.
_SHORT = 14
_FOUND_SOMEBODY = [
    ChallengeStatus.awarded,
    ChallengeStatus.signed,
    ChallengeStatus.working,
    ChallengeStatus.acceptance,
    ChallengeStatus.solved,
]


def suggest_bidders(
    session: Session, caller: Principal, index: LiveIndex, challenge_id: UUID, language: str
) -> SuggestedBidders:
    """By organisation, the best first: who offers what fits, and why."""
    challenge = access_challenge(session, caller, challenge_id, "read suggestions").challenge
    found = _fitting(session, caller, index, challenge, language)
    by_organization: dict[UUID, list[CapabilityMatch]] = {}
    for match in found.items:
        by_organization.setdefault(match.capability.organization.id, []).append(match)
    told = _told(session, challenge)
    eligible = _eligible(session, challenge, set(by_organization))
    owners = owners_of(session, challenge)
    return SuggestedBidders(
        status=found.status,
        note=found.note,
        items=[
            SuggestedBidder(
                organization=matches[0].capability.organization,
                eligible=organization_id in eligible,
                told=organization_id in told,
                score=matches[0].score,
                matches=matches,
            )
            for organization_id, matches in by_organization.items()
            if organization_id not in owners
        ],
    )


def invite(session: Session, caller: Principal, challenge_id: UUID, body: Invite) -> Invited:
    """Tell organisations of an open challenge, each once."""
    challenge = access_challenge(session, caller, challenge_id, "invite").challenge
    wanted = set(body.organization_ids) - owners_of(session, challenge)
    known = set(session.exec(select(Organization.id).where(col(Organization.id).in_(wanted))))
    if known != wanted or not wanted:
        raise NotThere
    new = [one for one in sorted(wanted) if _keep(session, challenge, one)]
    if new:
        notify(session, NoticeKind.challenge_invited, challenge.id, new, status=challenge.status.value)
        note_step(session, caller, challenge, "invite", told=len(new))
    return Invited(told=new, told_before=sorted(wanted - set(new)))


def analyse_failure(
    session: Session, caller: Principal, index: LiveIndex, challenge_id: UUID, language: str
) -> FailureAnalysis:
    """Why a challenge found nobody, as far as the data tell."""
    challenge = access_challenge(session, caller, challenge_id, "read analysis").challenge
    found = _fitting(session, caller, index, challenge, language)
    ready = found.status != "indexing"
    owners = owners_of(session, challenge)
    suitable = [one for one in found.items if one.capability.organization.id not in owners]
    organizations = {one.capability.organization.id for one in suitable}
    counts = _bids(session, challenge)
    opened = sum(count for status, count in counts.items() if status not in NEVER_OPENED)
    analysis = FailureAnalysis(
        suitable=len(suitable) if ready else None,
        suitable_organizations=len(organizations) if ready else None,
        eligible_organizations=len(_eligible(session, challenge, organizations)) if ready else None,
        nearest=suitable[0].score if suitable else found.nearest_miss,
        told=len(_told(session, challenge)),
        bids=opened,
        excluded=counts.get(BidStatus.excluded, 0),
        lapsed=counts.get(BidStatus.lapsed, 0),
        reward_yuan=challenge.public_yuan + challenge.own_yuan,
        usual_reward_yuan=_usual_reward(session, challenge),
        days_open=_days_open(challenge),
        findings=[],
    )
    analysis.findings = _findings(analysis, language)
    return analysis


def _fitting(
    session: Session, caller: Principal, index: LiveIndex, challenge: Challenge, language: str
) -> CapabilityMatches:
    """By the need, where it is indexed and the caller may read it; else by the challenge's own words."""
    need = session.exec(select(Need).where(col(Need.id) == challenge.need_id, readable(Need, caller))).first()
    if need is not None:
        found = match_need(session, caller, index, need, MatchFilters(limit=_MOST), language)
        if found.status != "indexing":
            return found
    text = "\n".join(
        [challenge.title, challenge.goal, *(one.text or one.name for one in challenge.indicators)]
    )[:LONGEST_PASSAGE]
    asked = MatchRequest(text=text, looking_for=Side.capabilities, limit=_MOST)
    answer = match_text(session, caller, index, asked, language, keep=False)
    assert isinstance(answer, CapabilityMatches)
    return answer


def _eligible(session: Session, challenge: Challenge, organization_ids: set[UUID]) -> set[UUID]:
    query = select(Organization.id).where(col(Organization.id).in_(organization_ids))
    if challenge.eligible_kinds:
        query = query.where(col(Organization.kind).in_(challenge.eligible_kinds))
    if challenge.eligible_affiliations:
        query = query.where(col(Organization.affiliation).in_(challenge.eligible_affiliations))
    if challenge.eligible_regions:
        regions = cast(array(challenge.eligible_regions), ARRAY(Text))
        query = query.where(col(Organization.region_path).op("&&")(regions))
    return set(session.exec(query))


def _told(session: Session, challenge: Challenge) -> set[UUID]:
    query = select(ChallengeInvitation.organization_id)
    return set(session.exec(query.where(col(ChallengeInvitation.challenge_id) == challenge.id)))


def _keep(session: Session, challenge: Challenge, organization_id: UUID) -> bool:
    """Whether it is new."""
    invitation = ChallengeInvitation(challenge_id=challenge.id, organization_id=organization_id)
    statement = insert(ChallengeInvitation).values(invitation.model_dump()).on_conflict_do_nothing()
    return session.execute(statement.returning(col(ChallengeInvitation.id))).first() is not None


def _bids(session: Session, challenge: Challenge) -> dict[BidStatus, int]:
    query = select(Bid.status, func.count()).where(col(Bid.challenge_id) == challenge.id)
    return {BidStatus(status): count for status, count in session.exec(query.group_by(col(Bid.status)))}


def _usual_reward(session: Session, challenge: Challenge) -> int | None:
    if not challenge.domain_path:
        return None
    domains = cast(array(challenge.domain_path), ARRAY(Text))
    rewards = session.exec(
        select(Challenge.public_yuan + Challenge.own_yuan).where(
            col(Challenge.domain_path).op("&&")(domains), col(Challenge.status).in_(_FOUND_SOMEBODY)
        )
    ).all()
    return round(median(rewards)) if rewards else None


def _days_open(challenge: Challenge) -> int:
    if challenge.opened_at is None or challenge.deadline is None:
        return 0
    return max((challenge.deadline - challenge.opened_at).days, 0)


def _findings(seen: FailureAnalysis, language: str) -> list[FailureFinding]:
    """Each only where its figure says so."""
    usual = seen.usual_reward_yuan
    rules: list[tuple[bool, str, Wording]] = [
        (
            seen.suitable == 0,
            "no_supply",
            Wording(
                "平台上没有匹配度足够的供给，宜先征集供给或调整指标。",
                "Nothing on offer here fits well enough.",
            ),
        ),
        (
            bool(seen.suitable_organizations) and seen.eligible_organizations == 0,
            "conditions_exclude_all",
            Wording(
                "有合适的单位，但都不符合申报条件，宜放宽条件。",
                "The conditions rule out all who could.",
            ),
        ),
        (
            bool(seen.eligible_organizations) and seen.told == 0,
            "nobody_told",
            Wording("未向任何单位推送，宜邀请推荐的单位。", "Nobody was told of it."),
        ),
        (
            seen.days_open < _SHORT,
            "short",
            Wording("揭榜期不足{days}天。", "It was open for under {days} days.", {"days": _SHORT}),
        ),
        (
            usual is not None and seen.reward_yuan < usual,
            "small_reward",
            Wording(
                "榜金低于同领域有人揭榜的榜单的中位数。",
                "The reward is below the usual.",
            ),
        ),
        (
            seen.lapsed > 0,
            "consortia_incomplete",
            Wording(
                "有联合体未在截止前取得全部成员同意。",
                "Consortia lacked a member's consent.",
            ),
        ),
        (
            seen.bids > 0 and seen.excluded == seen.bids,
            "all_excluded",
            Wording("揭榜方均不符合条件。", "All who bid were ruled out."),
        ),
    ]
    return [FailureFinding(code=code, said=said(words, language)) for holds, code, words in rules if holds]
