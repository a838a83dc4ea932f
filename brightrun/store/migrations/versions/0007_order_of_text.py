"""On Postgres, text is ordered by its characters, as SQLite orders it, whatever language the server is set to."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TABLES = (
    "assessments",
    "batch_items",
    "batch_jobs",
    "conversations",
    "file_outbox",
    "generations",
    "item_transitions",
    "message_batches",
    "prompt_blocks",
    "releases",
    "reviews",
    "verdicts",
    "workers",
)
"""Those that there are here: a schema may hold tables of others as well."""


def upgrade() -> None:
    _collate("C")


def downgrade() -> None:
    _collate("default")


def _collate(collation: str) -> None:
    """What is exported is ordered by the database: the same bytes come of both only where both order alike."""
    connection = op.get_bind()
    if connection.dialect.name != "postgresql":
        return
    inspector = sa.inspect(connection)
    for table in TABLES:
        for column in inspector.get_columns(table):
            if isinstance(column["type"], sa.VARCHAR):
                op.alter_column(table, column["name"], type_=sa.String(column["type"].length, collation=collation))
