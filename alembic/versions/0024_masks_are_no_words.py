"""Postings and subscriptions whose words hold a mark of what was taken out are read anew, without it

Revision: 0024, after 0023.
"""

from collections.abc import Sequence

from alembic import op

revision: str = "0024"
down_revision: str | Sequence[str] | None = "0023"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_POSTINGS = """UPDATE {} SET text_hash = '' WHERE deleted_at IS NULL
    AND title || description || partner_wish || {} ~ '(［联系方式已隐去］|［个人信息已删除］)'"""
_SUBSCRIPTIONS = """DELETE FROM standing_vector USING subscription
    WHERE subscription.id = subscription_id AND text ~ '(［联系方式已隐去］|［个人信息已删除］)'"""


def upgrade() -> None:
    # Without a hash, upkeep reads them again and has them encoded.
    op.execute(_POSTINGS.format("need", "wanted_result"))
    op.execute(_POSTINGS.format("capability", "''"))
    op.execute(_SUBSCRIPTIONS)


def downgrade() -> None:
    pass
