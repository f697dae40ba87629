"""With which role a list of matches was shown

Revision: 0021, after 0020.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0021"
down_revision: str | Sequence[str] | None = "0020"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    # Of lists of before nobody knows it. Their cursors were not signed, so that none of them is paged any more.
    op.add_column("match_list", sa.Column("role", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("match_list", "role")
