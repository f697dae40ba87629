"""Brokers, their evaluations, and the days by which results are to be transferred

Revision: 0011, after 0009.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0011"
down_revision: str | Sequence[str] | None = "0009"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "broker",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("level", sa.Text(), nullable=True),
        sa.Column("domains", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("certificate", sa.Text(), nullable=True),
        sa.Column("standing", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_for", sa.Text(), nullable=True),
        sa.Column("ended_year", sa.Integer(), nullable=True),
        sa.Column("standing_reason", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_broker_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_broker")),
        sa.UniqueConstraint("organization_id", name=op.f("uq_broker_organization_id")),
    )
    op.create_table(
        "broker_evaluation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("broker_id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("figures", postgresql.JSONB(), nullable=False),
        sa.Column("thresholds", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("computed", sa.Text(), nullable=False),
        sa.Column("rating", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["broker_id"], ["broker.id"], name=op.f("fk_broker_evaluation_broker_id_broker")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_broker_evaluation")),
        sa.UniqueConstraint("broker_id", "year", name=op.f("uq_broker_evaluation_broker_id_year")),
    )
    op.add_column(
        "need_outlook",
        sa.Column("scores", sa.ARRAY(sa.Float()), server_default=sa.text("'{}'"), nullable=False),
    )

    op.add_column("capability", sa.Column("transfer_by", sa.Date(), nullable=True))
    op.add_column("capability", sa.Column("transfer_due", sa.Date(), nullable=True))
    op.add_column(
        "capability",
        sa.Column("transfer_assumed", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
    op.create_index(op.f("ix_capability_transfer_due"), "capability", ["transfer_due"], unique=False)
    op.create_table(
        "transfer_look",
        sa.Column("capability_id", sa.Uuid(), nullable=False),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("best", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("scores", sa.ARRAY(sa.Float()), nullable=False),
        sa.ForeignKeyConstraint(
            ["capability_id"],
            ["capability.id"],
            name=op.f("fk_transfer_look_capability_id_capability"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("capability_id", name=op.f("pk_transfer_look")),
    )


def downgrade() -> None:
    op.drop_table("transfer_look")
    op.drop_index(op.f("ix_capability_transfer_due"), table_name="capability")
    op.drop_column("capability", "transfer_assumed")
    op.drop_column("capability", "transfer_due")
    op.drop_column("capability", "transfer_by")
    op.drop_column("need_outlook", "scores")
    op.drop_table("broker_evaluation")
    op.drop_table("broker")
