-- Made by supabase/generate.py from brightrun/store/migrations/versions/0005_leases.py. Do not edit it.

ALTER TABLE batch_items ADD COLUMN leased_by VARCHAR(96);

CREATE TABLE workers (
	id VARCHAR(96) NOT NULL,
	job_id VARCHAR(96) NOT NULL,
	flow_run_id VARCHAR(64),
	started_at TIMESTAMP WITH TIME ZONE NOT NULL,
	heartbeat_at TIMESTAMP WITH TIME ZONE NOT NULL,
	CONSTRAINT pk_workers PRIMARY KEY (id),
	CONSTRAINT fk_workers_job_id_batch_jobs FOREIGN KEY(job_id) REFERENCES batch_jobs (id) ON DELETE CASCADE
);

CREATE INDEX ix_workers_job ON workers (job_id);

UPDATE alembic_version SET version_num='0005' WHERE alembic_version.version_num = '0004';
