"""What an index is made of: a posting's vectors and terms, and the model that made them."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ARRAY, DateTime, Index, Integer, LargeBinary, Text
from sqlmodel import Field, SQLModel

from schemas.base import choice, now
from schemas.vocabulary import Side


class ModelState(StrEnum):
    building = "building"
    serving = "serving"
    #: Served before the one that serves now, and kept, with its vectors, as the way back.
    retired = "retired"


class EncoderModel(SQLModel, table=True):
    """A model that postings are encoded with. At most one of each state: the rows are what has been chosen."""

    __tablename__ = "encoder_model"

    name: str = Field(sa_type=Text, primary_key=True, description="Fingerprint; changes with the weights.")
    source: str = Field(sa_type=Text, description="What DUIJIE_MODEL said: where to load it from.")
    dim: int
    need_mean: bytes = Field(
        sa_type=LargeBinary, description="float32, (dim,): taken off every need's vector."
    )
    capability_mean: bytes = Field(
        sa_type=LargeBinary, description="float32, (dim,): off every capability's."
    )
    state: ModelState = Field(sa_type=choice(ModelState))
    created_at: datetime = Field(default_factory=now, sa_type=DateTime(timezone=True))


class Embedding(SQLModel, table=True):
    """One posting under one model."""

    __table_args__ = (Index("ix_embedding_model_side", "model", "side"),)

    posting_id: UUID = Field(primary_key=True)
    model: str = Field(sa_type=Text, primary_key=True, foreign_key="encoder_model.name", ondelete="CASCADE")
    side: Side = Field(sa_type=choice(Side))
    text_hash: str = Field(sa_type=Text, description="Of the words that were encoded.")
    vectors: bytes = Field(
        sa_type=LargeBinary, description="float16, (passages, dim), mean taken off, unit length."
    )
    wish: bytes | None = Field(
        default=None,
        sa_type=LargeBinary,
        description="float16, (dim,), likewise: what it wishes of the other side.",
    )
    terms: list[str] = Field(sa_type=ARRAY(Text), description="Words for the lexical side, with repeats.")
    title_terms: int = Field(description="How many of the first words are the title's.")
    spans: list[int] = Field(
        sa_type=ARRAY(Integer), description="Start and end of each sentence, flattened, in the encoded text."
    )
    sentences: bytes = Field(sa_type=LargeBinary, description="float16, (len(spans) / 2, dim), likewise.")
