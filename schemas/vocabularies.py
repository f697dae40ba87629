"""Every vocabulary, by the name of the field that takes it."""

from schemas.integrity import VetoState
from schemas.introduction import DeclineReason, IntroductionOutcome, IntroductionStage, IntroductionStatus
from schemas.leak import LeakKind
from schemas.notice import NoticeKind
from schemas.personal_data import DataKind, DataPurpose, LegalBasis, Retention, StaysBecause
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
    "leak_kind": LeakKind,
    "veto_state": VetoState,
    "data_kind": DataKind,
    "data_purpose": DataPurpose,
    "legal_basis": LegalBasis,
    "retention": Retention,
    "stays_because": StaysBecause,
}
