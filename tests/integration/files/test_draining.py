"""The outbox: a Storage that is away delays files and loses none, and nobody waits for it."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from database_servers import on_every_database
from small_jobs import JobAtHand
from sqlalchemy import select, update
from storage_server import (
    SERVICE_KEY,
    Bucket,
    Storage,
    StorageThread,
    answered,
    dropped,
    failing,
    stalling,
)

from brightrun.draining import DrainReport, drain
from brightrun.errors import FileTakenError
from brightrun.store.database import open_database
from brightrun.store.files import BATCH_LOGS, CONVERSATION_FILES, DATASETS, LocalFiles
from brightrun.store.jobs import utc_now
from brightrun.store.outbox import OutboxState, queue_files, queue_log, queue_release, try_refused_again
from brightrun.store.supabase_files import SupabaseFiles
from brightrun.store.tables import file_outbox
from brightrun.workplace import Workplace

DRAIN = """
import sys
from pathlib import Path
from brightrun.draining import drain
from brightrun.store.database import open_database
from brightrun.store.files import LocalFiles
from brightrun.store.supabase_files import SupabaseFiles
database, folder, url, key = sys.argv[1:]
drain(open_database(database), LocalFiles(Path(folder), mirrored=True), SupabaseFiles(url, key), lease_s=1)
"""


class Machine:
    """A machine with a folder of its own, and a job in the database that it shares."""

    def __init__(self, here: Workplace, job_id: str, folder: Path) -> None:
        self.database = here.database
        self.url = here.config.database_url
        self.folder = folder
        self.files = LocalFiles(folder, mirrored=True)
        self.job_id = job_id

    def writes(self, **contents: bytes) -> None:
        """Files of conversations, and in one transaction that they are to be sent."""
        names = [(CONVERSATION_FILES, f"raw/{self.job_id}/{stem}.json") for stem in contents]
        for (bucket, name), content in zip(names, contents.values(), strict=True):
            self.files.put(bucket, name, content)
        with self.database.writing() as connection:
            queue_files(connection, self.files, self.job_id, names)

    def logs(self, text: str) -> None:
        path = self.files.path(BATCH_LOGS, f"{self.job_id}/log.txt")
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a") as log:
            log.write(text)
        with self.database.writing() as connection:
            queue_log(connection, self.files, self.job_id)

    def releases(self, *names: str) -> None:
        for name in names:
            self.files.put(DATASETS, f"small/v1/{name}", name.encode())
        with self.database.writing() as connection:
            queue_release(connection, self.files, self.job_id, "small/v1", names)

    def drain(self, remote: SupabaseFiles, **settings: Any) -> DrainReport:
        return drain(self.database, self.files, remote, **settings)

    def is_due(self) -> None:
        """The waits are over."""
        with self.database.writing() as connection:
            connection.execute(update(file_outbox).values(next_at=utc_now() - timedelta(seconds=1)))

    @property
    def rows(self) -> list[Any]:
        with self.database.reading() as connection:
            return list(connection.execute(select(file_outbox).order_by(file_outbox.c.id)).mappings())

    @property
    def states(self) -> list[str]:
        return [row["state"] for row in self.rows]


@pytest.fixture
def machine(here: Workplace, new_job: Callable[..., JobAtHand], tmp_path: Path) -> Machine:
    return Machine(here, new_job().id, tmp_path / "one")


def another(machine: Machine, here: Workplace, folder: Path) -> Machine:
    return Machine(here, machine.job_id, folder)


@pytest.fixture
def port_of_nobody() -> int:
    thread = StorageThread()
    thread.close()
    return thread.port


@on_every_database
def test_what_was_written_goes_up_once(machine: Machine, remote: SupabaseFiles, storage: Storage) -> None:
    machine.writes(a=b"1", b=b"22", c=b"333")
    report = machine.drain(remote)
    assert (report.sent, report.sent_bytes, report.left.sent) == (3, 6, 3)
    assert report.is_done
    assert not report.stopped_by
    assert storage.names(CONVERSATION_FILES) == [f"raw/{machine.job_id}/{stem}.json" for stem in "abc"]
    stored = storage.buckets[CONVERSATION_FILES].objects[f"raw/{machine.job_id}/a.json"]
    assert (stored.data, stored.content_type, stored.cache_control) == (b"1", "application/json", "0")
    assert [bucket.public for bucket in storage.buckets.values()] == [False] * 3
    before = len(storage.requests)
    assert machine.drain(remote).sent == 0
    machine.writes(a=b"1")  # the same again
    report = machine.drain(remote)
    assert (report.sent, report.unchanged, report.left.waiting) == (0, 1, 0)
    assert len(storage.requests) == before


def test_without_storage_nothing_is_queued(here: Workplace, machine: Machine) -> None:
    files = LocalFiles(machine.folder)
    with machine.database.writing() as connection:
        queue_files(connection, files, machine.job_id, [(CONVERSATION_FILES, "raw/a.json")])
        queue_release(connection, files, machine.job_id, "small/v1", ["manifest.json"])
        queue_log(connection, files, machine.job_id)
    assert machine.rows == []
    assert not machine.folder.exists()


@on_every_database
def test_an_outage_delays_files_and_loses_none(machine: Machine, port_of_nobody: int) -> None:
    contents = {f"c{number:03}": f"{number}".encode() for number in range(100)}
    machine.writes(**contents)
    remote = SupabaseFiles(f"http://127.0.0.1:{port_of_nobody}", SERVICE_KEY, timeout_s=2)
    started = time.monotonic()
    report = machine.drain(remote)
    assert time.monotonic() - started < 10  # nobody waits for it
    assert "Connection refused" in (report.stopped_by or "")
    assert (report.sent, report.left.waiting) == (0, 100)
    tried = [row for row in machine.rows if row["attempts"]]
    assert 0 < len(tried) < 20
    assert all(row["next_at"] > utc_now() for row in tried)
    assert all("Connection refused" in row["message"] for row in tried)
    assert all(row["claim"] is None for row in machine.rows)
    back = StorageThread(port_of_nobody)
    try:
        assert machine.drain(remote).left.waiting == len(tried)  # whose waits are not over
        machine.is_due()
        assert machine.drain(remote).is_done
        objects = back.storage.buckets[CONVERSATION_FILES].objects
        assert {name[-9:-5]: stored.data for name, stored in objects.items()} == contents
        assert len(back.storage.uploads) == 100
    finally:
        back.close()
        remote.close()


@pytest.mark.parametrize(
    "trouble",
    [
        failing("500", "InternalError", http_status=500),
        failing("503", "LockTimeout"),
        failing("544", "DatabaseTimeout", http_status=544),
        failing("429", "too_many_connections", http_status=429),
        failing("423", "ResourceLocked"),
        answered(b"<html>Bad gateway</html>", 502, "text/html"),
        answered(b"", 504),
        answered(b"<html>hello</html>", 200, "text/html"),
        answered(b"{}", 200),
        dropped,
    ],
    ids=["500", "503", "544", "429", "locked", "html", "empty", "portal", "nothing", "dropped"],
)
def test_trouble_that_passes_is_sat_out(
    machine: Machine, remote: SupabaseFiles, storage: Storage, trouble: Any
) -> None:
    remote.prepare()
    machine.writes(a=b"1", b=b"2")
    storage.script.append(trouble)
    report = machine.drain(remote)
    assert (report.sent, report.left.waiting, report.stopped_by) == (1, 1, None)
    assert len(report.said) == 1
    machine.is_due()
    assert machine.drain(remote).is_done
    assert len(storage.names(CONVERSATION_FILES)) == 2


@pytest.mark.parametrize(
    ("bucket", "says"),
    [
        (Bucket(largest_bytes=3), "413 Payload too large, The object exceeded the maximum allowed size"),
        (Bucket(content_types=["image/png"]), "415 invalid_mime_type, mime type application/json is not supported"),
    ],
    ids=["too_large", "type"],
)
def test_a_file_that_is_refused_is_said_and_holds_nobody_up(
    machine: Machine, remote: SupabaseFiles, storage: Storage, bucket: Bucket, says: str
) -> None:
    storage.buckets[CONVERSATION_FILES] = bucket
    machine.writes(a=b"too large")
    machine.logs("line\n")
    report = machine.drain(remote)
    assert (report.sent, report.refused, report.is_done) == (1, 1, False)
    assert says in report.said[0]
    assert machine.states == ["refused", "sent"]
    assert machine.drain(remote).refused == 0
    storage.buckets[CONVERSATION_FILES] = Bucket()
    with machine.database.writing() as connection:
        assert try_refused_again(connection, machine.files.folder_id) == 1
    assert machine.drain(remote).is_done


def test_a_bad_key_of_a_file_is_its_own_fault(machine: Machine, remote: SupabaseFiles, storage: Storage) -> None:
    remote.prepare()
    machine.writes(a=b"1")
    storage.script.append(failing("400", "InvalidKey", "Invalid key: a"))
    assert machine.drain(remote).refused == 1
    with machine.database.writing() as connection:
        queue_files(connection, machine.files, machine.job_id, [(CONVERSATION_FILES, "raw/é.json")])
    machine.files.path(CONVERSATION_FILES, "raw/é.json").write_bytes(b"2")
    report = machine.drain(remote)
    assert report.refused == 1
    assert "is no name of a file" in report.said[0]


@pytest.mark.parametrize(
    "refusal",
    [
        failing("403", "Unauthorized", "Invalid Compact JWS"),
        failing("400", "InvalidJWT", "jwt malformed"),
        failing("403", "Unauthorized", "new row violates row-level security policy"),
        answered(b'{"message": "Invalid API key"}', 401),
    ],
    ids=["signature", "malformed", "policy", "gateway"],
)
def test_a_key_that_is_not_taken_stops_the_drain_and_no_file_is_given_up(
    machine: Machine, remote: SupabaseFiles, storage: Storage, refusal: Any
) -> None:
    remote.prepare()
    machine.writes(**{f"c{number}": b"1" for number in range(30)})
    storage.otherwise = refusal
    report = machine.drain(remote)
    assert report.stopped_by
    assert (report.sent, report.refused, report.left.waiting) == (0, 0, 30)
    storage.otherwise = None
    machine.is_due()
    assert machine.drain(remote).is_done


def test_nothing_goes_into_a_bucket_that_anybody_may_read(
    machine: Machine, remote: SupabaseFiles, storage: Storage
) -> None:
    storage.buckets[CONVERSATION_FILES] = Bucket(public=True)
    machine.writes(a=b"1")
    assert "Anybody may read the bucket conversation-files" in (machine.drain(remote).stopped_by or "")
    assert storage.uploads == []
    storage.buckets[CONVERSATION_FILES].public = False
    machine.is_due()
    assert machine.drain(remote).is_done


def test_a_bucket_that_was_removed_is_made_again(machine: Machine, remote: SupabaseFiles, storage: Storage) -> None:
    remote.prepare()
    del storage.buckets[CONVERSATION_FILES]
    machine.writes(a=b"1")
    assert machine.drain(remote).is_done
    assert not storage.buckets[CONVERSATION_FILES].public


@on_every_database
def test_kf_29_a_process_killed_after_the_upload_leaves_a_file_that_is_adopted(
    machine: Machine, remote: SupabaseFiles, storage: Storage
) -> None:
    """KF-29: stored, and the row not updated."""
    remote.prepare()
    machine.writes(a=b"1")
    answers = threading.Event()
    storage.script.extend([storage.answer, stalling(answers, storage)])
    arguments = [machine.url, str(machine.folder), storage.url, SERVICE_KEY]
    killed = subprocess.Popen([sys.executable, "-c", DRAIN, *arguments])
    wait_for(lambda: len(storage.uploads) == 1)
    killed.kill()
    killed.wait()
    answers.set()
    assert machine.states == ["waiting"]
    wait_for(lambda: machine.drain(remote, lease_s=1).left.sent == 1)
    assert machine.states == ["sent"]
    assert len(storage.uploads) == 1  # the same content was found there


def test_kf_29_a_file_without_its_digest_in_storage_is_compared_by_its_content(
    machine: Machine, remote: SupabaseFiles, storage: Storage
) -> None:
    """KF-29."""
    storage.keeps_user_metadata = False
    remote.put(DATASETS, "small/v1/a.txt", b"1")
    remote.put(DATASETS, "small/v1/a.txt", b"1", replace=False)
    with pytest.raises(FileTakenError):
        remote.put(DATASETS, "small/v1/a.txt", b"2", replace=False)
    assert len(storage.uploads) == 1


@on_every_database
def test_drains_beside_one_another_send_each_file_once(machine: Machine, storage: Storage) -> None:
    machine.writes(**{f"c{number:03}": f"{number}".encode() for number in range(300)})

    def one(_: int) -> DrainReport:
        remote, database = SupabaseFiles(storage.url, SERVICE_KEY), open_database(machine.url)
        try:
            return drain(database, machine.files, remote)
        finally:
            database.close()
            remote.close()

    with ThreadPoolExecutor(4) as pool:
        reports = list(pool.map(one, range(4)))
    assert sum(report.sent for report in reports) == 300
    assert len(storage.uploads) == len(set(storage.uploads)) == 300
    assert machine.states == ["sent"] * 300


@on_every_database
def test_what_is_queued_again_while_it_is_sent_is_sent_again(
    machine: Machine, remote: SupabaseFiles, storage: Storage
) -> None:
    remote.prepare()
    machine.writes(a=b"old")
    answers = threading.Event()
    storage.script.append(stalling(answers, storage))
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(machine.drain, remote)
        wait_for(lambda: len(storage.uploads) == 1)
        machine.writes(a=b"new")
        assert machine.drain(remote).sent == 0  # while it is claimed
        answers.set()
        first.result(30)
    machine.drain(remote)
    assert machine.states == ["sent"]
    assert storage.buckets[CONVERSATION_FILES].objects[f"raw/{machine.job_id}/a.json"].data == b"new"


def test_the_time_limit_ends_a_drain_and_the_rest_waits(
    machine: Machine, remote: SupabaseFiles, storage: Storage
) -> None:
    machine.writes(**{f"c{number:03}": b"1" for number in range(100)})
    report = machine.drain(remote, time_limit_s=0)
    assert (report.sent, report.left.waiting, report.stopped_by) == (0, 100, None)
    assert machine.drain(remote).is_done


@on_every_database
def test_each_machine_sends_what_lies_in_its_own_folder(
    here: Workplace, machine: Machine, remote: SupabaseFiles, storage: Storage, tmp_path: Path
) -> None:
    other = another(machine, here, tmp_path / "two")
    machine.writes(a=b"1")
    other.writes(b=b"2")
    report = machine.drain(remote)
    assert (report.sent, report.left.waiting, report.left.elsewhere) == (1, 0, 1)
    assert report.is_done
    assert other.drain(remote).sent == 1
    assert LocalFiles(tmp_path / "two").folder_id == other.files.folder_id != machine.files.folder_id


@on_every_database
def test_the_logs_of_two_machines_stand_side_by_side(
    here: Workplace, machine: Machine, remote: SupabaseFiles, storage: Storage, tmp_path: Path
) -> None:
    other = another(machine, here, tmp_path / "two")
    machine.logs("one\n")
    other.logs("two\n")
    machine.drain(remote)
    other.drain(remote)
    machine.logs("three\n")
    machine.drain(remote)
    objects = storage.buckets[BATCH_LOGS].objects
    assert {name: stored.data for name, stored in objects.items()} == {
        f"{machine.job_id}/log.txt": b"one\nthree\n",
        f"{machine.job_id}/log-{other.files.folder_id}.txt": b"two\n",
    }


def test_a_file_that_is_not_in_its_folder_any_more_is_lost_and_said(machine: Machine, remote: SupabaseFiles) -> None:
    machine.writes(a=b"1")
    machine.files.delete(CONVERSATION_FILES, f"raw/{machine.job_id}/a.json")
    report = machine.drain(remote)
    assert (report.lost, report.is_done) == (1, False)
    assert "cannot be read: No such file" in report.said[0]
    assert machine.states == ["lost"]


@on_every_database
def test_kf_52_a_release_is_whole_in_storage_when_its_manifest_is_there(
    machine: Machine, remote: SupabaseFiles, storage: Storage
) -> None:
    """KF-52."""
    remote.prepare()
    machine.releases("manifest.json", "README.md", "messages/train.parquet")
    storage.otherwise = failing("500", "InternalError", http_status=500)
    machine.drain(remote)
    storage.otherwise = None
    assert machine.drain(remote).sent == 0  # two wait for their time, the manifest for them
    machine.is_due()
    assert machine.drain(remote).is_done
    assert storage.uploads[-1] == "datasets/small/v1/manifest.json"
    assert len(storage.uploads) == 3


def test_kf_52_a_release_that_is_there_is_adopted_and_never_replaced(
    machine: Machine, remote: SupabaseFiles, storage: Storage
) -> None:
    """KF-52."""
    for name, content in (("README.md", b"README.md"), ("manifest.json", b"another")):
        remote.put(DATASETS, f"small/v1/{name}", content)
    machine.releases("manifest.json", "README.md")
    report = machine.drain(remote)
    assert (report.sent, report.refused) == (1, 1)
    assert "409 Duplicate" in report.said[0]
    assert storage.buckets[DATASETS].objects["small/v1/manifest.json"].data == b"another"


def test_kf_52_no_link_is_stored(machine: Machine, remote: SupabaseFiles, storage: Storage) -> None:
    """KF-52: a link is made for who asks, and stands in no row and no file."""
    machine.writes(a=b"1")
    machine.drain(remote)
    token = remote.link(CONVERSATION_FILES, f"raw/{machine.job_id}/a.json").partition("token=")[2]
    assert len(token) > 20
    stored = Path(machine.url.removeprefix("sqlite:///")).parent.rglob("*")
    kept = [path for path in (*stored, *machine.folder.rglob("*")) if path.is_file()]
    assert not [path for path in kept if token.encode() in path.read_bytes()]


def test_a_row_says_what_was_sent(machine: Machine, remote: SupabaseFiles) -> None:
    machine.writes(a=b"1")
    machine.drain(remote)
    [row] = machine.rows
    assert OutboxState(row["state"]) is OutboxState.SENT
    assert row["bytes"] == 1
    assert row["sha256"] == "6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b"
    assert row["sent_at"] >= row["queued_at"]


def wait_for(condition: Callable[[], bool], limit_s: float = 30) -> None:
    until = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.02)
