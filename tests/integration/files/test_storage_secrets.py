"""The service key reaches Storage and nothing else."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from small_jobs import JobAtHand
from storage_server import RESTRICTED_KEY, SERVICE_KEY, Bucket, Storage, answered, failing

from brightrun.configuration import Configuration
from brightrun.draining import drain
from brightrun.errors import FilesAwayError, FilesDeniedError, FilesError
from brightrun.joblog import job_log, log_path
from brightrun.reconciling import reconcile
from brightrun.store.files import CONVERSATION_FILES, LocalFiles
from brightrun.store.outbox import queue_files
from brightrun.store.supabase_files import SupabaseFiles
from brightrun.workplace import Workplace, remote_files, workplace

ECHO = f"the header said Bearer {SERVICE_KEY} and so on"


@pytest.mark.parametrize(
    "echoing",
    [
        failing("403", "Unauthorized", ECHO),
        failing("400", "InvalidKey", ECHO),
        failing("500", "InternalError", ECHO, http_status=500),
        answered(ECHO.encode(), 502, "text/html"),
        answered(ECHO.encode(), 200, "text/html"),
    ],
    ids=["denied", "refused", "away", "html", "portal"],
)
def test_an_answer_that_repeats_the_key_is_told_without_it(
    remote: SupabaseFiles, storage: Storage, echoing: Any
) -> None:
    remote.prepare()
    storage.otherwise = echoing
    asks: list[Callable[[], Any]] = [
        lambda: remote.put(CONVERSATION_FILES, "raw/a.json", b"1"),
        lambda: remote.exists(CONVERSATION_FILES, "raw/a.json"),
        lambda: remote.link(CONVERSATION_FILES, "raw/a.json"),
        lambda: list(remote.listed(CONVERSATION_FILES)),
        lambda: remote.delete(CONVERSATION_FILES, "raw/a.json"),
    ]
    for ask in asks:
        with pytest.raises(FilesError) as caught:
            ask()
        assert SERVICE_KEY not in "".join(traceback.format_exception(caught.value))
    assert SERVICE_KEY not in f"{remote!r} {remote}"


def test_a_whole_run_leaves_the_key_nowhere(
    here: Workplace,
    new_job: Callable[..., JobAtHand],
    remote: SupabaseFiles,
    storage: Storage,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    job = new_job()
    files = LocalFiles(here.config.files, mirrored=True)
    names = [(CONVERSATION_FILES, f"raw/{job.id}/{stem}.json") for stem in "abcdef"]
    for bucket, name in names:
        files.put(bucket, name, b"1")
    with here.database.writing() as connection:
        queue_files(connection, files, job.id, names)
    storage.buckets[CONVERSATION_FILES] = Bucket()
    storage.script.extend(
        [storage.answer, failing("413", "Payload too large", ECHO), failing("403", "Unauthorized", ECHO)]
    )
    with job_log(files, job.id) as log:
        for _ in range(2):
            log.warning("%s", drain(here.database, files, remote))
            log.warning("%s", reconcile(here.database, files, remote))
        storage.otherwise = failing("500", "InternalError", ECHO)
        try:
            remote.get(*names[0])
        except FilesAwayError:
            log.exception("not got")
    assert "[secret]" in log_path(files, job.id).read_text()
    written = [path for path in here.config.home.rglob("*") if path.is_file()]
    assert len(written) > 3
    assert not [path for path in written if SERVICE_KEY.encode() in path.read_bytes()]
    said = capfd.readouterr()
    assert SERVICE_KEY not in caplog.text + said.out + said.err
    assert SERVICE_KEY not in repr(here.config)


def test_what_a_key_has_no_right_to_is_an_error_and_no_empty_success(storage: Storage, remote: SupabaseFiles) -> None:
    """KF-54."""
    remote.put(CONVERSATION_FILES, "raw/a.json", b"1")
    restricted = SupabaseFiles(storage.url, RESTRICTED_KEY)
    with pytest.raises(FilesDeniedError, match="has no right to see it"):
        restricted.put(CONVERSATION_FILES, "raw/b.json", b"1")
    with pytest.raises(FilesDeniedError, match="Invalid Compact JWS"):
        SupabaseFiles(storage.url, "key-that-nobody-made-0123456789abcdef").put(CONVERSATION_FILES, "raw/b", b"")
    storage.script.append(answered(b"[]", 200))  # so Storage answers a removal that a policy denies
    with pytest.raises(FilesDeniedError, match="was not removed"):
        remote.delete(CONVERSATION_FILES, "raw/a.json")


def test_the_workplace_is_mirrored_where_a_project_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, storage: Storage
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BRIGHTRUN_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("BRIGHTRUN_DATABASE_URL", "")
    monkeypatch.setenv("SUPABASE_URL", storage.url + "/")
    monkeypatch.setenv("SUPABASE_SERVICE_ROLE_KEY", SERVICE_KEY)
    here = workplace()
    assert here.files.mirrored
    assert SERVICE_KEY not in repr(here)
    made = remote_files(here.config)
    assert made is remote_files(here.config)
    assert made is not None
    made.put(CONVERSATION_FILES, "raw/a.json", b"1")
    assert storage.uploads == ["conversation-files/raw/a.json"]
    assert remote_files(Configuration(tmp_path, "sqlite:///a.db")) is None
    here.database.close()


def test_without_a_project_nothing_of_supabase_is_loaded(tmp_path: Path) -> None:
    unset = {"SUPABASE_URL", "SUPABASE_SERVICE_ROLE_KEY", "BRIGHTRUN_DATABASE_URL"}
    environment = {name: value for name, value in os.environ.items() if name not in unset}
    code = (
        "import sys, brightrun.draining, brightrun.reconciling\n"
        "from brightrun.workplace import remote_files, workplace\n"
        "here = workplace()\n"
        "assert remote_files(here.config) is None and not here.files.mirrored\n"
        "assert not {'supabase', 'storage3', 'httpx'} & set(sys.modules)\n"
    )
    environment["BRIGHTRUN_HOME"] = str(tmp_path / "home")
    subprocess.run([sys.executable, "-c", code], check=True, cwd=tmp_path, env=environment, timeout=60)
