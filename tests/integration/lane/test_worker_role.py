"""The pipeline runs as a login that is in the role brightrun_worker: all it does it may do, and nothing else."""

from __future__ import annotations

from collections.abc import Callable

import psycopg
import pytest
from small_jobs import JobAtHand, generate_all
from sqlalchemy import update

from brightrun.catalog import Catalog
from brightrun.enrichment import enrich_job
from brightrun.retrying import give_another_attempt
from brightrun.simulator.pytest_fixture import StartSimulator
from brightrun.store.database import upgrade_database
from brightrun.store.jobs import catalog_json, claim_job, finish_job, heartbeat, record_release, request_cancel, utc_now
from brightrun.store.leases import sign_in, take, take_from_others
from brightrun.store.states import ItemState, JobStatus
from brightrun.store.tables import batch_items, workers

FORBIDDEN = (
    "DELETE FROM batch_jobs",
    "DELETE FROM generations",
    "DELETE FROM conversations",
    "TRUNCATE workers",
    "UPDATE verdicts SET verdict = 'accepted'",
    "UPDATE assessments SET version = '1'",
    "UPDATE item_transitions SET to_state = 'accepted'",
    "UPDATE conversations SET content = '{}'",
    "UPDATE releases SET path = 'elsewhere'",
    "INSERT INTO reviews (conversation_id, decision, actor) VALUES ('c', 'approved', 'somebody')",
    "SELECT * FROM members",
    "INSERT INTO members (user_id, role) VALUES ('me', 'owner')",
    "UPDATE alembic_version SET version_num = '0001'",
    "CREATE TABLE mine (id int)",
    "ALTER TABLE batch_jobs DISABLE ROW LEVEL SECURITY",
    "DROP POLICY brightrun_work ON batch_jobs",
    "ALTER TABLE batch_jobs ADD COLUMN mine int",
    "CREATE ROLE mine",
    "SET ROLE brightrun",
)

as_worker = pytest.mark.parametrize("database_url", ["worker_url"], ids=["worker"], indirect=True)


@as_worker
def test_a_job_from_plan_to_release(new_job: Callable[..., JobAtHand], run_simulator: StartSimulator) -> None:
    job = new_job(4)
    database, simulator = job.here.database, run_simulator()
    with database.writing() as connection:
        assert claim_job(connection, job.id, "a-host:1", None)
        assert heartbeat(connection, job.id, "a-host:1")
        dead = sign_in(connection, job.id)
        first = batch_items.c.position == 0
        assert take(connection, dead, job.id, 0, ItemState.PLANNED, first)
        other = sign_in(connection, job.id)
        take_from_others(connection, other, job.id, ItemState.PLANNED)
        connection.execute(update(workers).values(heartbeat_at=utc_now().replace(year=2020)))
    with job.runtime(simulator.url) as made:
        generate_all(made)
        made.validate()
        assert "accepted" in job.states
        with database.reading() as connection:
            catalog = Catalog.model_validate(catalog_json(connection, job.id))
        enrich_job(database, job.here.files, job.job, catalog)  # and packs the replies
    with database.writing() as connection:
        record_release(connection, job.id, "v1", "a/path", [])
        connection.execute(update(batch_items).where(first).values(state="failed", reason_code="refusal"))
        request_cancel(connection, job.id, "somebody")
        finish_job(connection, job.id, "a-host:1", JobStatus.SHORT, None)
    assert give_another_attempt(job.here, job.id) == 1
    job.assert_books_balance()
    assert upgrade_database(job.here.config.database_url).revision  # is at the right schema: nothing is to be done


@as_worker
def test_what_a_worker_does_not_do_it_may_not(database_url: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:
        for statement in FORBIDDEN:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)
