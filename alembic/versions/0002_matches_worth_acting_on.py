"""Matches worth acting on: passages, wishes, completeness, and the lists that were shown

Revision: 0002, after 0001.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0002"
down_revision: str | Sequence[str] | None = "0001"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    # What was encoded knows neither titles nor passages. It is derived, and the worker makes it anew.
    op.execute("DELETE FROM embedding")
    op.drop_column("embedding", "vector")
    op.add_column("embedding", sa.Column("vectors", sa.LargeBinary(), nullable=False))
    op.add_column("embedding", sa.Column("wish", sa.LargeBinary(), nullable=True))
    op.add_column("embedding", sa.Column("title_terms", sa.Integer(), nullable=False))
    for table in ("need", "capability"):
        op.add_column(table, sa.Column("completeness", sa.Float(), nullable=True))
    op.create_table(
        "match_list",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("looking_for", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("asked", postgresql.JSONB(), nullable=False),
        sa.Column("filters", postgresql.JSONB(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("scoring", sa.Text(), nullable=False),
        sa.Column("weights", postgresql.JSONB(), nullable=False),
        sa.Column("index_state", sa.BigInteger(), nullable=False),
        sa.Column("threshold", sa.Float(), nullable=False),
        sa.Column("nearest_miss", sa.Float(), nullable=True),
        sa.Column("reranked", sa.Text(), nullable=False),
        sa.Column("items", postgresql.JSONB(), nullable=False),
        sa.Column("shown", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_match_list_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_match_list")),
    )
    for name in ("created_at", "organization_id", "subject_id"):
        op.create_index(op.f(f"ix_match_list_{name}"), "match_list", [name])
    op.create_table(
        "need_outlook",
        sa.Column("need_id", sa.Uuid(), nullable=False),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("best_score", sa.Float(), nullable=True),
        sa.Column("best", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.ForeignKeyConstraint(
            ["need_id"], ["need.id"], name=op.f("fk_need_outlook_need_id_need"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("need_id", name=op.f("pk_need_outlook")),
    )
    op.create_table(
        "outlook_figures",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("scoring", sa.Text(), nullable=False),
        sa.Column("figures", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outlook_figures")),
    )


def downgrade() -> None:
    op.drop_table("outlook_figures")
    op.drop_table("need_outlook")
    op.drop_table("match_list")
    for table in ("need", "capability"):
        op.drop_column(table, "completeness")
    op.execute("DELETE FROM embedding")
    for name in ("vectors", "wish", "title_terms"):
        op.drop_column("embedding", name)
    op.add_column("embedding", sa.Column("vector", sa.LargeBinary(), nullable=False))
