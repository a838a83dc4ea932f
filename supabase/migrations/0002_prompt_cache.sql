-- Made by supabase/generate.py from brightrun/store/migrations/versions/0002_prompt_cache.py. Do not edit it.

ALTER TABLE generations ADD COLUMN cache_read_tokens INTEGER;

ALTER TABLE generations ADD COLUMN cache_write_tokens INTEGER;

ALTER TABLE generations ADD COLUMN cache_saved_usd BIGINT;

UPDATE alembic_version SET version_num='0002' WHERE alembic_version.version_num = '0001';
