"""Several workers share a job: who is at work on it, and who holds which item."""

import sqlalchemy as sa
from alembic import op

from brightrun.store import tables

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("batch_items") as batch_items:
        batch_items.add_column(sa.Column("leased_by", sa.String(length=96), nullable=True))
    op.create_table(
        "workers",
        sa.Column("id", sa.String(length=96), nullable=False),
        sa.Column("job_id", sa.String(length=96), nullable=False),
        sa.Column("flow_run_id", sa.String(length=64), nullable=True),
        sa.Column("started_at", tables.UtcTime(timezone=True), nullable=False),
        sa.Column("heartbeat_at", tables.UtcTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["job_id"], ["batch_jobs.id"], name=op.f("fk_workers_job_id_batch_jobs"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workers")),
    )
    op.create_index("ix_workers_job", "workers", ["job_id"], unique=False)


def downgrade() -> None:
    op.drop_table("workers")
    with op.batch_alter_table("batch_items") as batch_items:
        batch_items.drop_column("leased_by")
