"""Since when words are gone; indexes by which old notices are found; brokers who offer to take up a dialogue

Revision: 0016, after 0015.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0016"
down_revision: str | Sequence[str] | None = "0015"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_FORGOTTEN = ("bid", "broker", "broker_evaluation", "contract", "introduction_follow_up", "introduction_nda")


def upgrade() -> None:
    for table in _FORGOTTEN:
        op.add_column(table, sa.Column("forgotten_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("introduction", sa.Column("offered_by", sa.Uuid(), nullable=True))
    op.add_column("introduction", sa.Column("offered_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("introduction", sa.Column("offer_agreed_by", sa.Uuid(), nullable=True))
    for column in ("offered_by", "offer_agreed_by"):
        op.create_foreign_key(
            op.f(f"fk_introduction_{column}_organization"), "introduction", "organization", [column], ["id"]
        )
    op.create_index("ix_mail_item_notice_id", "mail_item", ["notice_id"], unique=False)
    op.create_index("ix_notice_created_at", "notice", ["created_at"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_notice_created_at", table_name="notice")
    op.drop_index("ix_mail_item_notice_id", table_name="mail_item")
    for column in ("offer_agreed_by", "offered_at", "offered_by"):
        op.drop_column("introduction", column)
    for table in _FORGOTTEN:
        op.drop_column(table, "forgotten_at")
