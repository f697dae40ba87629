"""Every vocabulary, by the name of the field that takes it."""

from schemas.broker import BrokerEndGround, BrokerLevel, BrokerRating, BrokerStanding, EvaluationStatus
from schemas.introduction import DeclineReason, IntroductionOutcome, IntroductionStage, IntroductionStatus
from schemas.notice import NoticeKind
from schemas.transfer import TransferState
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
from schemas.worklist import ValueFrom, WorkKind

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
    "broker_level": BrokerLevel,
    "broker_standing": BrokerStanding,
    "broker_end_ground": BrokerEndGround,
    "broker_rating": BrokerRating,
    "broker_evaluation_status": EvaluationStatus,
    "work_kind": WorkKind,
    "value_from": ValueFrom,
    "transfer_state": TransferState,
}
