"""Somebody signed in at the portal."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, Text
from sqlmodel import Field

from schemas.base import Row, now


class WebSession(Row, table=True):
    """A browser that may do what a key may, until it signs out, its time is over, or the key is revoked."""

    __tablename__ = "web_session"

    token_hash: str = Field(sa_type=Text, unique=True, description="SHA-256 in hex of what the cookie holds.")
    api_key_id: UUID = Field(foreign_key="api_key.id", index=True, ondelete="CASCADE")
    name: str = Field(default="", sa_type=Text, description="Who it is, as the page's head says.")
    form_token: str = Field(sa_type=Text, description="Every form of the session carries it back.")
    expires_at: datetime = Field(sa_type=DateTime(timezone=True), index=True)
    device: str = Field(default="", sa_type=Text, description="Browser and system, as far as they are known.")
    person: str | None = Field(
        default=None,
        sa_type=Text,
        description="SHA-256 of provider and subject. None: signed in with the key, whoever that was.",
    )
    last_seen_at: datetime = Field(
        default_factory=now, sa_type=DateTime(timezone=True), description="To the minute."
    )
