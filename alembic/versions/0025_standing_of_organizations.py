"""Organisations that are suspended or merged

Revision: 0025, after 0024.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0025"
down_revision: str | Sequence[str] | None = "0024"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("organization", sa.Column("suspended_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("organization", sa.Column("suspended_for", sa.Text(), nullable=False, server_default=""))
    op.add_column("organization", sa.Column("merged_into", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_organization_merged_into_organization"),
        "organization",
        "organization",
        ["merged_into"],
        ["id"],
    )


def downgrade() -> None:
    op.drop_constraint(op.f("fk_organization_merged_into_organization"), "organization", type_="foreignkey")
    op.drop_column("organization", "merged_into")
    op.drop_column("organization", "suspended_for")
    op.drop_column("organization", "suspended_at")
