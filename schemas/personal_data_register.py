"""The register of personal data (个人信息保护法 §55): what is kept, what for, on which ground, and how long.

Every sealed column has a line here; a test holds the two together. A new one takes its words from
``schemas/personal_data.py``, its time from ``schemas/retention.py``.
"""

from dataclasses import dataclass

from schemas.personal_data import DataKind, DataPurpose, LegalBasis, StaysBecause
from schemas.retention import Retention


@dataclass(frozen=True)
class Holding:
    """A sealed column. ``owner`` leads from its row to the organisation whose people it is about, key by key."""

    column: str
    kind: DataKind
    purpose: DataPurpose
    basis: LegalBasis
    kept: Retention
    owner: str
    #: Why an erasure leaves it, or some rows of it (see ``service/trust/exceptions.py``); None: it does not.
    stays: StaysBecause | None = None
    #: Nothing is left of a row without it: an erasure deletes the row.
    whole: bool = False


def _held(
    columns: str,
    kind: DataKind,
    purpose: DataPurpose,
    basis: LegalBasis,
    kept: Retention,
    owner: str,
    stays: StaysBecause | None = None,
) -> tuple[Holding, ...]:
    """Several that are alike."""
    return tuple(Holding(column, kind, purpose, basis, kept, owner, stays) for column in columns.split())


_ANSWERED = "api_key_id.organization_id"

REGISTER: tuple[Holding, ...] = (
    *(
        Holding(
            f"{table}.contacts",
            DataKind.contacts,
            DataPurpose.docking,
            LegalBasis.consent,
            Retention.posting,
            "organization_id",
        )
        for table in ("need", "capability")
    ),
    *(
        Holding(
            f"{table}.readings",
            DataKind.wording,
            DataPurpose.checking,
            LegalBasis.consent,
            Retention.posting,
            "organization_id",
        )
        for table in ("need", "capability")
    ),
    *(
        Holding(
            f"introduction.{side}_contacts",
            DataKind.contacts,
            DataPurpose.docking,
            LegalBasis.consent,
            Retention.introduction,
            f"{side}_id",
        )
        for side in ("seeker", "provider")
    ),
    Holding(
        "introduction.message",
        DataKind.message,
        DataPurpose.docking,
        LegalBasis.consent,
        Retention.introduction,
        "asked_by",
    ),
    Holding(
        "introduction.decline_remark",
        DataKind.remark,
        DataPurpose.mediating,
        LegalBasis.contract,
        Retention.introduction,
        "declined_by",
    ),
    Holding(
        "introduction.outcome_remark",
        DataKind.remark,
        DataPurpose.mediating,
        LegalBasis.contract,
        Retention.introduction,
        "seeker_id",
    ),
    Holding(
        "answered_request.answer",
        DataKind.answer,
        DataPurpose.answering,
        LegalBasis.contract,
        Retention.answer,
        _ANSWERED,
    ),
    Holding(
        "import_run.guesses",
        DataKind.wording,
        DataPurpose.checking,
        LegalBasis.consent,
        Retention.imported,
        "organization_id",
    ),
    Holding(
        "import_chunk.content",
        DataKind.file,
        DataPurpose.importing,
        LegalBasis.consent,
        Retention.running,
        "run_id.organization_id",
        StaysBecause.importing,
    ),
    *(
        Holding(
            f"veto.{column}",
            DataKind.decision,
            DataPurpose.integrity,
            LegalBasis.duty,
            Retention.lasting,
            "organization_id",
            StaysBecause.integrity,
        )
        for column in ("reason", "decided_by", "lift_reason")
    ),
    *_held(
        "need.confidential_detail capability.confidential_detail",
        DataKind.detail,
        DataPurpose.docking,
        LegalBasis.contract,
        Retention.posting,
        "organization_id",
    ),
    *_held(
        "introduction_message.text introduction_message.documents",
        DataKind.message,
        DataPurpose.docking,
        LegalBasis.contract,
        Retention.introduction,
        "organization_id",
    ),
    *_held(
        "introduction_milestone.title",
        DataKind.wording,
        DataPurpose.docking,
        LegalBasis.contract,
        Retention.introduction,
        # Both sides write them together; whose words they are is not kept.
        "introduction_id.seeker_id",
    ),
    *_held(
        "introduction_follow_up.remark",
        DataKind.remark,
        DataPurpose.mediating,
        LegalBasis.contract,
        Retention.follow_up,
        "organization_id",
    ),
    *(
        Holding(
            f"introduction_nda.{column}",
            DataKind.agreement,
            DataPurpose.protecting,
            LegalBasis.contract,
            Retention.secrecy,
            owner,
            StaysBecause.nda,
        )
        for column, owner in (
            ("text", "asked_by"),
            ("seeker_signer", "introduction_id.seeker_id"),
            ("provider_signer", "introduction_id.provider_id"),
        )
    ),
    *(
        Holding(
            column,
            DataKind.technology_contract,
            DataPurpose.contracting,
            LegalBasis.contract,
            Retention.contract,
            owner,
            StaysBecause.contract,
        )
        for column, owner in (
            ("contract.refusal_remark", "provider_id"),
            ("contract_version.content", "written_by"),
            ("contract_signature.signer", "organization_id"),
        )
    ),
    *_held(
        "bid.content bid.nonce bid_member.task",
        DataKind.bid,
        DataPurpose.tendering,
        LegalBasis.contract,
        Retention.tender,
        "organization_id",
        StaysBecause.sealed_bid,
    ),
    *_held(
        "bid_delivery.report",
        DataKind.bid,
        DataPurpose.tendering,
        LegalBasis.contract,
        Retention.tender,
        "bid_id.organization_id",
    ),
    *_held(
        "bid_delivery.decision_reason",
        DataKind.opinion,
        DataPurpose.tendering,
        LegalBasis.contract,
        Retention.tender,
        "bid_id.challenge_id.organization_id",
    ),
    *_held(
        "bid_sheet.remark",
        DataKind.opinion,
        DataPurpose.tendering,
        LegalBasis.contract,
        Retention.tender,
        "reviewer_id.organization_id",
    ),
    *_held(
        "broker.certificate",
        DataKind.certificate,
        DataPurpose.brokering,
        LegalBasis.contract,
        Retention.registered,
        "organization_id",
    ),
    *_held(
        "broker.standing_reason",
        DataKind.evaluation,
        DataPurpose.brokering,
        LegalBasis.contract,
        Retention.registered,
        "organization_id",
    ),
    *_held(
        "broker_evaluation.reason broker_evaluation.answer",
        DataKind.evaluation,
        DataPurpose.brokering,
        LegalBasis.contract,
        Retention.evaluated,
        "broker_id.organization_id",
    ),
    Holding(
        "mail_address.address",
        DataKind.address,
        DataPurpose.telling,
        LegalBasis.consent,
        Retention.addressed,
        "organization_id",
        whole=True,
    ),
    *_held(
        "webhook.url webhook.secret",
        DataKind.webhook,
        DataPurpose.telling,
        LegalBasis.contract,
        Retention.configured,
        "organization_id",
        StaysBecause.configured,
    ),
    *_held(
        "webhook.old_secret",
        DataKind.webhook,
        DataPurpose.telling,
        LegalBasis.contract,
        Retention.replaced,
        "organization_id",
        StaysBecause.configured,
    ),
)
