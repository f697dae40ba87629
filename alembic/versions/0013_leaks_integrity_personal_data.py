"""Leaks, integrity, and when personal data was forgotten

Revision: 0013, after 0011.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0013"
down_revision: str | Sequence[str] | None = "0011"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    for table in ("need", "capability", "import_run"):
        op.add_column(
            table,
            sa.Column(
                "leaks",
                postgresql.JSONB(astext_type=sa.Text()),
                server_default=sa.text("'[]'"),
                nullable=False,
            ),
        )
    for table in ("need", "capability", "import_run", "introduction"):
        op.add_column(table, sa.Column("forgotten_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("import_run", sa.Column("held", sa.Integer(), server_default="0", nullable=False))
    # What is being imported at this moment goes on; the worker seals it like any other column.
    op.alter_column(
        "import_run",
        "file",
        type_=sa.Text(),
        postgresql_using="""'"' || translate(encode(file, 'base64'), E'+/\\n', '-_') || '"'""",
    )
    op.create_table(
        "integrity_declaration",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("text_version", sa.Text(), nullable=False),
        sa.Column("api_key_id", sa.Uuid(), nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_integrity_declaration_organization_id_organization"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_integrity_declaration")),
    )
    op.create_index(
        op.f("ix_integrity_declaration_organization_id"),
        "integrity_declaration",
        ["organization_id"],
        unique=False,
    )
    op.create_table(
        "veto",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lift_reason", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_veto_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_veto")),
    )
    op.create_index("ix_veto_organization_id", "veto", ["organization_id", "starts_on"], unique=False)


def downgrade() -> None:
    """Imports that are under way are lost: their files are sealed, and the release before opens none."""
    op.drop_table("veto")
    op.drop_table("integrity_declaration")
    op.drop_column("import_run", "file")
    op.add_column("import_run", sa.Column("file", sa.LargeBinary(), nullable=True))
    op.drop_column("import_run", "held")
    for table in ("need", "capability", "import_run", "introduction"):
        op.drop_column(table, "forgotten_at")
    for table in ("need", "capability", "import_run"):
        op.drop_column(table, "leaks")
