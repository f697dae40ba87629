"""First tables

Revision: 0001, after .
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from schemas.posting import TransactionId

# Compatible with the release before it: columns are dropped one release after their last use.
# Locks are waited for briefly (see env.py), and backfills are tasks, not migrations.
revision: str = "0001"
down_revision: str | Sequence[str] | None = None
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "encoder_model",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("dim", sa.Integer(), nullable=False),
        sa.Column("need_mean", sa.LargeBinary(), nullable=False),
        sa.Column("capability_mean", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_encoder_model")),
    )
    op.create_table(
        "installation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_installation")),
    )
    op.create_table(
        "organization",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("affiliation", sa.Text(), nullable=False),
        sa.Column("aid_province", sa.Text(), nullable=True),
        sa.Column("region", sa.Text(), nullable=True),
        sa.Column("credit_code", sa.Text(), nullable=True),
        sa.Column("website", sa.Text(), nullable=True),
        sa.Column("introduction", sa.Text(), nullable=False),
        sa.Column("region_path", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("illustration", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organization")),
        sa.UniqueConstraint("credit_code", name=op.f("uq_organization_credit_code")),
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("urgency", sa.SmallInteger(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_by", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
    )
    op.create_index("ix_outbox_due", "outbox", ["urgency", "id"], unique=False)
    op.create_index(op.f("ix_outbox_subject_id"), "outbox", ["subject_id"], unique=False)
    op.create_table(
        "worker_seen",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_worker_seen")),
    )
    op.create_table(
        "api_key",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("key_hash", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_api_key_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_key")),
        sa.UniqueConstraint("key_hash", name=op.f("uq_api_key_key_hash")),
    )
    op.create_index(op.f("ix_api_key_organization_id"), "api_key", ["organization_id"], unique=False)
    op.create_table(
        "capability",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("contacts", postgresql.JSONB(), nullable=False),
        sa.Column("readings", postgresql.JSONB(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("status_reason", sa.Text(), nullable=False),
        sa.Column("domain_path", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("region_path", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("text_hash", sa.Text(), nullable=False),
        sa.Column("index_status", sa.Text(), nullable=False),
        sa.Column("index_error", sa.Text(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_xid", TransactionId(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("keywords", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("domains", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("cooperation_modes", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("indicators", postgresql.JSONB(), nullable=False),
        sa.Column("maturity", postgresql.JSONB(), nullable=True),
        sa.Column("ip", postgresql.JSONB(), nullable=False),
        sa.Column("region", sa.Text(), nullable=True),
        sa.Column("partner_wish", sa.Text(), nullable=False),
        sa.Column("publicly_funded", sa.Boolean(), nullable=True),
        sa.Column("attachments", postgresql.JSONB(), nullable=False),
        sa.Column("visibility", sa.Text(), nullable=False),
        sa.Column("confidentiality", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("price", postgresql.JSONB(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_capability_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_capability")),
    )
    op.create_index("ix_capability_changed_xid", "capability", ["changed_xid"], unique=False)
    op.create_index(
        "ix_capability_domain_path", "capability", ["domain_path"], unique=False, postgresql_using="gin"
    )
    op.create_index(op.f("ix_capability_organization_id"), "capability", ["organization_id"], unique=False)
    op.create_index(
        "ix_capability_region_path", "capability", ["region_path"], unique=False, postgresql_using="gin"
    )
    op.create_index(op.f("ix_capability_status"), "capability", ["status"], unique=False)
    op.create_index(
        "uq_capability_external_id",
        "capability",
        ["organization_id", "external_id"],
        unique=True,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "embedding",
        sa.Column("posting_id", sa.Uuid(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("text_hash", sa.Text(), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.Column("terms", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("spans", sa.ARRAY(sa.Integer()), nullable=False),
        sa.Column("sentences", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["model"],
            ["encoder_model.name"],
            name=op.f("fk_embedding_model_encoder_model"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("posting_id", "model", name=op.f("pk_embedding")),
    )
    op.create_index("ix_embedding_model_side", "embedding", ["model", "side"], unique=False)
    op.create_table(
        "need",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("contacts", postgresql.JSONB(), nullable=False),
        sa.Column("readings", postgresql.JSONB(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("status_reason", sa.Text(), nullable=False),
        sa.Column("domain_path", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("region_path", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("text_hash", sa.Text(), nullable=False),
        sa.Column("index_status", sa.Text(), nullable=False),
        sa.Column("index_error", sa.Text(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_xid", TransactionId(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("keywords", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("domains", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("cooperation_modes", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("indicators", postgresql.JSONB(), nullable=False),
        sa.Column("maturity", postgresql.JSONB(), nullable=True),
        sa.Column("ip", postgresql.JSONB(), nullable=False),
        sa.Column("region", sa.Text(), nullable=True),
        sa.Column("partner_wish", sa.Text(), nullable=False),
        sa.Column("publicly_funded", sa.Boolean(), nullable=True),
        sa.Column("attachments", postgresql.JSONB(), nullable=False),
        sa.Column("visibility", sa.Text(), nullable=False),
        sa.Column("confidentiality", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("wanted_result", sa.Text(), nullable=False),
        sa.Column("need_type", sa.Text(), nullable=True),
        sa.Column("budget", postgresql.JSONB(), nullable=True),
        sa.Column("deadline", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_need_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_need")),
    )
    op.create_index("ix_need_changed_xid", "need", ["changed_xid"], unique=False)
    op.create_index("ix_need_domain_path", "need", ["domain_path"], unique=False, postgresql_using="gin")
    op.create_index(op.f("ix_need_organization_id"), "need", ["organization_id"], unique=False)
    op.create_index("ix_need_region_path", "need", ["region_path"], unique=False, postgresql_using="gin")
    op.create_index(op.f("ix_need_status"), "need", ["status"], unique=False)
    op.create_index(
        "uq_need_external_id",
        "need",
        ["organization_id", "external_id"],
        unique=True,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "answered_request",
        sa.Column("api_key_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("answer", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["api_key_id"], ["api_key.id"], name=op.f("fk_answered_request_api_key_id_api_key")
        ),
        sa.PrimaryKeyConstraint("api_key_id", "key", name=op.f("pk_answered_request")),
    )
    op.create_index(op.f("ix_answered_request_created_at"), "answered_request", ["created_at"], unique=False)
    op.create_table(
        "import_run",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("api_key_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("publish", sa.Boolean(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("file", sa.LargeBinary(), nullable=True),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("failure", sa.Text(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("accepted", sa.Integer(), nullable=False),
        sa.Column("rejected", sa.Integer(), nullable=False),
        sa.Column("errors", postgresql.JSONB(), nullable=False),
        sa.Column("guesses", postgresql.JSONB(), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["api_key_id"], ["api_key.id"], name=op.f("fk_import_run_api_key_id_api_key")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_import_run_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_run")),
    )
    op.create_index(op.f("ix_import_run_organization_id"), "import_run", ["organization_id"], unique=False)
    # The id of the transaction that wrote a row last: indexes follow the tables by it.
    op.execute(
        """
        CREATE FUNCTION stamp_changed_xid() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN NEW.changed_xid := pg_current_xact_id(); RETURN NEW; END $$
        """
    )
    for table in ("need", "capability"):
        op.execute(
            f"CREATE TRIGGER stamp_changed_xid BEFORE INSERT OR UPDATE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION stamp_changed_xid()"
        )


def downgrade() -> None:
    op.drop_index(op.f("ix_import_run_organization_id"), table_name="import_run")
    op.drop_table("import_run")
    op.drop_index(op.f("ix_answered_request_created_at"), table_name="answered_request")
    op.drop_table("answered_request")
    op.drop_index("uq_need_external_id", table_name="need", postgresql_where=sa.text("deleted_at IS NULL"))
    op.drop_index(op.f("ix_need_status"), table_name="need")
    op.drop_index("ix_need_region_path", table_name="need", postgresql_using="gin")
    op.drop_index(op.f("ix_need_organization_id"), table_name="need")
    op.drop_index("ix_need_domain_path", table_name="need", postgresql_using="gin")
    op.drop_index("ix_need_changed_xid", table_name="need")
    op.drop_table("need")
    op.drop_index("ix_embedding_model_side", table_name="embedding")
    op.drop_table("embedding")
    op.drop_index(
        "uq_capability_external_id", table_name="capability", postgresql_where=sa.text("deleted_at IS NULL")
    )
    op.drop_index(op.f("ix_capability_status"), table_name="capability")
    op.drop_index("ix_capability_region_path", table_name="capability", postgresql_using="gin")
    op.drop_index(op.f("ix_capability_organization_id"), table_name="capability")
    op.drop_index("ix_capability_domain_path", table_name="capability", postgresql_using="gin")
    op.drop_index("ix_capability_changed_xid", table_name="capability")
    op.drop_table("capability")
    op.drop_index(op.f("ix_api_key_organization_id"), table_name="api_key")
    op.drop_table("api_key")
    op.drop_table("worker_seen")
    op.drop_index(op.f("ix_outbox_subject_id"), table_name="outbox")
    op.drop_index("ix_outbox_due", table_name="outbox")
    op.drop_table("outbox")
    op.drop_table("organization")
    op.drop_table("installation")
    op.drop_table("encoder_model")
    op.execute("DROP FUNCTION stamp_changed_xid()")
