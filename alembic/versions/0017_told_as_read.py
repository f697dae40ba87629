"""Who is told, by what they may read

Revision: 0017, after 0015.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0017"
down_revision: str | Sequence[str] | None = "0016"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    # By kind, as notices are written from now on; those to brokers and of postings for members were not marked.
    op.add_column("notice", sa.Column("needs", sa.Text(), nullable=False, server_default="challenge"))
    op.execute(
        "UPDATE notice SET needs = CASE split_part(kind, '.', 1) WHEN 'introduction' THEN 'introduce' "
        "WHEN 'contract' THEN 'contract' WHEN 'broker' THEN 'broker_work' WHEN 'capability' THEN 'posting_read' "
        "WHEN 'match' THEN 'match' WHEN 'webhook' THEN 'webhook_manage' ELSE 'challenge' END"
    )
    # Of the key that made it, as the audit knows it; where it does not, the least.
    op.add_column("webhook", sa.Column("role", sa.Text(), nullable=False, server_default="integrator"))
    op.execute(
        "UPDATE webhook SET role = made.role FROM audit_entry AS made "
        "WHERE made.subject_id = webhook.id AND made.action = 'webhook.make' AND made.role IS NOT NULL"
    )
    op.add_column("mail_address", sa.Column("role", sa.Text(), nullable=False, server_default="integrator"))
    op.execute(
        "UPDATE mail_address SET role = given.role FROM audit_entry AS given "
        "WHERE given.subject_id = mail_address.id AND given.action = 'mail_address.add' AND given.role IS NOT NULL"
    )
    # What waits, or was given up, and could be sent again.
    op.execute(
        "DELETE FROM webhook_delivery USING webhook, notice WHERE webhook.id = webhook_delivery.webhook_id "
        "AND notice.id = webhook_delivery.notice_id AND webhook.role = 'integrator' "
        "AND notice.needs NOT IN ('posting_read', 'match', 'webhook_manage')"
    )


def downgrade() -> None:
    op.drop_column("mail_address", "role")
    op.drop_column("webhook", "role")
    op.drop_column("notice", "needs")
