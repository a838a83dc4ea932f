"""What the prompt cache did for a call."""

import sqlalchemy as sa
from alembic import op

from brightrun.store import tables

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("generations") as generations:
        generations.add_column(sa.Column("cache_read_tokens", sa.Integer(), nullable=True))
        generations.add_column(sa.Column("cache_write_tokens", sa.Integer(), nullable=True))
        generations.add_column(sa.Column("cache_saved_usd", tables.Money(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("generations") as generations:
        generations.drop_column("cache_saved_usd")
        generations.drop_column("cache_write_tokens")
        generations.drop_column("cache_read_tokens")
