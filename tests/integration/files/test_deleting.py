"""Deleting says first what would go, and takes no more; rows and files go together, here and in Storage."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from urllib.request import urlopen

import pytest
from database_servers import on_every_database
from small_jobs import JobAtHand
from sqlalchemy import func, select
from storage_server import Storage, failing

from brightrun.deleting import Part, delete_all_of, removal
from brightrun.draining import drain
from brightrun.errors import FilesError, JobBusyError, JobUnknownError, RequestError, StoreError
from brightrun.job_files import files_of
from brightrun.joblog import log_path
from brightrun.store.files import BATCH_LOGS, CONVERSATION_FILES, DATA_DOCS, DATASETS, LocalFiles
from brightrun.store.jobs import record_release
from brightrun.store.leases import sign_in
from brightrun.store.outbox import queue_files, queue_release
from brightrun.store.supabase_files import SupabaseFiles
from brightrun.store.tables import metadata
from brightrun.workplace import Workplace

NAME = "small"


def with_files(job: JobAtHand, version: str, files: LocalFiles | None = None) -> Workplace:
    """The job's workplace once it has a conversation's files, a log, a release and its Data Docs."""
    files = files or job.here.files
    made = {
        (CONVERSATION_FILES, f"raw/{job.id}/one.json"): b"{}",
        (CONVERSATION_FILES, f"enriched/{job.id}/one.json"): b"{}",
        (BATCH_LOGS, f"{job.id}/log.txt"): b"a line",
        (DATASETS, f"{NAME}/{version}/manifest.json"): b"{}",
        (DATASETS, f"{NAME}/{version}/messages/train.jsonl"): b"{}\n",
        (DATASETS, f"{job.job.name}/{DATA_DOCS}/{job.id}/index.html"): b"<p>",
    }
    for (bucket, name), content in made.items():
        files.put(bucket, name, content)
    listed = [{"path": "manifest.json", "bytes": 2}, {"path": "messages/train.jsonl", "bytes": 3}]
    with job.here.database.writing() as connection:
        record_release(connection, job.id, version, f"{NAME}/{version}", listed)
        queue_files(connection, files, job.id, [(b, n) for b, n in made if b != DATASETS])
        queue_release(connection, files, job.id, f"{NAME}/{version}", [one["path"] for one in listed])
    return Workplace(job.here.config, job.here.database, files)


def names(files: LocalFiles) -> set[str]:
    return {f"{b}/{file.name}" for b in (CONVERSATION_FILES, BATCH_LOGS, DATASETS) for file in files.listed(b)}


def rows(here: Workplace) -> dict[str, int]:
    with here.database.reading() as connection:
        return {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in metadata.sorted_tables
        }


@on_every_database
def test_a_job_goes_with_all_that_it_has_and_its_neighbour_stays(new_job: Callable[..., JobAtHand]) -> None:
    stays = new_job(2)
    here = with_files(stays, "v-of-both")
    before, files_before = rows(here), names(here.files)
    goes = new_job(3)
    with_files(goes, "v-of-both")  # the same release was made of both
    with_files(goes, "v-of-one")
    doomed = removal(here, None, goes.id, Part.JOB)
    assert doomed.rows == {"batch_items": 3, "generations": 0, "conversations": 0, "releases": 2}
    assert doomed.file_count == 6
    delete_all_of(here, None, doomed)
    assert rows(here) == before
    assert names(here.files) == files_before
    left = [path for path in here.config.files.rglob("*") if goes.id in path.name or "v-of-one" in path.name]
    assert left == []


def test_releases_go_and_the_conversations_stay(new_job: Callable[..., JobAtHand]) -> None:
    job = new_job(2)
    here = with_files(job, "v1")
    delete_all_of(here, None, removal(here, None, job.id, Part.RELEASES))
    assert names(here.files) == {
        f"conversation-files/raw/{job.id}/one.json",
        f"conversation-files/enriched/{job.id}/one.json",
        f"batch-logs/{job.id}/log.txt",
    }
    assert rows(here)["batch_items"] == 2
    assert rows(here)["releases"] == 0
    assert "deleted 1 releases, 3 files" in log_path(here.files, job.id).read_text()


@on_every_database
def test_what_is_worked_at_is_not_deleted(new_job: Callable[..., JobAtHand]) -> None:
    """Nor what somebody takes up while the question is asked."""
    job = new_job()
    here = with_files(job, "v1")
    doomed = removal(here, None, job.id, Part.JOB)
    with here.database.writing() as connection:
        sign_in(connection, job.id)
    before, files_before = rows(here), names(here.files)
    with pytest.raises(JobBusyError, match=f"brightrun cancel {job.id}"):
        removal(here, None, job.id, Part.JOB)
    with pytest.raises(JobBusyError, match="Nothing was deleted"):
        delete_all_of(here, None, doomed)
    assert (rows(here), names(here.files)) == (before, files_before)


def test_files_in_storage_go_too_or_nothing_does(
    new_job: Callable[..., JobAtHand], remote: SupabaseFiles, storage: Storage
) -> None:
    job = new_job()
    here = with_files(job, "v1", LocalFiles(job.here.config.files, mirrored=True))
    assert drain(here.database, here.files, remote).is_done
    with pytest.raises(RequestError, match="SUPABASE_URL"):
        removal(here, None, job.id, Part.JOB)
    doomed = removal(here, remote, job.id, Part.JOB)
    assert doomed.in_storage == 5
    before = rows(here)
    storage.otherwise = failing("503", "LockTimeout")
    with pytest.raises(FilesError):
        delete_all_of(here, remote, doomed)
    storage.otherwise = None
    assert rows(here) == before
    storage.requests.clear()
    delete_all_of(here, remote, doomed)
    removals = [request for request in storage.requests if request.startswith("DELETE")]
    assert len(removals) == len(doomed.files)  # one for each bucket
    assert not any(bucket.objects for bucket in storage.buckets.values())
    assert names(here.files) == set()
    assert sum(rows(here).values()) < sum(before.values())


@on_every_database
def test_of_two_who_delete_the_same_at_once_one_does(new_job: Callable[..., JobAtHand]) -> None:
    job = new_job()
    here = with_files(job, "v1")
    doomed = removal(here, None, job.id, Part.JOB)
    both = threading.Barrier(2)

    def delete_it() -> None:
        both.wait(10)
        delete_all_of(here, None, doomed)

    with ThreadPoolExecutor(2) as pool:
        ends = [pool.submit(delete_it) for _ in range(2)]
        failed = [error for end in ends if (error := end.exception())]
    assert [type(error) for error in failed] == [JobUnknownError]
    assert names(here.files) == set()
    assert rows(here)["batch_jobs"] == 0


def test_whoever_is_stopped_while_deleting_can_do_it_again(
    new_job: Callable[..., JobAtHand], monkeypatch: pytest.MonkeyPatch
) -> None:
    job = new_job()
    here = with_files(job, "v1")
    doomed = removal(here, None, job.id, Part.JOB)
    with monkeypatch.context() as patch:
        patch.setattr(LocalFiles, "delete", stopping_at(LocalFiles.delete, DATASETS))
        with pytest.raises(KeyboardInterrupt):
            delete_all_of(here, None, doomed)
    assert rows(here)["batch_jobs"] == 1
    delete_all_of(here, None, removal(here, None, job.id, Part.JOB))
    assert names(here.files) == set()
    assert rows(here)["batch_jobs"] == 0


def stopping_at(delete: Callable[..., None], bucket: str) -> Callable[..., None]:
    def stop(files: LocalFiles, of: str, *names: str) -> None:
        if of == bucket:
            raise KeyboardInterrupt
        delete(files, of, *names)

    return stop


@on_every_database
def test_a_database_that_refuses_keeps_the_files(new_job: Callable[..., JobAtHand]) -> None:
    job = new_job()
    here = with_files(job, "v1")
    doomed = removal(here, None, job.id, Part.JOB)
    files_before = names(here.files)
    refuses = "BEFORE DELETE ON batch_jobs"
    if here.database.engine.dialect.name == "postgresql":
        with here.database.writing() as connection:
            connection.exec_driver_sql(
                "CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''not allowed''; END'"
            )
            connection.exec_driver_sql(f"CREATE TRIGGER no {refuses} FOR EACH ROW EXECUTE FUNCTION no()")
    else:
        with closing(sqlite3.connect(here.config.home / "brightrun.db")) as raw, raw:
            raw.execute(f"CREATE TRIGGER no {refuses} BEGIN SELECT RAISE(ABORT, 'not allowed'); END")
    with pytest.raises(StoreError):
        delete_all_of(here, None, doomed)
    assert names(here.files) == files_before


def test_links_to_files_hold_for_as_long_as_asked(
    new_job: Callable[..., JobAtHand], remote: SupabaseFiles, tmp_path: Path
) -> None:
    job = new_job()
    here = with_files(job, "v1", LocalFiles(job.here.config.files, mirrored=True))
    assert all(file.link is None for file in files_of(here, remote, job.id))
    drain(here.database, here.files, remote)
    found = {file.name: file.link for file in files_of(here, remote, job.id, link_hours=1)}
    assert set(found) == {f"{NAME}/v1/manifest.json", f"{NAME}/v1/messages/train.jsonl", f"{job.id}/log.txt"}
    link = found[f"{NAME}/v1/messages/train.jsonl"]
    assert link is not None
    with urlopen(link) as opened:
        assert opened.read() == b"{}\n"
