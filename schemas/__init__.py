"""Shapes: as posted, as stored, as shown. Importing this registers every table."""

from schemas.account import ApiKey, Organization
from schemas.capability import Capability
from schemas.embedding import Embedding, EncoderModel
from schemas.import_run import ImportRun
from schemas.need import Need
from schemas.operation import AnsweredRequest, Installation, WorkerSeen
from schemas.outbox import OutboxMessage

__all__ = [
    "AnsweredRequest",
    "ApiKey",
    "Capability",
    "Embedding",
    "EncoderModel",
    "ImportRun",
    "Installation",
    "Need",
    "Organization",
    "OutboxMessage",
    "WorkerSeen",
]
