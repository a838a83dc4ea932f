"""The tables. Everything asked of them is portable between SQLite and Postgres."""

from __future__ import annotations

import zlib
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    func,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

PICO = Decimal(10) ** 12


class Money(TypeDecorator[Decimal]):
    """US dollars as Decimal, kept as whole 10⁻¹² dollars: exact, and summed by the database."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        if value is None:
            return None
        pico = value * PICO
        if pico != pico.to_integral_value():
            raise ValueError(f"{value} USD has more than twelve decimal places")
        return int(pico)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value) / PICO


def storable(text: str) -> str:
    """The text without what no database keeps: NUL characters and lone surrogates."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


class Said(TypeDecorator[str]):
    """What somebody else said, in an error or a note: kept whatever characters it holds."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else storable(value)


class UtcTime(TypeDecorator[datetime]):
    """An aware time in UTC on every database."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("times in the store are aware")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


PACKED = b"\0zlib\0"
"""How a packed value begins."""


def packed(value: bytes) -> bytes:
    """The value as it is kept packed."""
    return PACKED + zlib.compress(value, 6)


class Packable(TypeDecorator[bytes]):
    """Bytes that may be kept packed (`packed`): whoever reads them gets them as they were."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        return packed(value) if value is not None and value.startswith(PACKED) else value

    def process_result_value(self, value: Any | None, dialect: Dialect) -> bytes | None:
        if value is None:
            return None
        kept = bytes(value)
        return zlib.decompress(kept.removeprefix(PACKED)) if kept.startswith(PACKED) else kept


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

SequenceId = BigInteger().with_variant(Integer, "sqlite")

batch_jobs = Table(
    "batch_jobs",
    metadata,
    Column("id", String(96), primary_key=True),
    Column("name", String(64), nullable=False),
    Column("identity", String(64), nullable=False),
    Column("run_number", Integer, nullable=False),
    Column("status", String(16), nullable=False),
    Column("message", Said),
    Column("spec", JSON, nullable=False),
    Column("spec_origin", Text, nullable=False),
    Column("catalog_hash", String(64), nullable=False),
    Column("catalog", LargeBinary, nullable=False),
    Column("prompt_version", String(16), nullable=False),
    Column("code_version", String(32), nullable=False),
    Column("simulated", Boolean, nullable=False),
    Column("budget_usd", Money, nullable=False),
    Column("spent_usd", Money, nullable=False),
    Column("reserved_usd", Money, nullable=False),
    Column("flow_run_id", String(64)),
    Column("owner", String(160)),
    Column("heartbeat_at", UtcTime),
    Column("cancel_requested_at", UtcTime),
    Column("cancel_requested_by", String(160)),
    Column("created_at", UtcTime, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
    Column("actor", String(160), nullable=False),
    Column("spec_changed_by", String(160)),
    UniqueConstraint("identity", "run_number", name="uq_batch_jobs_identity_run_number"),
)

batch_items = Table(
    "batch_items",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("job_id", String(96), ForeignKey("batch_jobs.id", ondelete="CASCADE"), nullable=False),
    Column("key", String(320), nullable=False),
    Column("position", Integer, nullable=False),
    Column("shard", Integer, nullable=False),
    Column("persona", String(96), nullable=False),
    Column("arc", String(96), nullable=False),
    Column("topic", String(96), nullable=False),
    Column("slot", Integer, nullable=False),
    Column("template", String(96), nullable=False, server_default=""),
    Column("plan", JSON, nullable=False),
    Column("state", String(16), nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("reason_code", String(64)),
    Column("reason_message", Said),
    Column("conversation_id", String(40)),
    Column("leased_by", String(96)),
    Column("updated_at", UtcTime, nullable=False),
    UniqueConstraint("job_id", "key", name="uq_batch_items_job_id_key"),
    Index("ix_batch_items_job_state", "job_id", "state", "shard", "position"),
    Index("ix_batch_items_job_reason", "job_id", "reason_code", "state"),
    Index("ix_batch_items_job_conversation", "job_id", "conversation_id", "state"),
)

workers = Table(
    "workers",
    metadata,
    Column("id", String(96), primary_key=True),
    Column("job_id", String(96), ForeignKey("batch_jobs.id", ondelete="CASCADE"), nullable=False),
    Column("flow_run_id", String(64)),
    Column("started_at", UtcTime, nullable=False),
    Column("heartbeat_at", UtcTime, nullable=False),
    Index("ix_workers_job", "job_id"),
)

item_transitions = Table(
    "item_transitions",
    metadata,
    Column("id", SequenceId, primary_key=True, autoincrement=True),
    Column("item_id", String(40), ForeignKey("batch_items.id", ondelete="CASCADE"), nullable=False),
    Column("from_state", String(16), nullable=False),
    Column("to_state", String(16), nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("reason_code", String(64)),
    Column("reason_message", Said),
    Column("actor", String(160)),
    Column("at", UtcTime, nullable=False),
    Index("ix_item_transitions_item", "item_id"),
)

prompt_blocks = Table(
    "prompt_blocks",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("text", Text, nullable=False),
)

generations = Table(
    "generations",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("job_id", String(96), ForeignKey("batch_jobs.id", ondelete="CASCADE"), nullable=False),
    Column("item_id", String(40), ForeignKey("batch_items.id", ondelete="CASCADE"), nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("call", Integer, nullable=False),
    Column("purpose", String(16), nullable=False, server_default="write"),
    Column("conversation_id", String(40)),
    Column("lane", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    Column("model", String(96), nullable=False),
    Column("request", Text, nullable=False),
    Column("reserved_usd", Money, nullable=False),
    Column("cost_usd", Money, nullable=False),
    Column("message_id", String(96)),
    Column("request_id", String(96)),
    Column("stop_reason", String(64)),
    Column("usage", JSON),
    Column("input_tokens", Integer),
    Column("output_tokens", Integer),
    Column("cache_read_tokens", Integer),
    Column("cache_write_tokens", Integer),
    Column("cache_saved_usd", Money),
    Column("raw_reply", Packable),
    Column("simulated", Boolean),
    Column("http_status", Integer),
    Column("error_category", String(64)),
    Column("error_message", Said),
    Column("sent_at", UtcTime, nullable=False),
    Column("ended_at", UtcTime),
    UniqueConstraint("item_id", "attempt", "purpose", "call", name="uq_generations_item_attempt_purpose_call"),
    Index(
        "ix_generations_job_sums",  # holds all that is summed over a job's ledger, whose rows are long
        "job_id",
        "state",
        "cost_usd",
        "reserved_usd",
        "input_tokens",
        "output_tokens",
        "cache_read_tokens",
        "cache_saved_usd",
    ),
    Index("ix_generations_conversation", "conversation_id"),
)

message_batches = Table(
    "message_batches",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("job_id", String(96), ForeignKey("batch_jobs.id", ondelete="CASCADE"), nullable=False),
    Column("provider_batch_id", String(96)),
    Column("state", String(16), nullable=False),
    Column("custom_ids_sha256", String(64), nullable=False),
    Column("requests", Integer, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("ended_at", UtcTime),
    Index("ix_message_batches_job", "job_id"),
)

conversations = Table(
    "conversations",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("job_id", String(96), ForeignKey("batch_jobs.id", ondelete="CASCADE"), nullable=False),
    Column("item_id", String(40), ForeignKey("batch_items.id", ondelete="CASCADE"), nullable=False),
    Column("generation_id", String(40), ForeignKey("generations.id", ondelete="CASCADE"), nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("content", JSON, nullable=False),
    Column("enriched", JSON(none_as_null=True)),
    Column("created_at", UtcTime, nullable=False),
    UniqueConstraint("generation_id", name="uq_conversations_generation_id"),
    Index("ix_conversations_item", "item_id"),
    Index("ix_conversations_job", "job_id", "id"),
)

assessments = Table(
    "assessments",
    metadata,
    Column("id", SequenceId, primary_key=True, autoincrement=True),
    Column("conversation_id", String(40), ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False),
    Column("purpose", String(16), nullable=False),
    Column("generation_id", String(40), ForeignKey("generations.id", ondelete="CASCADE"), nullable=False),
    Column("version", String(160), nullable=False),
    Column("content", JSON, nullable=False),
    Column("at", UtcTime, nullable=False),
    UniqueConstraint("generation_id", name="uq_assessments_generation_id"),
    Index("ix_assessments_conversation", "conversation_id", "purpose"),
)

verdicts = Table(
    "verdicts",
    metadata,
    Column("id", SequenceId, primary_key=True, autoincrement=True),
    Column("conversation_id", String(40), ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False),
    Column("verdict", String(16), nullable=False),
    Column("reasons", JSON, nullable=False),
    Column("findings", JSON, nullable=False),
    Column("results", JSON(none_as_null=True)),
    Column("checks_version", String(32), nullable=False),
    Column("at", UtcTime, nullable=False),
    Index("ix_verdicts_conversation", "conversation_id"),
)

reviews = Table(
    "reviews",
    metadata,
    Column("id", SequenceId, primary_key=True, autoincrement=True),
    Column("conversation_id", String(40), ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False),
    Column("decision", String(16), nullable=False),
    Column("note", Said),
    Column("actor", String(160), nullable=False),
    Column("at", UtcTime, nullable=False, server_default=func.now()),
    Index("ix_reviews_conversation", "conversation_id"),
)

releases = Table(
    "releases",
    metadata,
    Column("id", SequenceId, primary_key=True, autoincrement=True),
    Column("job_id", String(96), ForeignKey("batch_jobs.id", ondelete="CASCADE"), nullable=False),
    Column("version", String(32), nullable=False),
    Column("path", Text, nullable=False),
    Column("files", JSON, nullable=False),
    Column("at", UtcTime, nullable=False),
    UniqueConstraint("job_id", "version", name="uq_releases_job_id_version"),
)

file_outbox = Table(
    "file_outbox",
    metadata,
    Column("id", SequenceId, primary_key=True, autoincrement=True),
    Column("job_id", String(96), ForeignKey("batch_jobs.id", ondelete="CASCADE"), nullable=False),
    Column("bucket", String(32), nullable=False),
    Column("name", String(480), nullable=False),
    Column("folder", String(16), nullable=False),
    Column("source", String(480), nullable=False),
    Column("release", String(160)),
    Column("closes", Boolean, nullable=False),
    Column("state", String(16), nullable=False),
    Column("version", Integer, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_at", UtcTime, nullable=False),
    Column("claim", String(40)),
    Column("claimed_until", UtcTime),
    Column("sha256", String(64)),
    Column("bytes", BigInteger),
    Column("message", Said),
    Column("queued_at", UtcTime, nullable=False),
    Column("sent_at", UtcTime),
    UniqueConstraint("bucket", "name", name="uq_file_outbox_bucket_name"),
    Index("ix_file_outbox_due", "folder", "state", "next_at"),
    Index("ix_file_outbox_release", "release"),
    Index("ix_file_outbox_job", "job_id", "bucket"),
)

members = Table(
    "members",
    metadata,
    Column("user_id", String(160), primary_key=True),
    Column("role", String(16), nullable=False),
    Column("added_at", UtcTime, nullable=False, server_default=func.now()),
    CheckConstraint("role IN ('viewer', 'reviewer', 'owner')", name="ck_members_role"),
)
"""People who may look at the store with a token of Supabase's: `user_id` is the token's subject."""
