"""Who made each key, and what it is limited to

Revision: 0023, after 0022.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0023"
down_revision: str | Sequence[str] | None = "0022"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("api_key", sa.Column("made_by", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_api_key_made_by_api_key"), "api_key", "api_key", ["made_by"], ["id"], ondelete="SET NULL"
    )
    op.create_index(op.f("ix_api_key_made_by"), "api_key", ["made_by"])
    # Without scopes a key may do all that its role may, as every key could until now.
    op.add_column("api_key", sa.Column("scopes", sa.ARRAY(sa.Text()), nullable=True))
    op.add_column("api_key", sa.Column("networks", sa.ARRAY(sa.Text()), nullable=False, server_default="{}"))
    op.add_column(
        "api_key", sa.Column("for_sign_in", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    # As the audit knows it.
    op.execute(
        "UPDATE api_key SET made_by = issued.api_key_id FROM audit_entry AS issued "
        "WHERE issued.subject_id = api_key.id AND issued.action = 'key.issue' AND issued.api_key_id <> api_key.id "
        "AND EXISTS (SELECT FROM api_key AS maker WHERE maker.id = issued.api_key_id)"
    )


def downgrade() -> None:
    op.drop_column("api_key", "for_sign_in")
    op.drop_column("api_key", "networks")
    op.drop_column("api_key", "scopes")
    op.drop_index(op.f("ix_api_key_made_by"), table_name="api_key")
    op.drop_constraint(op.f("fk_api_key_made_by_api_key"), "api_key", type_="foreignkey")
    op.drop_column("api_key", "made_by")
