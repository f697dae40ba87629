"""Every vocabulary, by the name of the field that takes it."""

from schemas.bid import BidStatus, ConsortiumRole, GateDecision, IndicatorOutcome
from schemas.bid_review import RecusalReason
from schemas.challenge import ChallengeKind, ChallengeMode, ChallengeStatus, IpOwnershipWish
from schemas.introduction import DeclineReason, IntroductionOutcome, IntroductionStage, IntroductionStatus
from schemas.notice import NoticeKind
from schemas.vocabulary import (
    Affiliation,
    AidProvince,
    CapabilityKind,
    Confidentiality,
    CooperationMode,
    IndicatorOperator,
    IpStatus,
    IpType,
    MaturityScale,
    MaturityStage,
    Measured,
    NeedType,
    OrganizationKind,
    PostingStatus,
    PricingMethod,
    Role,
    Term,
    Visibility,
)

VOCABULARIES: dict[str, type[Term]] = {
    "organization_kind": OrganizationKind,
    "affiliation": Affiliation,
    "aid_province": AidProvince,
    "role": Role,
    "need_type": NeedType,
    "capability_kind": CapabilityKind,
    "cooperation_mode": CooperationMode,
    "pricing_method": PricingMethod,
    "maturity_scale": MaturityScale,
    "maturity_stage": MaturityStage,
    "ip_type": IpType,
    "ip_status": IpStatus,
    "visibility": Visibility,
    "confidentiality": Confidentiality,
    "posting_status": PostingStatus,
    "indicator_operator": IndicatorOperator,
    "measured": Measured,
    "introduction_status": IntroductionStatus,
    "introduction_stage": IntroductionStage,
    "introduction_outcome": IntroductionOutcome,
    "decline_reason": DeclineReason,
    "notice_kind": NoticeKind,
    "challenge_status": ChallengeStatus,
    "challenge_kind": ChallengeKind,
    "challenge_mode": ChallengeMode,
    "ip_ownership_wish": IpOwnershipWish,
    "bid_status": BidStatus,
    "consortium_role": ConsortiumRole,
    "gate_decision": GateDecision,
    "indicator_outcome": IndicatorOutcome,
    "recusal_reason": RecusalReason,
}
