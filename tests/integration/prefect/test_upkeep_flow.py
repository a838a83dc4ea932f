"""The upkeep flow as anybody may call it: it says what it did, and a second time there is nothing left to do."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from prefect_home import Home

sys.path.insert(0, str(Path(__file__).parents[1] / "files"))

from small_jobs import small_plan
from sqlalchemy import update
from storage_server import SERVICE_KEY, Storage, StorageThread

from brightrun.planning import open_job
from brightrun.store.files import BATCH_LOGS, CONVERSATION_FILES
from brightrun.store.jobs import get_job
from brightrun.store.outbox import queue_files
from brightrun.store.tables import batch_jobs
from brightrun.workplace import workplace
from flows.upkeep import upkeep


@pytest.fixture
def storage() -> Iterator[Storage]:
    thread = StorageThread()
    yield thread.storage
    thread.close()


def test_kf_21_upkeep_says_what_it_did_and_is_safe_twice(
    home: Home, storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """KF-21, KF-29."""
    monkeypatch.delenv("BRIGHTRUN_DATABASE_URL", raising=False)
    monkeypatch.setenv("BRIGHTRUN_HOME", str(home.path))
    monkeypatch.setenv("SUPABASE_URL", storage.url)
    monkeypatch.setenv("SUPABASE_SERVICE_ROLE_KEY", SERVICE_KEY)
    here = workplace()
    job = open_job(here.database, small_plan(2), simulated=True, new=True).job
    here.files.put(BATCH_LOGS, f"{job.id}/log.txt", b"one\n")
    lost = f"raw/{job.id}/lost.json"
    with here.database.writing() as connection:
        connection.execute(update(batch_jobs).values(status="running"))
        queue_files(connection, here.files, job.id, [(CONVERSATION_FILES, lost)])

    report = upkeep()
    assert [(one.job_id, one.crashed) for one in report.reclaims.jobs] == [(job.id, True)]
    assert report.drained is not None
    assert (report.drained.sent, report.drained.lost) == (1, 1)
    assert storage.names(BATCH_LOGS) == [f"{job.id}/log.txt"]
    with here.database.reading() as connection:
        assert get_job(connection, job.id).status == "crashed"
    shown = home.post("/artifacts/filter", {"artifacts": {"key": {"any_": ["upkeep"]}}})
    assert [json.loads(one["data"]) for one in shown] == [list(report.rows())]
    assert {row["about"] for row in report.rows()} >= {f"job {job.id}", "the outbox"}
    (flow_run,) = home.post("/flow_runs/filter", {"flow_runs": {"name": {"any_": ["upkeep"]}}})
    assert home.task_run_states(flow_run["id"]) == {"COMPLETED": 4}

    again = upkeep()
    assert again.reclaims.jobs == ()
    assert again.reconciled.agrees
    assert again.drained is not None
    assert again.drained.sent == 0
    here.database.close()
