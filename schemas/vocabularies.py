"""Every vocabulary, by the name of the field that takes it."""

from schemas.bid import BidStatus, ConsortiumRole, GateDecision, IndicatorOutcome
from schemas.bid_review import RecusalReason
from schemas.broker import BrokerEndGround, BrokerLevel, BrokerRating, BrokerStanding, EvaluationStatus
from schemas.challenge import ChallengeKind, ChallengeMode, ChallengeStatus, IpOwnershipWish, PriceRule
from schemas.challenge_amendment import AmendmentStatus
from schemas.contract import CancelGround, ContractStatus, VersionKind
from schemas.contract_check import EvidenceKind, FindingCode, FindingLevel, RefusalGround
from schemas.contract_terms import (
    ContractType,
    Delivery,
    DevelopmentKind,
    IpOwnership,
    LicenseKind,
    Mastery,
    RightKind,
    RightPassed,
    ServiceKind,
)
from schemas.integrity import VetoState
from schemas.introduction import (
    DeclineReason,
    IntroductionOutcome,
    IntroductionStage,
    IntroductionStatus,
    IntroductionVerb,
)
from schemas.leak import LeakKind
from schemas.mail import Frequency, MailLanguage, MailState
from schemas.notice import NoticeKind
from schemas.personal_data import DataKind, DataPurpose, LegalBasis, StaysBecause
from schemas.retention import Retention, RetentionGround
from schemas.subscription import Channel
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
    Scope,
    Term,
    Visibility,
)
from schemas.webhook import DeliveryProblem, DeliveryState, WebhookOff
from schemas.worklist import ValueFrom, WorkKind

VOCABULARIES: dict[str, type[Term]] = {
    "organization_kind": OrganizationKind,
    "affiliation": Affiliation,
    "aid_province": AidProvince,
    "role": Role,
    "scope": Scope,
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
    "introduction_verb": IntroductionVerb,
    "decline_reason": DeclineReason,
    "notice_kind": NoticeKind,
    "contract_type": ContractType,
    "contract_status": ContractStatus,
    "development_kind": DevelopmentKind,
    "right_kind": RightKind,
    "license_kind": LicenseKind,
    "service_kind": ServiceKind,
    "ip_ownership": IpOwnership,
    "mastery": Mastery,
    "right_passed": RightPassed,
    "delivery": Delivery,
    "version_kind": VersionKind,
    "cancel_ground": CancelGround,
    "refusal_ground": RefusalGround,
    "evidence_kind": EvidenceKind,
    "finding_level": FindingLevel,
    "finding_code": FindingCode,
    "broker_level": BrokerLevel,
    "broker_standing": BrokerStanding,
    "broker_end_ground": BrokerEndGround,
    "broker_rating": BrokerRating,
    "broker_evaluation_status": EvaluationStatus,
    "work_kind": WorkKind,
    "value_from": ValueFrom,
    "leak_kind": LeakKind,
    "veto_state": VetoState,
    "data_kind": DataKind,
    "data_purpose": DataPurpose,
    "legal_basis": LegalBasis,
    "retention": Retention,
    "retention_ground": RetentionGround,
    "stays_because": StaysBecause,
    "transfer_state": TransferState,
    "challenge_status": ChallengeStatus,
    "challenge_kind": ChallengeKind,
    "amendment_status": AmendmentStatus,
    "challenge_mode": ChallengeMode,
    "price_rule": PriceRule,
    "ip_ownership_wish": IpOwnershipWish,
    "bid_status": BidStatus,
    "consortium_role": ConsortiumRole,
    "gate_decision": GateDecision,
    "indicator_outcome": IndicatorOutcome,
    "recusal_reason": RecusalReason,
    "channel": Channel,
    "frequency": Frequency,
    "mail_language": MailLanguage,
    "mail_state": MailState,
    "delivery_state": DeliveryState,
    "delivery_problem": DeliveryProblem,
    "webhook_off": WebhookOff,
}
