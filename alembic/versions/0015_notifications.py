"""Notifications, subscriptions, webhooks and mail

Revision: 0015, after 0014.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from schemas.posting import TransactionId

revision: str = "0015"
down_revision: str | Sequence[str] | None = "0014"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "webhook",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("old_secret", sa.Text(), nullable=True),
        sa.Column("old_secret_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("kinds", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("off", sa.Text(), nullable=True),
        sa.Column("off_since", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_webhook_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook")),
    )
    op.create_index(op.f("ix_webhook_organization_id"), "webhook", ["organization_id"], unique=False)
    op.create_table(
        "mail_address",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("api_key_id", sa.Uuid(), nullable=True),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("preference", sa.Boolean(), nullable=False),
        sa.Column("frequency", sa.Text(), nullable=False),
        sa.Column("kinds", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("unsubscribed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["api_key_id"], ["api_key.id"], name=op.f("fk_mail_address_api_key_id_api_key")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_mail_address_organization_id_organization"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_address")),
    )
    op.create_index(
        op.f("ix_mail_address_organization_id"), "mail_address", ["organization_id"], unique=False
    )
    op.create_table(
        "mail",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("mail_address_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["mail_address_id"],
            ["mail_address.id"],
            name=op.f("fk_mail_mail_address_id_mail_address"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail")),
    )
    op.create_index(op.f("ix_mail_mail_address_id"), "mail", ["mail_address_id"], unique=False)
    op.create_index("ix_mail_state", "mail", ["state", "id"], unique=False)
    op.create_table(
        "subscription",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("api_key_id", sa.Uuid(), nullable=False),
        sa.Column("whole_organization", sa.Boolean(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("looking_for", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("posting_id", sa.Uuid(), nullable=True),
        sa.Column("min_score", sa.Float(), nullable=True),
        sa.Column("filters", postgresql.JSONB(), nullable=False),
        sa.Column("frequency", sa.Text(), nullable=False),
        sa.Column("channels", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("mail_address_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["api_key_id"], ["api_key.id"], name=op.f("fk_subscription_api_key_id_api_key")
        ),
        sa.ForeignKeyConstraint(
            ["mail_address_id"],
            ["mail_address.id"],
            name=op.f("fk_subscription_mail_address_id_mail_address"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_subscription_organization_id_organization"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscription")),
    )
    op.create_index(op.f("ix_subscription_api_key_id"), "subscription", ["api_key_id"], unique=False)
    op.create_index(op.f("ix_subscription_looking_for"), "subscription", ["looking_for"], unique=False)
    op.create_index(
        op.f("ix_subscription_mail_address_id"), "subscription", ["mail_address_id"], unique=False
    )
    op.create_index(
        op.f("ix_subscription_organization_id"), "subscription", ["organization_id"], unique=False
    )
    op.create_index(op.f("ix_subscription_posting_id"), "subscription", ["posting_id"], unique=False)
    op.create_table(
        "webhook_delivery",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("webhook_id", sa.Uuid(), nullable=False),
        sa.Column("notice_id", sa.Uuid(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["notice_id"],
            ["notice.id"],
            name=op.f("fk_webhook_delivery_notice_id_notice"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["webhook_id"],
            ["webhook.id"],
            name=op.f("fk_webhook_delivery_webhook_id_webhook"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_delivery")),
    )
    op.create_index(
        "ix_webhook_delivery_due",
        "webhook_delivery",
        ["webhook_id", "due_at"],
        unique=False,
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_index(op.f("ix_webhook_delivery_notice_id"), "webhook_delivery", ["notice_id"], unique=False)
    op.create_index("ix_webhook_delivery_state", "webhook_delivery", ["state", "id"], unique=False)
    op.create_index("uq_webhook_delivery_event", "webhook_delivery", ["webhook_id", "event"], unique=True)
    op.create_table(
        "mail_item",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("mail_address_id", sa.Uuid(), nullable=False),
        sa.Column("notice_id", sa.Uuid(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("mail_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["mail_address_id"],
            ["mail_address.id"],
            name=op.f("fk_mail_item_mail_address_id_mail_address"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["mail_id"], ["mail.id"], name=op.f("fk_mail_item_mail_id_mail"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["notice.id"], name=op.f("fk_mail_item_notice_id_notice"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_item")),
    )
    op.create_index(
        "ix_mail_item_due",
        "mail_item",
        ["mail_address_id", "due_at"],
        unique=False,
        postgresql_where=sa.text("mail_id IS NULL"),
    )
    op.create_index(op.f("ix_mail_item_mail_id"), "mail_item", ["mail_id"], unique=False)
    op.create_index("uq_mail_item_event", "mail_item", ["mail_address_id", "event"], unique=True)
    op.create_table(
        "standing_vector",
        sa.Column("subscription_id", sa.Uuid(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("vectors", sa.LargeBinary(), nullable=False),
        sa.Column("terms", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("title_terms", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["subscription_id"],
            ["subscription.id"],
            name=op.f("fk_standing_vector_subscription_id_subscription"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("subscription_id", name=op.f("pk_standing_vector")),
    )
    op.add_column("notice", sa.Column("read_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "notice",
        sa.Column(
            "written_xid", TransactionId(), server_default=sa.text("pg_current_xact_id()"), nullable=False
        ),
    )
    op.create_index("ix_notice_feed", "notice", ["organization_id", "written_xid", "id"], unique=False)
    op.create_index(
        "ix_notice_unread",
        "notice",
        ["organization_id", "id"],
        unique=False,
        postgresql_where=sa.text("read_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_notice_unread", table_name="notice", postgresql_where=sa.text("read_at IS NULL"))
    op.drop_index("ix_notice_feed", table_name="notice")
    op.drop_column("notice", "written_xid")
    op.drop_column("notice", "read_at")
    op.drop_table("standing_vector")
    op.drop_index("uq_mail_item_event", table_name="mail_item")
    op.drop_index(op.f("ix_mail_item_mail_id"), table_name="mail_item")
    op.drop_index("ix_mail_item_due", table_name="mail_item", postgresql_where=sa.text("mail_id IS NULL"))
    op.drop_table("mail_item")
    op.drop_index("uq_webhook_delivery_event", table_name="webhook_delivery")
    op.drop_index("ix_webhook_delivery_state", table_name="webhook_delivery")
    op.drop_index(op.f("ix_webhook_delivery_notice_id"), table_name="webhook_delivery")
    op.drop_index(
        "ix_webhook_delivery_due",
        table_name="webhook_delivery",
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.drop_table("webhook_delivery")
    op.drop_index(op.f("ix_subscription_posting_id"), table_name="subscription")
    op.drop_index(op.f("ix_subscription_organization_id"), table_name="subscription")
    op.drop_index(op.f("ix_subscription_mail_address_id"), table_name="subscription")
    op.drop_index(op.f("ix_subscription_looking_for"), table_name="subscription")
    op.drop_index(op.f("ix_subscription_api_key_id"), table_name="subscription")
    op.drop_table("subscription")
    op.drop_index("ix_mail_state", table_name="mail")
    op.drop_index(op.f("ix_mail_mail_address_id"), table_name="mail")
    op.drop_table("mail")
    op.drop_index(op.f("ix_mail_address_organization_id"), table_name="mail_address")
    op.drop_table("mail_address")
    op.drop_index(op.f("ix_webhook_organization_id"), table_name="webhook")
    op.drop_table("webhook")
