"""KF-29: file and row agree after any crash, or it is said and mended which do not."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from small_jobs import JobAtHand, generate_all, small_plan
from sqlalchemy import delete, select, text, update
from storage_server import Object, Storage, failing

from brightrun.configuration import Configuration
from brightrun.draining import drain
from brightrun.enrichment import enrich_job
from brightrun.errors import StoreError
from brightrun.exporting import export_job
from brightrun.planning import open_job
from brightrun.reconciling import Discrepancy, ReconcileReport, reconcile
from brightrun.simulator.process import start_simulator
from brightrun.simulator.settings import SimulatorSettings
from brightrun.store.database import open_database, sqlite_url
from brightrun.store.files import BATCH_LOGS, CONVERSATION_FILES, DATASETS, LocalFiles
from brightrun.store.jobs import record_release, utc_now
from brightrun.store.outbox import queue_log, queue_release
from brightrun.store.supabase_files import SupabaseFiles
from brightrun.store.tables import conversations, file_outbox
from brightrun.workplace import Workplace

ITEMS = 3


class Enriched:
    """A job whose conversations have their records, and the files of its machine."""

    def __init__(self, job: JobAtHand) -> None:
        self.job, self.id = job, job.id
        self.database = job.here.database
        self.files = job.here.files

    @property
    def ids(self) -> list[str]:
        with self.database.reading() as connection:
            return list(connection.execute(select(conversations.c.id).order_by(conversations.c.id)).scalars())

    def name(self, number: int, kind: str = "raw") -> str:
        return f"{kind}/{self.id}/{self.ids[number]}.json"

    @property
    def contents(self) -> dict[str, bytes]:
        listed = self.files.listed(CONVERSATION_FILES)
        return {file.name: self.files.get(CONVERSATION_FILES, file.name) for file in listed}

    def executes(self, statement: Any) -> None:
        with self.database.writing() as connection:
            connection.execute(statement)


@pytest.fixture(scope="module")
def enriched_home(empty_database: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The home of a mirrored machine with a job whose conversations have their records, to copy; and the job's id."""
    home = tmp_path_factory.mktemp("enriched") / "home"
    home.mkdir()
    shutil.copy(empty_database, home / "brightrun.db")
    here = mirrored(home)
    opened = open_job(here.database, small_plan(ITEMS), simulated=True, new=True)
    job = JobAtHand(here, opened.job.id)
    simulator = start_simulator(SimulatorSettings(latency_s=(0.0, 0.0), seed=3), home.parent / "simulator.log")
    try:
        with job.runtime(simulator.url) as running:
            while "planned" in job.states:
                generate_all(running)
                running.validate()
            enrich_job(here.database, here.files, job.job, running.catalog)
    finally:
        simulator.stop()
    assert job.states == ["accepted"] * ITEMS
    here.database.close()
    return home, job.id


def mirrored(home: Path) -> Workplace:
    config = Configuration(home, sqlite_url(home / "brightrun.db"))
    return Workplace(config, open_database(config.database_url), LocalFiles(config.files, mirrored=True))


@pytest.fixture
def made(enriched_home: tuple[Path, str], tmp_path: Path) -> Iterator[Enriched]:
    home, job_id = enriched_home
    shutil.copytree(home, tmp_path / "home")
    here = mirrored(tmp_path / "home")
    yield Enriched(JobAtHand(here, job_id))
    here.database.close()


def reconciled(made: Enriched, remote: SupabaseFiles | None, **settings: Any) -> ReconcileReport:
    """What it said; a second time, after a drain, it has nothing more to say."""
    report = reconcile(made.database, made.files, remote, **settings)
    if remote is not None:
        drain(made.database, made.files, remote)
    again = reconcile(made.database, made.files, remote, **settings)
    lasting = {Discrepancy.UNKNOWN_JOB, Discrepancy.LOST}
    assert set(again.counts) <= lasting
    return report


def test_kf_29_after_a_run_everything_agrees(made: Enriched, remote: SupabaseFiles, storage: Storage) -> None:
    """KF-29."""
    assert len(made.contents) == 2 * ITEMS
    assert reconcile(made.database, made.files, remote).agrees  # what waits is in order
    assert drain(made.database, made.files, remote).sent == 2 * ITEMS
    assert reconcile(made.database, made.files, remote).agrees
    stored = storage.buckets[CONVERSATION_FILES].objects
    assert {name: found.data for name, found in stored.items()} == made.contents


@pytest.mark.parametrize("mirrored", [True, False])
def test_kf_29_a_row_without_its_file_gets_the_same_file_again(
    made: Enriched, remote: SupabaseFiles, mirrored: bool
) -> None:
    """KF-29."""
    before = made.contents
    made.files.mirrored = mirrored
    for kind, number in (("raw", 0), ("enriched", 1)):
        made.files.delete(CONVERSATION_FILES, made.name(number, kind))
    report = reconciled(made, remote if mirrored else None)
    assert report.counts == {Discrepancy.MISSING: 2}
    assert {finding.name for finding in report.shown} == {made.name(0, "raw"), made.name(1, "enriched")}
    assert made.contents == before


def test_kf_29_what_was_lost_before_it_was_sent_is_made_again_and_sent(
    made: Enriched, remote: SupabaseFiles, storage: Storage
) -> None:
    """KF-29."""
    before = made.contents
    made.files.delete(CONVERSATION_FILES, made.name(0))
    assert drain(made.database, made.files, remote).lost == 1
    assert reconciled(made, remote).counts == {Discrepancy.MISSING: 1}
    assert {name: found.data for name, found in storage.buckets[CONVERSATION_FILES].objects.items()} == before


def test_kf_29_what_is_gone_from_storage_or_cut_off_there_is_sent_again(
    made: Enriched, remote: SupabaseFiles, storage: Storage
) -> None:
    """KF-29."""
    drain(made.database, made.files, remote)
    objects = storage.buckets[CONVERSATION_FILES].objects
    del objects[made.name(0)]
    objects[made.name(1)].data = objects[made.name(1)].data[:10]
    objects[made.name(1)].user_metadata = None
    made.files.delete(CONVERSATION_FILES, made.name(0))
    assert reconciled(made, remote).counts == {Discrepancy.GONE: 2}
    assert {name: found.data for name, found in objects.items()} == made.contents


def test_kf_29_a_crash_between_file_and_row_leaves_ghosts_that_are_removed(
    made: Enriched, remote: SupabaseFiles
) -> None:
    """KF-29: the files were stored, and the row was not updated."""
    before = made.contents
    made.executes(update(conversations).values(enriched=None))
    made.executes(delete(file_outbox))
    made.executes(
        text("CREATE TRIGGER broken BEFORE UPDATE ON conversations BEGIN SELECT RAISE(ABORT, 'no power'); END")
    )
    with pytest.raises(StoreError, match="no power"):
        enrich_again(made)
    made.executes(text("DROP TRIGGER broken"))
    assert reconcile(made.database, made.files, remote).agrees  # the job may be just about to write the row
    assert made.contents == before
    assert reconciled(made, remote, grace_s=-1).counts == {Discrepancy.GHOST: 2 * ITEMS}
    assert made.contents == {}
    enrich_again(made)
    assert made.contents == before
    assert reconcile(made.database, made.files, remote).agrees


def enrich_again(made: Enriched) -> None:
    with made.job.runtime("http://127.0.0.1:9") as running:
        enrich_job(made.database, made.files, made.job.job, running.catalog)


def test_kf_29_a_ghost_in_storage_is_removed_and_what_is_young_is_left(
    made: Enriched, remote: SupabaseFiles, storage: Storage
) -> None:
    """KF-29."""
    drain(made.database, made.files, remote)
    objects = storage.buckets[CONVERSATION_FILES].objects
    old = datetime.now(UTC) - timedelta(hours=2)
    objects[f"raw/{made.id}/old.json"] = Object(b"", "application/json", None, "0", old)
    objects[f"raw/{made.id}/young.json"] = Object(b"", "application/json", None, "0")
    report = reconciled(made, remote)
    assert [(finding.discrepancy, finding.name) for finding in report.shown] == [
        (Discrepancy.GHOST, f"raw/{made.id}/old.json")
    ]
    assert set(objects) == {*made.contents, f"raw/{made.id}/young.json"}


def test_kf_29_files_of_jobs_that_the_database_does_not_know_are_left_alone(
    made: Enriched, remote: SupabaseFiles
) -> None:
    """KF-29: the folder may serve another database as well."""
    for bucket, name in ((CONVERSATION_FILES, "raw/other-1/a.json"), (BATCH_LOGS, "other-1/log.txt")):
        made.files.put(bucket, name, b"1")
        os.utime(made.files.path(bucket, name), (0, 0))
    report = reconciled(made, remote)
    assert report.counts == {Discrepancy.UNKNOWN_JOB: 2}
    assert {finding.name for finding in report.shown} == {"raw/other-1", "other-1"}
    assert made.files.exists(CONVERSATION_FILES, "raw/other-1/a.json")


def test_kf_29_files_from_before_there_was_a_project_are_sent(
    made: Enriched, remote: SupabaseFiles, storage: Storage
) -> None:
    """KF-29."""
    made.files.put(BATCH_LOGS, f"{made.id}/log.txt", b"one\n")
    release(made, queued=False)
    made.executes(delete(file_outbox))
    report = reconciled(made, remote)
    assert report.counts == {Discrepancy.NOT_QUEUED: 2 * ITEMS + 1 + 2}
    assert len(storage.uploads) == 2 * ITEMS + 1 + 2
    assert storage.uploads[-1] == "datasets/small/v1/manifest.json"


def release(made: Enriched, queued: bool = True) -> None:
    names = ["manifest.json", "README.md"]
    for name in names:
        made.files.put(DATASETS, f"small/v1/{name}", name.encode())
    with made.database.writing() as connection:
        listed = [{"path": name, "bytes": len(name), "sha256": ""} for name in names]
        record_release(connection, made.id, "v1", "small/v1", listed)
        if queued:
            queue_release(connection, made.files, made.id, "small/v1", names)


def test_kf_29_a_release_and_a_log_that_storage_lost_are_sent_again(
    made: Enriched, remote: SupabaseFiles, storage: Storage
) -> None:
    """KF-29."""
    release(made)
    made.files.put(BATCH_LOGS, f"{made.id}/log.txt", b"one\n")
    with made.database.writing() as connection:
        queue_log(connection, made.files, made.id)
    drain(made.database, made.files, remote)
    storage.buckets[DATASETS].objects.clear()
    storage.buckets[BATCH_LOGS].objects.clear()
    assert reconciled(made, remote).counts == {Discrepancy.GONE: 3}
    assert storage.names(DATASETS) == ["small/v1/README.md", "small/v1/manifest.json"]
    assert storage.names(BATCH_LOGS) == [f"{made.id}/log.txt"]
    made.files.path(BATCH_LOGS, f"{made.id}/log.txt").write_bytes(b"one\ntwo\n")
    assert reconciled(made, remote).agrees
    assert storage.buckets[BATCH_LOGS].objects[f"{made.id}/log.txt"].data == b"one\ntwo\n"


@pytest.mark.parametrize("mirrored", [True, False])
def test_kf_29_a_release_that_lost_a_file_is_said(made: Enriched, remote: SupabaseFiles, mirrored: bool) -> None:
    """KF-29: the export makes the same release again."""
    made.files.mirrored = mirrored
    release(made)
    made.files.delete(DATASETS, "small/v1/README.md")
    report = reconciled(made, remote if mirrored else None)
    assert [(finding.discrepancy, finding.name) for finding in report.shown] == [
        (Discrepancy.LOST, "small/v1/README.md")
    ]


def test_kf_29_what_a_dead_machine_was_to_send_is_made_again_here(
    made: Enriched, remote: SupabaseFiles, storage: Storage, tmp_path: Path
) -> None:
    """KF-29."""
    before = made.contents
    made.files = LocalFiles(tmp_path / "another", mirrored=True)
    assert drain(made.database, made.files, remote).left.elsewhere == 2 * ITEMS
    assert reconcile(made.database, made.files, remote).agrees  # it may be alive
    made.executes(update(file_outbox).values(queued_at=utc_now() - timedelta(hours=2)))
    assert reconciled(made, remote).counts == {Discrepancy.MISSING: 2 * ITEMS}
    assert {name: found.data for name, found in storage.buckets[CONVERSATION_FILES].objects.items()} == before


def test_kf_29_with_storage_away_what_is_here_is_mended_all_the_same(
    made: Enriched, remote: SupabaseFiles, storage: Storage
) -> None:
    """KF-29."""
    drain(made.database, made.files, remote)
    made.executes(delete(file_outbox).where(file_outbox.c.name == made.name(0)))
    storage.otherwise = failing("503", "DatabaseConnectionLimit")
    report = reconcile(made.database, made.files, remote)
    assert "503 DatabaseConnectionLimit" in (report.stopped_by or "")
    assert report.counts == {Discrepancy.NOT_QUEUED: 1}
    assert not report.agrees


def test_kf_29_many_files_are_listed_page_by_page(made: Enriched, remote: SupabaseFiles, storage: Storage) -> None:
    """KF-29."""
    storage.page = 2
    drain(made.database, made.files, remote)
    assert reconcile(made.database, made.files, remote).agrees
    assert len([asked for asked in storage.requests if "list-v2" in asked]) >= ITEMS


def test_kf_29_a_release_is_queued_in_the_transaction_that_records_it(
    made: Enriched, remote: SupabaseFiles, storage: Storage
) -> None:
    """KF-29."""
    with made.job.runtime("http://127.0.0.1:9") as running:
        release = export_job(made.database, made.files, made.id, running.catalog, running.spec).release
    assert release is not None
    drain(made.database, made.files, remote)
    place = f"{made.job.job.name}/{release.version}"
    assert storage.names(DATASETS) == sorted(f"{place}/{file.path}" for file in release.files)
    assert reconcile(made.database, made.files, remote).agrees
