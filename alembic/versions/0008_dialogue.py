"""What two sides do once they talk

Revision: 0008, after 0007.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0008"
down_revision: str | Sequence[str] | None = "0007"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "introduction_follow_up",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("introduction_id", sa.Uuid(), nullable=False),
        sa.Column("months", sa.SmallInteger(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("money", sa.BigInteger(), nullable=True),
        sa.Column("jobs", sa.Integer(), nullable=True),
        sa.Column("patents", sa.Integer(), nullable=True),
        sa.Column("area_mu", sa.Integer(), nullable=True),
        sa.Column("next_contract", sa.Boolean(), nullable=True),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["introduction_id"],
            ["introduction.id"],
            name=op.f("fk_introduction_follow_up_introduction_id_introduction"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_introduction_follow_up_organization_id_organization"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_introduction_follow_up")),
        sa.UniqueConstraint(
            "introduction_id",
            "months",
            "organization_id",
            name=op.f("uq_introduction_follow_up_introduction_id_months_organization_id"),
        ),
    )
    op.create_table(
        "introduction_message",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("introduction_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("api_key_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("documents", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["introduction_id"],
            ["introduction.id"],
            name=op.f("fk_introduction_message_introduction_id_introduction"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_introduction_message_organization_id_organization"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_introduction_message")),
    )
    op.create_index(
        op.f("ix_introduction_message_introduction_id"),
        "introduction_message",
        ["introduction_id"],
        unique=False,
    )
    op.create_table(
        "introduction_milestone",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("introduction_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("due", sa.Date(), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_by", sa.Uuid(), nullable=True),
        sa.Column("done_with", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["done_by"], ["organization.id"], name=op.f("fk_introduction_milestone_done_by_organization")
        ),
        sa.ForeignKeyConstraint(
            ["introduction_id"],
            ["introduction.id"],
            name=op.f("fk_introduction_milestone_introduction_id_introduction"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_introduction_milestone")),
    )
    op.create_index(
        op.f("ix_introduction_milestone_introduction_id"),
        "introduction_milestone",
        ["introduction_id"],
        unique=False,
    )
    op.create_table(
        "introduction_nda",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("introduction_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("text_hash", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("seeker_signer", sa.Text(), nullable=True),
        sa.Column("seeker_signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seeker_signed_with", sa.Uuid(), nullable=True),
        sa.Column("provider_signer", sa.Text(), nullable=True),
        sa.Column("provider_signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("provider_signed_with", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["asked_by"], ["organization.id"], name=op.f("fk_introduction_nda_asked_by_organization")
        ),
        sa.ForeignKeyConstraint(
            ["introduction_id"],
            ["introduction.id"],
            name=op.f("fk_introduction_nda_introduction_id_introduction"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_introduction_nda")),
        sa.UniqueConstraint(
            "introduction_id", "version", name=op.f("uq_introduction_nda_introduction_id_version")
        ),
    )
    op.add_column("capability", sa.Column("confidential_detail", sa.Text(), nullable=True))
    op.add_column("introduction", sa.Column("stall_told_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "introduction", sa.Column("follow_up_told", sa.SmallInteger(), server_default="0", nullable=False)
    )
    op.add_column("need", sa.Column("confidential_detail", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("need", "confidential_detail")
    op.drop_column("introduction", "follow_up_told")
    op.drop_column("introduction", "stall_told_at")
    op.drop_column("capability", "confidential_detail")
    op.drop_table("introduction_nda")
    op.drop_index(op.f("ix_introduction_milestone_introduction_id"), table_name="introduction_milestone")
    op.drop_table("introduction_milestone")
    op.drop_index(op.f("ix_introduction_message_introduction_id"), table_name="introduction_message")
    op.drop_table("introduction_message")
    op.drop_table("introduction_follow_up")
