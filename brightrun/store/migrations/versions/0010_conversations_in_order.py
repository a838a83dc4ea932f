"""The items of a job by the ids of their conversations: what is read page by page is not sorted for each page."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

INDEX = "ix_batch_items_job_conversation"


def upgrade() -> None:
    op.create_index(INDEX, "batch_items", ["job_id", "conversation_id", "state"])


def downgrade() -> None:
    op.drop_index(INDEX, "batch_items")
