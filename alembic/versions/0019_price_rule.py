"""Whether a bid may ask for more than the reward

Revision: 0019, after 0018.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0019"
down_revision: str | Sequence[str] | None = "0018"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("challenge", sa.Column("price_rule", sa.Text(), nullable=False, server_default="mark"))


def downgrade() -> None:
    op.drop_column("challenge", "price_rule")
