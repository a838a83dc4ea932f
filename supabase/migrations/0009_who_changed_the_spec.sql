-- Made by supabase/generate.py from brightrun/store/migrations/versions/0009_who_changed_the_spec.py. Do not edit it.

ALTER TABLE batch_jobs ADD COLUMN spec_changed_by VARCHAR(160) COLLATE "C";

UPDATE alembic_version SET version_num='0009' WHERE alembic_version.version_num = '0008';
