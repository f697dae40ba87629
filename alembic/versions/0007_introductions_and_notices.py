"""Introductions and notices

Revision: 0007, after 0006.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0007"
down_revision: str | Sequence[str] | None = "0006"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "introduction",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("need_id", sa.Uuid(), nullable=False),
        sa.Column("capability_id", sa.Uuid(), nullable=False),
        sa.Column("seeker_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_with", sa.Uuid(), nullable=False),
        sa.Column("broker_id", sa.Uuid(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=True),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("seeker_contacts", sa.Text(), nullable=False),
        sa.Column("provider_contacts", sa.Text(), nullable=False),
        sa.Column("score", sa.Float(), nullable=True),
        sa.Column("human_score", sa.Float(), nullable=True),
        sa.Column("shown", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("decline_reason", sa.Text(), nullable=True),
        sa.Column("decline_remark", sa.Text(), nullable=False),
        sa.Column("declined_by", sa.Uuid(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("outcome_reason", sa.Text(), nullable=True),
        sa.Column("outcome_remark", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["asked_by"], ["organization.id"], name=op.f("fk_introduction_asked_by_organization")
        ),
        sa.ForeignKeyConstraint(
            ["broker_id"], ["organization.id"], name=op.f("fk_introduction_broker_id_organization")
        ),
        sa.ForeignKeyConstraint(
            ["capability_id"], ["capability.id"], name=op.f("fk_introduction_capability_id_capability")
        ),
        sa.ForeignKeyConstraint(
            ["declined_by"], ["organization.id"], name=op.f("fk_introduction_declined_by_organization")
        ),
        sa.ForeignKeyConstraint(["need_id"], ["need.id"], name=op.f("fk_introduction_need_id_need")),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["organization.id"], name=op.f("fk_introduction_provider_id_organization")
        ),
        sa.ForeignKeyConstraint(
            ["seeker_id"], ["organization.id"], name=op.f("fk_introduction_seeker_id_organization")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_introduction")),
    )
    op.create_index(op.f("ix_introduction_broker_id"), "introduction", ["broker_id"], unique=False)
    op.create_index(op.f("ix_introduction_capability_id"), "introduction", ["capability_id"], unique=False)
    op.create_index(op.f("ix_introduction_need_id"), "introduction", ["need_id"], unique=False)
    op.create_index(op.f("ix_introduction_provider_id"), "introduction", ["provider_id"], unique=False)
    op.create_index(op.f("ix_introduction_seeker_id"), "introduction", ["seeker_id"], unique=False)
    op.create_index("ix_introduction_status", "introduction", ["status", "moved_at"], unique=False)
    op.create_index(
        "uq_introduction_open_pair",
        "introduction",
        ["need_id", "capability_id"],
        unique=True,
        postgresql_where=sa.text(
            "status IN ('proposed', 'awaiting_provider', 'awaiting_seeker', 'accepted')"
        ),
    )
    op.create_table(
        "notice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("api_key_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("detail", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("once", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["api_key_id"], ["api_key.id"], name=op.f("fk_notice_api_key_id_api_key")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_notice_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
    )
    op.create_index(op.f("ix_notice_organization_id"), "notice", ["organization_id"], unique=False)
    op.create_index(
        "uq_notice_once",
        "notice",
        ["organization_id", "api_key_id", "once"],
        unique=True,
        postgresql_where=sa.text("once IS NOT NULL"),
        postgresql_nulls_not_distinct=True,
    )
    op.create_table(
        "introduction_step",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("introduction_id", sa.Uuid(), nullable=False),
        sa.Column("verb", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["introduction_id"],
            ["introduction.id"],
            name=op.f("fk_introduction_step_introduction_id_introduction"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_introduction_step")),
    )
    op.create_index(
        op.f("ix_introduction_step_introduction_id"), "introduction_step", ["introduction_id"], unique=False
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_introduction_step_introduction_id"), table_name="introduction_step")
    op.drop_table("introduction_step")
    op.drop_index(
        "uq_notice_once",
        table_name="notice",
        postgresql_where=sa.text("once IS NOT NULL"),
        postgresql_nulls_not_distinct=True,
    )
    op.drop_index(op.f("ix_notice_organization_id"), table_name="notice")
    op.drop_table("notice")
    op.drop_index(
        "uq_introduction_open_pair",
        table_name="introduction",
        postgresql_where=sa.text(
            "status IN ('proposed', 'awaiting_provider', 'awaiting_seeker', 'accepted')"
        ),
    )
    op.drop_index("ix_introduction_status", table_name="introduction")
    op.drop_index(op.f("ix_introduction_seeker_id"), table_name="introduction")
    op.drop_index(op.f("ix_introduction_provider_id"), table_name="introduction")
    op.drop_index(op.f("ix_introduction_need_id"), table_name="introduction")
    op.drop_index(op.f("ix_introduction_capability_id"), table_name="introduction")
    op.drop_index(op.f("ix_introduction_broker_id"), table_name="introduction")
    op.drop_table("introduction")
