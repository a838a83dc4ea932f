-- Made by supabase/generate.py from brightrun/store/migrations/versions/0004_what_is_asked.py. Do not edit it.

ALTER TABLE batch_items ADD COLUMN template VARCHAR(96) DEFAULT '' NOT NULL;

UPDATE batch_items SET template=(CAST(batch_items.plan ->> 'template'::TEXT AS VARCHAR));

DROP INDEX ix_batch_items_job_state;

CREATE INDEX ix_batch_items_job_state ON batch_items (job_id, state, shard, position);

CREATE INDEX ix_batch_items_job_reason ON batch_items (job_id, reason_code, state);

DROP INDEX ix_generations_job_state;

CREATE INDEX ix_generations_job_sums ON generations (job_id, state, cost_usd, reserved_usd, input_tokens, output_tokens, cache_read_tokens, cache_saved_usd);

CREATE INDEX ix_generations_conversation ON generations (conversation_id);

UPDATE alembic_version SET version_num='0004' WHERE alembic_version.version_num = '0003';
