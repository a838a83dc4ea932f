"""Row level security on every table: nobody but its owner sees anything, until access.sql says otherwise.

Members are who may look; what somebody asked for is signed.
"""

import sqlalchemy as sa
from alembic import op

from brightrun.store import tables

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "members",
        sa.Column("user_id", _string(160), nullable=False),
        sa.Column("role", _string(16), nullable=False),
        sa.Column("added_at", tables.UtcTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_members")),
        sa.CheckConstraint("role IN ('viewer', 'reviewer', 'owner')", name=op.f("ck_members_role")),
    )
    with op.batch_alter_table("batch_jobs") as batch_jobs:
        batch_jobs.add_column(sa.Column("cancel_requested_by", _string(160), nullable=True))
    with op.batch_alter_table("item_transitions") as item_transitions:
        item_transitions.add_column(sa.Column("actor", _string(160), nullable=True))
    with op.batch_alter_table("reviews") as reviews:
        reviews.alter_column("at", existing_type=tables.UtcTime(timezone=True), server_default=sa.func.now())
    _row_level_security("ENABLE")


def downgrade() -> None:
    _take_access_away()
    _row_level_security("DISABLE")
    with op.batch_alter_table("reviews") as reviews:
        reviews.alter_column("at", existing_type=tables.UtcTime(timezone=True), server_default=None)
    with op.batch_alter_table("item_transitions") as item_transitions:
        item_transitions.drop_column("actor")
    with op.batch_alter_table("batch_jobs") as batch_jobs:
        batch_jobs.drop_column("cancel_requested_by")
    op.drop_table("members")


def _string(length: int) -> sa.types.TypeEngine[str]:
    """Text that is ordered by its characters everywhere."""
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def _our_tables() -> list[str]:
    """Ours and no others: a Supabase project may have tables of somebody else beside them."""
    there = set(sa.inspect(op.get_bind()).get_table_names())
    return sorted(there & {*tables.metadata.tables, "alembic_version"})


def _row_level_security(switch: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        for table in _our_tables():
            op.execute(f"ALTER TABLE {table} {switch} ROW LEVEL SECURITY")


def _take_access_away() -> None:
    """What access.sql made depends on the tables."""
    connection = op.get_bind()
    if connection.dialect.name != "postgresql":
        return
    for table in _our_tables():
        policies = sa.text(
            "SELECT policyname FROM pg_policies WHERE schemaname = current_schema() AND tablename = :table "
            "AND starts_with(policyname, 'brightrun_')"
        )
        for policy in connection.execute(policies, {"table": table}).scalars().all():
            op.execute(f"DROP POLICY {policy} ON {table}")
    op.execute("DROP FUNCTION IF EXISTS brightrun_requires(text[])")
    op.execute("DROP FUNCTION IF EXISTS brightrun_member_role()")
    op.execute("DROP FUNCTION IF EXISTS brightrun_subject()")
