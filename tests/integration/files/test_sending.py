"""At a job's end its files go up; a Storage that is away holds up no job and loses none of its files."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import pytest
from database_servers import on_every_database
from small_jobs import JobAtHand
from sqlalchemy import func, select
from storage_server import SERVICE_KEY, Storage, dropped, stalling

from brightrun.joblog import job_log, log_path
from brightrun.reconciling import Discrepancy, reconcile
from brightrun.sending import files_sent, send_files
from brightrun.store.files import BATCH_LOGS, CONVERSATION_FILES
from brightrun.store.outbox import queue_files, standing
from brightrun.store.supabase_files import SupabaseFiles
from brightrun.store.tables import file_outbox
from brightrun.workplace import Workplace, workplace


@pytest.fixture
def team(here: Workplace, storage: Storage, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workplace]:
    """The workplace as the environment names it: the same store, with a project."""
    monkeypatch.setenv("BRIGHTRUN_HOME", str(here.config.home))
    monkeypatch.setenv("BRIGHTRUN_DATABASE_URL", here.config.database_url)
    monkeypatch.setenv("SUPABASE_URL", storage.url)
    monkeypatch.setenv("SUPABASE_SERVICE_ROLE_KEY", SERVICE_KEY)
    made = workplace()
    yield made
    made.database.close()


def work(team: Workplace, job_id: str, stopped: Callable[[], bool] = lambda: False) -> None:
    """What a run does with files: one of a conversation, and the log."""
    name = f"raw/{job_id}/a.json"
    with job_log(team.files, job_id) as log, files_sent(team, job_id, stopped):
        team.files.put(CONVERSATION_FILES, name, b"1")
        with team.database.writing() as connection:
            queue_files(connection, team.files, job_id, [(CONVERSATION_FILES, name)])
        log.info("the last line")


def waiting(team: Workplace) -> int:
    with team.database.reading() as connection:
        return standing(connection, team.files.folder_id).waiting


@on_every_database
def test_at_its_end_everything_of_a_job_is_in_storage(
    team: Workplace, new_job: Callable[..., JobAtHand], storage: Storage
) -> None:
    job = new_job()
    work(team, job.id)
    assert storage.names(CONVERSATION_FILES) == [f"raw/{job.id}/a.json"]
    log = log_path(team.files, job.id).read_bytes()
    assert storage.buckets[BATCH_LOGS].objects[f"{job.id}/log.txt"].data == log
    assert log.endswith(b"the last line\n")
    assert waiting(team) == 0


def test_with_storage_away_the_job_says_so_and_the_next_sends_all(
    team: Workplace, new_job: Callable[..., JobAtHand], storage: Storage
) -> None:
    job, other = new_job(), new_job()
    storage.otherwise = dropped
    work(team, job.id)
    said = log_path(team.files, job.id).read_text().splitlines()[-1]
    assert "WARNING files wait for Storage: " in said
    assert SERVICE_KEY not in said
    assert waiting(team) == 2
    storage.otherwise = None
    work(team, other.id)
    assert waiting(team) == 0
    assert storage.names(CONVERSATION_FILES) == sorted(f"raw/{one.id}/a.json" for one in (job, other))


def test_a_storage_that_takes_forever_is_not_waited_for(
    team: Workplace, new_job: Callable[..., JobAtHand], storage: Storage
) -> None:
    job = new_job()
    work(team, job.id, stopped=lambda: True)
    end = threading.Event()
    storage.otherwise = stalling(end, storage)
    began = time.monotonic()
    with job_log(team.files, job.id):
        send_files(team, job.id, at_most_s=0.5, answer_s=0.3)
    end.set()
    assert time.monotonic() - began < 10
    assert waiting(team) == 2
    assert "WARNING files wait" in log_path(team.files, job.id).read_text()


def test_after_a_stop_files_are_queued_and_nobody_waits(
    team: Workplace, new_job: Callable[..., JobAtHand], storage: Storage
) -> None:
    job = new_job()
    work(team, job.id, stopped=lambda: True)
    assert storage.requests == []
    assert waiting(team) == 2


def test_without_a_project_nothing_is_queued(here: Workplace, new_job: Callable[..., JobAtHand]) -> None:
    work(here, new_job().id)
    with here.database.reading() as connection:
        assert connection.execute(select(func.count()).select_from(file_outbox)).scalar_one() == 0


@on_every_database
def test_kf_29_a_file_that_never_got_its_record_is_removed_everywhere(
    team: Workplace, new_job: Callable[..., JobAtHand], storage: Storage, remote: SupabaseFiles
) -> None:
    """KF-29, on every database."""
    job = new_job()
    work(team, job.id)
    assert reconcile(team.database, team.files, remote).agrees
    assert reconcile(team.database, team.files, remote, grace_s=-60).counts == {Discrepancy.GHOST: 2}
    assert storage.names(CONVERSATION_FILES) == []
    assert reconcile(team.database, team.files, remote, grace_s=-60).agrees
