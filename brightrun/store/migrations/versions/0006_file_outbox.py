"""What of the local files is to go up to Storage, and what is there."""

import sqlalchemy as sa
from alembic import op

from brightrun.store import tables

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "file_outbox",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("job_id", sa.String(length=96), nullable=False),
        sa.Column("bucket", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=480), nullable=False),
        sa.Column("folder", sa.String(length=16), nullable=False),
        sa.Column("source", sa.String(length=480), nullable=False),
        sa.Column("release", sa.String(length=160), nullable=True),
        sa.Column("closes", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", tables.UtcTime(timezone=True), nullable=False),
        sa.Column("claim", sa.String(length=40), nullable=True),
        sa.Column("claimed_until", tables.UtcTime(timezone=True), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("bytes", sa.BigInteger(), nullable=True),
        sa.Column("message", tables.Said(), nullable=True),
        sa.Column("queued_at", tables.UtcTime(timezone=True), nullable=False),
        sa.Column("sent_at", tables.UtcTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["job_id"], ["batch_jobs.id"], name=op.f("fk_file_outbox_job_id_batch_jobs"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_file_outbox")),
        sa.UniqueConstraint("bucket", "name", name="uq_file_outbox_bucket_name"),
    )
    op.create_index("ix_file_outbox_due", "file_outbox", ["folder", "state", "next_at"], unique=False)
    op.create_index("ix_file_outbox_release", "file_outbox", ["release"], unique=False)
    op.create_index("ix_file_outbox_job", "file_outbox", ["job_id", "bucket"], unique=False)


def downgrade() -> None:
    op.drop_table("file_outbox")
