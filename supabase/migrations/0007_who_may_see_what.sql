-- Made by supabase/generate.py from brightrun/store/migrations/versions/0007_who_may_see_what.py. Do not edit it.

CREATE TABLE members (
	user_id VARCHAR(160) COLLATE "C" NOT NULL,
	role VARCHAR(16) COLLATE "C" NOT NULL,
	added_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
	CONSTRAINT pk_members PRIMARY KEY (user_id),
	CONSTRAINT ck_members_role CHECK (role IN ('viewer', 'reviewer', 'owner'))
);

ALTER TABLE batch_jobs ADD COLUMN cancel_requested_by VARCHAR(160) COLLATE "C";

ALTER TABLE item_transitions ADD COLUMN actor VARCHAR(160) COLLATE "C";

ALTER TABLE reviews ALTER COLUMN at SET DEFAULT now();

ALTER TABLE alembic_version ENABLE ROW LEVEL SECURITY;

ALTER TABLE assessments ENABLE ROW LEVEL SECURITY;

ALTER TABLE batch_items ENABLE ROW LEVEL SECURITY;

ALTER TABLE batch_jobs ENABLE ROW LEVEL SECURITY;

ALTER TABLE conversations ENABLE ROW LEVEL SECURITY;

ALTER TABLE generations ENABLE ROW LEVEL SECURITY;

ALTER TABLE item_transitions ENABLE ROW LEVEL SECURITY;

ALTER TABLE members ENABLE ROW LEVEL SECURITY;

ALTER TABLE message_batches ENABLE ROW LEVEL SECURITY;

ALTER TABLE prompt_blocks ENABLE ROW LEVEL SECURITY;

ALTER TABLE releases ENABLE ROW LEVEL SECURITY;

ALTER TABLE reviews ENABLE ROW LEVEL SECURITY;

ALTER TABLE verdicts ENABLE ROW LEVEL SECURITY;

ALTER TABLE workers ENABLE ROW LEVEL SECURITY;

UPDATE alembic_version SET version_num='0007' WHERE alembic_version.version_num = '0006';
