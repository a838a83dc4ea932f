-- Made by supabase/generate.py from brightrun/store/migrations/versions/0010_conversations_in_order.py. Do not edit it.

CREATE INDEX ix_batch_items_job_conversation ON batch_items (job_id, conversation_id, state);

UPDATE alembic_version SET version_num='0010' WHERE alembic_version.version_num = '0009';
