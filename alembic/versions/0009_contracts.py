"""Contracts

Revision: 0009, after 0008.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0009"
down_revision: str | Sequence[str] | None = "0008"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "contract",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("introduction_id", sa.Uuid(), nullable=True),
        sa.Column("seeker_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("broker_id", sa.Uuid(), nullable=True),
        sa.Column("entered_by", sa.Uuid(), nullable=False),
        sa.Column("elsewhere", sa.Boolean(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("status_before", sa.Text(), nullable=True),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("signed_version", sa.Integer(), nullable=True),
        sa.Column("signed_on", sa.Date(), nullable=True),
        sa.Column("registered_version", sa.Integer(), nullable=True),
        sa.Column("registration_number", sa.Text(), nullable=True),
        sa.Column("registered_on", sa.Date(), nullable=True),
        sa.Column("rule_version", sa.Text(), nullable=True),
        sa.Column("received_on", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("due_estimated", sa.Boolean(), nullable=False),
        sa.Column("findings", postgresql.JSONB(), nullable=True),
        sa.Column("refusal", sa.Text(), nullable=True),
        sa.Column("refusal_remark", sa.Text(), nullable=False),
        sa.Column("cancel_ground", sa.Text(), nullable=True),
        sa.Column("fulfilled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["broker_id"], ["organization.id"], name=op.f("fk_contract_broker_id_organization")
        ),
        sa.ForeignKeyConstraint(
            ["entered_by"], ["organization.id"], name=op.f("fk_contract_entered_by_organization")
        ),
        sa.ForeignKeyConstraint(
            ["introduction_id"], ["introduction.id"], name=op.f("fk_contract_introduction_id_introduction")
        ),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["organization.id"], name=op.f("fk_contract_provider_id_organization")
        ),
        sa.ForeignKeyConstraint(
            ["seeker_id"], ["organization.id"], name=op.f("fk_contract_seeker_id_organization")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract")),
        sa.UniqueConstraint("registration_number", name=op.f("uq_contract_registration_number")),
    )
    op.create_index(op.f("ix_contract_broker_id"), "contract", ["broker_id"], unique=False)
    op.create_index(op.f("ix_contract_introduction_id"), "contract", ["introduction_id"], unique=False)
    op.create_index(op.f("ix_contract_provider_id"), "contract", ["provider_id"], unique=False)
    op.create_index(op.f("ix_contract_seeker_id"), "contract", ["seeker_id"], unique=False)
    op.create_index("ix_contract_status", "contract", ["status", "due_on"], unique=False)
    op.create_index(
        "uq_contract_open_introduction",
        "contract",
        ["introduction_id"],
        unique=True,
        postgresql_where=sa.text("status NOT IN ('fulfilled', 'cancelled')"),
    )
    op.create_table(
        "contract_entry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("contract_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("contracts", sa.Integer(), nullable=False),
        sa.Column("turnover", sa.BigInteger(), nullable=False),
        sa.Column("technology_value", sa.BigInteger(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("rule_version", sa.Text(), nullable=False),
        sa.Column("domains", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("seeker_affiliation", sa.Text(), nullable=False),
        sa.Column("provider_affiliation", sa.Text(), nullable=False),
        sa.Column("reverses", sa.Uuid(), nullable=True),
        sa.Column("reversed_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["contract.id"], name=op.f("fk_contract_entry_contract_id_contract")
        ),
        sa.ForeignKeyConstraint(
            ["reverses"], ["contract_entry.id"], name=op.f("fk_contract_entry_reverses_contract_entry")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_entry")),
        sa.UniqueConstraint("reverses", name=op.f("uq_contract_entry_reverses")),
    )
    op.create_index(op.f("ix_contract_entry_booked_on"), "contract_entry", ["booked_on"], unique=False)
    op.create_index(op.f("ix_contract_entry_contract_id"), "contract_entry", ["contract_id"], unique=False)
    op.create_index(
        "uq_contract_entry_counting",
        "contract_entry",
        ["contract_id"],
        unique=True,
        postgresql_where=sa.text("reverses IS NULL AND reversed_on IS NULL"),
    )
    op.create_table(
        "contract_signature",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("contract_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("api_key_id", sa.Uuid(), nullable=False),
        sa.Column("signer", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contract_id"],
            ["contract.id"],
            name=op.f("fk_contract_signature_contract_id_contract"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_contract_signature_organization_id_organization"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_signature")),
        sa.UniqueConstraint(
            "contract_id",
            "number",
            "organization_id",
            name=op.f("uq_contract_signature_contract_id_number_organization_id"),
        ),
    )
    op.create_table(
        "contract_version",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("contract_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("written_by", sa.Uuid(), nullable=False),
        sa.Column("written_with", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contract_id"],
            ["contract.id"],
            name=op.f("fk_contract_version_contract_id_contract"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["written_by"], ["organization.id"], name=op.f("fk_contract_version_written_by_organization")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_version")),
        sa.UniqueConstraint("contract_id", "number", name=op.f("uq_contract_version_contract_id_number")),
    )


def downgrade() -> None:
    op.drop_table("contract_version")
    op.drop_table("contract_signature")
    op.drop_index(
        "uq_contract_entry_counting",
        table_name="contract_entry",
        postgresql_where=sa.text("reverses IS NULL AND reversed_on IS NULL"),
    )
    op.drop_index(op.f("ix_contract_entry_contract_id"), table_name="contract_entry")
    op.drop_index(op.f("ix_contract_entry_booked_on"), table_name="contract_entry")
    op.drop_table("contract_entry")
    op.drop_index(
        "uq_contract_open_introduction",
        table_name="contract",
        postgresql_where=sa.text("status NOT IN ('fulfilled', 'cancelled')"),
    )
    op.drop_index("ix_contract_status", table_name="contract")
    op.drop_index(op.f("ix_contract_seeker_id"), table_name="contract")
    op.drop_index(op.f("ix_contract_provider_id"), table_name="contract")
    op.drop_index(op.f("ix_contract_introduction_id"), table_name="contract")
    op.drop_index(op.f("ix_contract_broker_id"), table_name="contract")
    op.drop_table("contract")
