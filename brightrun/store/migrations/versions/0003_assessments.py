"""Calls that judge or read a conversation, and what they said."""

import sqlalchemy as sa
from alembic import op

from brightrun.store import tables

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("generations") as generations:
        generations.add_column(sa.Column("purpose", sa.String(length=16), nullable=False, server_default="write"))
        generations.add_column(sa.Column("conversation_id", sa.String(length=40), nullable=True))
        generations.drop_constraint("uq_generations_item_attempt_call", type_="unique")
        generations.create_unique_constraint(
            "uq_generations_item_attempt_purpose_call", ["item_id", "attempt", "purpose", "call"]
        )
    with op.batch_alter_table("verdicts") as verdicts:
        verdicts.add_column(sa.Column("results", sa.JSON(), nullable=True))
    op.create_table(
        "assessments",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("conversation_id", sa.String(length=40), nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("generation_id", sa.String(length=40), nullable=False),
        sa.Column("version", sa.String(length=160), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("at", tables.UtcTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_assessments_conversation_id_conversations"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["generation_id"],
            ["generations.id"],
            name=op.f("fk_assessments_generation_id_generations"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessments")),
        sa.UniqueConstraint("generation_id", name="uq_assessments_generation_id"),
    )
    op.create_index("ix_assessments_conversation", "assessments", ["conversation_id", "purpose"], unique=False)


def downgrade() -> None:
    op.drop_table("assessments")
    with op.batch_alter_table("verdicts") as verdicts:
        verdicts.drop_column("results")
    with op.batch_alter_table("generations") as generations:
        generations.drop_constraint("uq_generations_item_attempt_purpose_call", type_="unique")
        generations.create_unique_constraint("uq_generations_item_attempt_call", ["item_id", "attempt", "call"])
        generations.drop_column("conversation_id")
        generations.drop_column("purpose")
