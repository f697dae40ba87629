"""Every table. Importing this registers all of them, so that each finds those that it refers to."""

from schemas.account import ApiKey, Organization
from schemas.audit import AuditEntry
from schemas.bid import Bid, BidDelivery, BidMember, BidStep
from schemas.bid_review import BidReviewer, BidSheet
from schemas.broker import Broker, BrokerEvaluation
from schemas.capability import Capability
from schemas.challenge import Challenge, ChallengeInvitation, ChallengeStep
from schemas.challenge_amendment import ChallengeAmendment
from schemas.contract import Contract, ContractEntry, ContractSignature, ContractVersion
from schemas.embed import Embed, EmbedUse
from schemas.embedding import Embedding, EncoderModel
from schemas.import_run import ImportChunk, ImportRun
from schemas.integrity import IntegrityDeclaration, Veto
from schemas.introduction import Introduction, IntroductionStep
from schemas.introduction_follow_up import IntroductionFollowUp
from schemas.introduction_message import IntroductionMessage
from schemas.introduction_milestone import IntroductionMilestone
from schemas.introduction_nda import IntroductionNda
from schemas.mail import Mail, MailAddress, MailItem
from schemas.match_list import MatchList, NeedOutlook
from schemas.need import Need
from schemas.notice import Notice
from schemas.operation import AnsweredRequest, Installation, WorkerSeen
from schemas.outbox import OutboxMessage
from schemas.outlook_figures import OutlookFigures
from schemas.subscription import StandingVector, Subscription
from schemas.target import Target, TargetValue
from schemas.transfer import TransferLook
from schemas.web_session import WebSession
from schemas.webhook import Webhook, WebhookDelivery

__all__ = [
    "AnsweredRequest",
    "ApiKey",
    "AuditEntry",
    "Bid",
    "BidDelivery",
    "BidMember",
    "BidReviewer",
    "BidSheet",
    "BidStep",
    "Broker",
    "BrokerEvaluation",
    "Capability",
    "Challenge",
    "ChallengeAmendment",
    "ChallengeInvitation",
    "ChallengeStep",
    "Contract",
    "ContractEntry",
    "ContractSignature",
    "ContractVersion",
    "Embed",
    "EmbedUse",
    "Embedding",
    "EncoderModel",
    "ImportChunk",
    "ImportRun",
    "Installation",
    "IntegrityDeclaration",
    "Introduction",
    "IntroductionFollowUp",
    "IntroductionMessage",
    "IntroductionMilestone",
    "IntroductionNda",
    "IntroductionStep",
    "Mail",
    "MailAddress",
    "MailItem",
    "MatchList",
    "Need",
    "NeedOutlook",
    "Notice",
    "Organization",
    "OutboxMessage",
    "OutlookFigures",
    "StandingVector",
    "Subscription",
    "Target",
    "TargetValue",
    "TransferLook",
    "Veto",
    "WebSession",
    "Webhook",
    "WebhookDelivery",
    "WorkerSeen",
]
