-- Made by supabase/generate.py from brightrun/store/migrations/versions/0001_first_tables.py. Do not edit it.

CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL,
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);

CREATE TABLE batch_jobs (
	id VARCHAR(96) NOT NULL,
	name VARCHAR(64) NOT NULL,
	identity VARCHAR(64) NOT NULL,
	run_number INTEGER NOT NULL,
	status VARCHAR(16) NOT NULL,
	message TEXT,
	spec JSON NOT NULL,
	spec_origin TEXT NOT NULL,
	catalog_hash VARCHAR(64) NOT NULL,
	catalog BYTEA NOT NULL,
	prompt_version VARCHAR(16) NOT NULL,
	code_version VARCHAR(32) NOT NULL,
	simulated BOOLEAN NOT NULL,
	budget_usd BIGINT NOT NULL,
	spent_usd BIGINT NOT NULL,
	reserved_usd BIGINT NOT NULL,
	flow_run_id VARCHAR(64),
	owner VARCHAR(160),
	heartbeat_at TIMESTAMP WITH TIME ZONE,
	cancel_requested_at TIMESTAMP WITH TIME ZONE,
	created_at TIMESTAMP WITH TIME ZONE NOT NULL,
	updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
	actor VARCHAR(160) NOT NULL,
	CONSTRAINT pk_batch_jobs PRIMARY KEY (id),
	CONSTRAINT uq_batch_jobs_identity_run_number UNIQUE (identity, run_number)
);

CREATE TABLE prompt_blocks (
	sha256 VARCHAR(64) NOT NULL,
	text TEXT NOT NULL,
	CONSTRAINT pk_prompt_blocks PRIMARY KEY (sha256)
);

CREATE TABLE batch_items (
	id VARCHAR(40) NOT NULL,
	job_id VARCHAR(96) NOT NULL,
	key VARCHAR(320) NOT NULL,
	position INTEGER NOT NULL,
	shard INTEGER NOT NULL,
	persona VARCHAR(96) NOT NULL,
	arc VARCHAR(96) NOT NULL,
	topic VARCHAR(96) NOT NULL,
	slot INTEGER NOT NULL,
	plan JSON NOT NULL,
	state VARCHAR(16) NOT NULL,
	attempt INTEGER NOT NULL,
	reason_code VARCHAR(64),
	reason_message TEXT,
	conversation_id VARCHAR(40),
	updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
	CONSTRAINT pk_batch_items PRIMARY KEY (id),
	CONSTRAINT fk_batch_items_job_id_batch_jobs FOREIGN KEY(job_id) REFERENCES batch_jobs (id) ON DELETE CASCADE,
	CONSTRAINT uq_batch_items_job_id_key UNIQUE (job_id, key)
);

CREATE INDEX ix_batch_items_job_state ON batch_items (job_id, state, shard);

CREATE TABLE message_batches (
	id VARCHAR(40) NOT NULL,
	job_id VARCHAR(96) NOT NULL,
	provider_batch_id VARCHAR(96),
	state VARCHAR(16) NOT NULL,
	custom_ids_sha256 VARCHAR(64) NOT NULL,
	requests INTEGER NOT NULL,
	created_at TIMESTAMP WITH TIME ZONE NOT NULL,
	ended_at TIMESTAMP WITH TIME ZONE,
	CONSTRAINT pk_message_batches PRIMARY KEY (id),
	CONSTRAINT fk_message_batches_job_id_batch_jobs FOREIGN KEY(job_id) REFERENCES batch_jobs (id) ON DELETE CASCADE
);

CREATE INDEX ix_message_batches_job ON message_batches (job_id);

CREATE TABLE releases (
	id BIGSERIAL NOT NULL,
	job_id VARCHAR(96) NOT NULL,
	version VARCHAR(32) NOT NULL,
	path TEXT NOT NULL,
	files JSON NOT NULL,
	at TIMESTAMP WITH TIME ZONE NOT NULL,
	CONSTRAINT pk_releases PRIMARY KEY (id),
	CONSTRAINT fk_releases_job_id_batch_jobs FOREIGN KEY(job_id) REFERENCES batch_jobs (id) ON DELETE CASCADE,
	CONSTRAINT uq_releases_job_id_version UNIQUE (job_id, version)
);

CREATE TABLE generations (
	id VARCHAR(40) NOT NULL,
	job_id VARCHAR(96) NOT NULL,
	item_id VARCHAR(40) NOT NULL,
	attempt INTEGER NOT NULL,
	call INTEGER NOT NULL,
	lane VARCHAR(16) NOT NULL,
	state VARCHAR(16) NOT NULL,
	model VARCHAR(96) NOT NULL,
	request TEXT NOT NULL,
	reserved_usd BIGINT NOT NULL,
	cost_usd BIGINT NOT NULL,
	message_id VARCHAR(96),
	request_id VARCHAR(96),
	stop_reason VARCHAR(64),
	usage JSON,
	input_tokens INTEGER,
	output_tokens INTEGER,
	raw_reply BYTEA,
	simulated BOOLEAN,
	http_status INTEGER,
	error_category VARCHAR(64),
	error_message TEXT,
	sent_at TIMESTAMP WITH TIME ZONE NOT NULL,
	ended_at TIMESTAMP WITH TIME ZONE,
	CONSTRAINT pk_generations PRIMARY KEY (id),
	CONSTRAINT fk_generations_item_id_batch_items FOREIGN KEY(item_id) REFERENCES batch_items (id) ON DELETE CASCADE,
	CONSTRAINT fk_generations_job_id_batch_jobs FOREIGN KEY(job_id) REFERENCES batch_jobs (id) ON DELETE CASCADE,
	CONSTRAINT uq_generations_item_attempt_call UNIQUE (item_id, attempt, call)
);

CREATE INDEX ix_generations_job_state ON generations (job_id, state);

CREATE TABLE item_transitions (
	id BIGSERIAL NOT NULL,
	item_id VARCHAR(40) NOT NULL,
	from_state VARCHAR(16) NOT NULL,
	to_state VARCHAR(16) NOT NULL,
	attempt INTEGER NOT NULL,
	reason_code VARCHAR(64),
	reason_message TEXT,
	at TIMESTAMP WITH TIME ZONE NOT NULL,
	CONSTRAINT pk_item_transitions PRIMARY KEY (id),
	CONSTRAINT fk_item_transitions_item_id_batch_items FOREIGN KEY(item_id) REFERENCES batch_items (id) ON DELETE CASCADE
);

CREATE INDEX ix_item_transitions_item ON item_transitions (item_id);

CREATE TABLE conversations (
	id VARCHAR(40) NOT NULL,
	job_id VARCHAR(96) NOT NULL,
	item_id VARCHAR(40) NOT NULL,
	generation_id VARCHAR(40) NOT NULL,
	attempt INTEGER NOT NULL,
	content JSON NOT NULL,
	enriched JSON,
	created_at TIMESTAMP WITH TIME ZONE NOT NULL,
	CONSTRAINT pk_conversations PRIMARY KEY (id),
	CONSTRAINT fk_conversations_generation_id_generations FOREIGN KEY(generation_id) REFERENCES generations (id) ON DELETE CASCADE,
	CONSTRAINT fk_conversations_item_id_batch_items FOREIGN KEY(item_id) REFERENCES batch_items (id) ON DELETE CASCADE,
	CONSTRAINT fk_conversations_job_id_batch_jobs FOREIGN KEY(job_id) REFERENCES batch_jobs (id) ON DELETE CASCADE,
	CONSTRAINT uq_conversations_generation_id UNIQUE (generation_id)
);

CREATE INDEX ix_conversations_item ON conversations (item_id);

CREATE INDEX ix_conversations_job ON conversations (job_id, id);

CREATE TABLE reviews (
	id BIGSERIAL NOT NULL,
	conversation_id VARCHAR(40) NOT NULL,
	decision VARCHAR(16) NOT NULL,
	note TEXT,
	actor VARCHAR(160) NOT NULL,
	at TIMESTAMP WITH TIME ZONE NOT NULL,
	CONSTRAINT pk_reviews PRIMARY KEY (id),
	CONSTRAINT fk_reviews_conversation_id_conversations FOREIGN KEY(conversation_id) REFERENCES conversations (id) ON DELETE CASCADE
);

CREATE INDEX ix_reviews_conversation ON reviews (conversation_id);

CREATE TABLE verdicts (
	id BIGSERIAL NOT NULL,
	conversation_id VARCHAR(40) NOT NULL,
	verdict VARCHAR(16) NOT NULL,
	reasons JSON NOT NULL,
	findings JSON NOT NULL,
	checks_version VARCHAR(32) NOT NULL,
	at TIMESTAMP WITH TIME ZONE NOT NULL,
	CONSTRAINT pk_verdicts PRIMARY KEY (id),
	CONSTRAINT fk_verdicts_conversation_id_conversations FOREIGN KEY(conversation_id) REFERENCES conversations (id) ON DELETE CASCADE
);

CREATE INDEX ix_verdicts_conversation ON verdicts (conversation_id);

INSERT INTO alembic_version (version_num) VALUES ('0001') RETURNING alembic_version.version_num;
