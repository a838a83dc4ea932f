-- Made by supabase/generate.py from brightrun/store/migrations/versions/0003_assessments.py. Do not edit it.

ALTER TABLE generations ADD COLUMN purpose VARCHAR(16) DEFAULT 'write' NOT NULL;

ALTER TABLE generations ADD COLUMN conversation_id VARCHAR(40);

ALTER TABLE generations DROP CONSTRAINT uq_generations_item_attempt_call;

ALTER TABLE generations ADD CONSTRAINT uq_generations_item_attempt_purpose_call UNIQUE (item_id, attempt, purpose, call);

ALTER TABLE verdicts ADD COLUMN results JSON;

CREATE TABLE assessments (
	id BIGSERIAL NOT NULL,
	conversation_id VARCHAR(40) NOT NULL,
	purpose VARCHAR(16) NOT NULL,
	generation_id VARCHAR(40) NOT NULL,
	version VARCHAR(160) NOT NULL,
	content JSON NOT NULL,
	at TIMESTAMP WITH TIME ZONE NOT NULL,
	CONSTRAINT pk_assessments PRIMARY KEY (id),
	CONSTRAINT fk_assessments_conversation_id_conversations FOREIGN KEY(conversation_id) REFERENCES conversations (id) ON DELETE CASCADE,
	CONSTRAINT fk_assessments_generation_id_generations FOREIGN KEY(generation_id) REFERENCES generations (id) ON DELETE CASCADE,
	CONSTRAINT uq_assessments_generation_id UNIQUE (generation_id)
);

CREATE INDEX ix_assessments_conversation ON assessments (conversation_id, purpose);

UPDATE alembic_version SET version_num='0003' WHERE alembic_version.version_num = '0002';
