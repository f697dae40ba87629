"""Answers to repeated requests are the organisation's

Revision: 0022, after 0021.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0022"
down_revision: str | Sequence[str] | None = "0021"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    # Rows of before, and of the release before, say neither; they are their API key's, and live for a day.
    op.add_column("answered_request", sa.Column("organization_id", sa.Uuid(), nullable=True))
    op.add_column("answered_request", sa.Column("role", sa.Text(), nullable=True))
    op.create_foreign_key(
        op.f("fk_answered_request_organization_id_organization"),
        "answered_request",
        "organization",
        ["organization_id"],
        ["id"],
    )
    op.create_index(
        "ix_answered_request_organization_id_key", "answered_request", ["organization_id", "key"], unique=True
    )


def downgrade() -> None:
    op.drop_index("ix_answered_request_organization_id_key", table_name="answered_request")
    op.drop_constraint(
        op.f("fk_answered_request_organization_id_organization"), "answered_request", type_="foreignkey"
    )
    op.drop_column("answered_request", "role")
    op.drop_column("answered_request", "organization_id")
