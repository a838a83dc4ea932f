-- Made by supabase/generate.py from brightrun/store/migrations/versions/0006_file_outbox.py. Do not edit it.

CREATE TABLE file_outbox (
	id BIGSERIAL NOT NULL,
	job_id VARCHAR(96) NOT NULL,
	bucket VARCHAR(32) NOT NULL,
	name VARCHAR(480) NOT NULL,
	folder VARCHAR(16) NOT NULL,
	source VARCHAR(480) NOT NULL,
	release VARCHAR(160),
	closes BOOLEAN NOT NULL,
	state VARCHAR(16) NOT NULL,
	version INTEGER NOT NULL,
	attempts INTEGER NOT NULL,
	next_at TIMESTAMP WITH TIME ZONE NOT NULL,
	claim VARCHAR(40),
	claimed_until TIMESTAMP WITH TIME ZONE,
	sha256 VARCHAR(64),
	bytes BIGINT,
	message TEXT,
	queued_at TIMESTAMP WITH TIME ZONE NOT NULL,
	sent_at TIMESTAMP WITH TIME ZONE,
	CONSTRAINT pk_file_outbox PRIMARY KEY (id),
	CONSTRAINT fk_file_outbox_job_id_batch_jobs FOREIGN KEY(job_id) REFERENCES batch_jobs (id) ON DELETE CASCADE,
	CONSTRAINT uq_file_outbox_bucket_name UNIQUE (bucket, name)
);

CREATE INDEX ix_file_outbox_due ON file_outbox (folder, state, next_at);

CREATE INDEX ix_file_outbox_release ON file_outbox (release);

CREATE INDEX ix_file_outbox_job ON file_outbox (job_id, bucket);

UPDATE alembic_version SET version_num='0006' WHERE alembic_version.version_num = '0005';
