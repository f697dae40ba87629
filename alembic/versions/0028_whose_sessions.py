"""On which device a session of the portal is, and which person's

Revision: 0028, after 0027.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0028"
down_revision: str | Sequence[str] | None = "0027"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("web_session", sa.Column("device", sa.Text(), nullable=False, server_default=""))
    op.add_column("web_session", sa.Column("person", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("web_session", "person")
    op.drop_column("web_session", "device")
