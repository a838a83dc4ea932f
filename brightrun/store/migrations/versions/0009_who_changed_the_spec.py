"""Who changed a job's spec last is signed: its budget, what counts as a failure, what is exported."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    signature = sa.String(160).with_variant(sa.String(160, collation="C"), "postgresql")
    with op.batch_alter_table("batch_jobs") as batch_jobs:
        batch_jobs.add_column(sa.Column("spec_changed_by", signature, nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("batch_jobs") as batch_jobs:
        batch_jobs.drop_column("spec_changed_by")
