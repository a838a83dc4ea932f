"""What is asked of a large job has a column or an index of its own."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

SUMS = [
    "job_id",
    "state",
    "cost_usd",
    "reserved_usd",
    "input_tokens",
    "output_tokens",
    "cache_read_tokens",
    "cache_saved_usd",
]


def upgrade() -> None:
    with op.batch_alter_table("batch_items") as batch_items:
        batch_items.add_column(sa.Column("template", sa.String(96), nullable=False, server_default=""))
    items = sa.table("batch_items", sa.column("plan", sa.JSON), sa.column("template"))
    op.execute(sa.update(items).values(template=items.c.plan["template"].as_string()))
    op.drop_index("ix_batch_items_job_state", "batch_items")
    op.create_index("ix_batch_items_job_state", "batch_items", ["job_id", "state", "shard", "position"])
    op.create_index("ix_batch_items_job_reason", "batch_items", ["job_id", "reason_code", "state"])
    op.drop_index("ix_generations_job_state", "generations")
    op.create_index("ix_generations_job_sums", "generations", SUMS)
    op.create_index("ix_generations_conversation", "generations", ["conversation_id"])


def downgrade() -> None:
    op.drop_index("ix_generations_conversation", "generations")
    op.drop_index("ix_generations_job_sums", "generations")
    op.create_index("ix_generations_job_state", "generations", ["job_id", "state"])
    op.drop_index("ix_batch_items_job_reason", "batch_items")
    op.drop_index("ix_batch_items_job_state", "batch_items")
    op.create_index("ix_batch_items_job_state", "batch_items", ["job_id", "state", "shard"])
    with op.batch_alter_table("batch_items") as batch_items:
        batch_items.drop_column("template")
