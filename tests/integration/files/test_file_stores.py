"""The local folder and Supabase Storage keep files alike: the same tests for both.

They run against a real project, too, where BRIGHTRUN_CONTRACT_SUPABASE_URL and BRIGHTRUN_CONTRACT_SUPABASE_KEY name
one that may be written to; nowhere else, and not in CI: that skip is meant.
"""

from __future__ import annotations

import os
import re
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from storage_server import SERVICE_KEY, Storage

from brightrun.errors import FileMissingError, FileTakenError
from brightrun.store.files import BATCH_LOGS, CONVERSATION_FILES, DATASETS, FileStore, LocalFiles
from brightrun.store.supabase_files import SupabaseFiles

REAL_URL = os.environ.get("BRIGHTRUN_CONTRACT_SUPABASE_URL", "")
REAL_KEY = os.environ.get("BRIGHTRUN_CONTRACT_SUPABASE_KEY", "")
CONTENT = '{"é": "\\u2028"}\r\n\0'.encode()


PROJECT = pytest.param("project", marks=pytest.mark.skipif(not (REAL_URL and REAL_KEY), reason="no project is named"))


@pytest.fixture(params=["local", "server", PROJECT])
def files(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[FileStore]:
    if request.param == "local":
        yield LocalFiles(tmp_path / "files")
        return
    storage: Storage | None = request.getfixturevalue("storage") if request.param == "server" else None
    made = SupabaseFiles(storage.url, SERVICE_KEY) if storage else SupabaseFiles(REAL_URL, REAL_KEY)
    yield made
    made.close()


@pytest.fixture
def folder(files: FileStore) -> Iterator[str]:
    """A folder of the test's own, in every bucket; emptied afterwards."""
    name = f"contract-{uuid4().hex[:12]}"
    yield name
    for bucket in (CONVERSATION_FILES, BATCH_LOGS, DATASETS):
        for file in list(files.listed(bucket, f"{name}/")):
            files.delete(bucket, file.name)


def test_what_was_put_is_got(files: FileStore, folder: str, tmp_path: Path) -> None:
    name = f"{folder}/raw/a b (1).json"
    assert not files.exists(CONVERSATION_FILES, name)
    files.put(CONVERSATION_FILES, name, CONTENT)
    assert files.exists(CONVERSATION_FILES, name)
    assert files.get(CONVERSATION_FILES, name) == CONTENT
    (tmp_path / "big").write_bytes(CONTENT * 50_000)
    files.put(DATASETS, f"{folder}/big.parquet", tmp_path / "big")
    assert files.get(DATASETS, f"{folder}/big.parquet") == CONTENT * 50_000
    large = CONTENT * 800_000  # in parts, where the store sends such
    files.put(DATASETS, f"{folder}/large.parquet", large)
    assert files.get(DATASETS, f"{folder}/large.parquet") == large
    with pytest.raises(FileTakenError):
        files.put(DATASETS, f"{folder}/large.parquet", large + b".", replace=False)
    files.put(BATCH_LOGS, f"{folder}/empty.txt", b"")
    assert files.get(BATCH_LOGS, f"{folder}/empty.txt") == b""


def test_a_file_is_replaced_unless_it_must_not_be(files: FileStore, folder: str) -> None:
    name = f"{folder}/log.txt"
    for content in (b"one\n", b"one\ntwo\n", b"one\ntwo\n"):
        files.put(BATCH_LOGS, name, content)
        assert files.get(BATCH_LOGS, name) == content
    files.put(BATCH_LOGS, name, b"one\ntwo\n", replace=False)
    with pytest.raises(FileTakenError):
        files.put(BATCH_LOGS, name, b"three\n", replace=False)
    assert files.get(BATCH_LOGS, name) == b"one\ntwo\n"


def test_what_is_not_there_is_said_and_is_removed_already(files: FileStore, folder: str) -> None:
    name = f"{folder}/a.json"
    with pytest.raises(FileMissingError):
        files.get(CONVERSATION_FILES, name)
    with pytest.raises(FileMissingError):
        files.link(CONVERSATION_FILES, name)
    files.put(CONVERSATION_FILES, name, CONTENT)
    files.delete(CONVERSATION_FILES, name)
    files.delete(CONVERSATION_FILES, name)
    assert not files.exists(CONVERSATION_FILES, name)


def test_several_are_removed_together_and_no_others(files: FileStore, folder: str) -> None:
    names = [f"{folder}/{name}.json" for name in "abc"]
    for name in names:
        files.put(CONVERSATION_FILES, name, CONTENT)
    files.delete(CONVERSATION_FILES, names[0], f"{folder}/not-there.json", names[2])
    assert [files.exists(CONVERSATION_FILES, name) for name in names] == [False, True, False]
    files.delete(CONVERSATION_FILES)
    assert files.exists(CONVERSATION_FILES, names[1])


def test_files_are_listed_by_how_their_names_begin(files: FileStore, folder: str) -> None:
    names = [f"{folder}/{name}" for name in ("raw/a.json", "raw/ab.json", "raw/b/c.json", "enriched/a.json")]
    started = datetime.now(UTC)
    for name in names:
        files.put(CONVERSATION_FILES, name, b"1234")
    assert [file.name for file in files.listed(CONVERSATION_FILES, f"{folder}/")] == sorted(names)
    assert [file.name for file in files.listed(CONVERSATION_FILES, f"{folder}/raw/a")] == names[:2]
    assert list(files.listed(CONVERSATION_FILES, f"{folder}/nothing")) == []
    for file in files.listed(CONVERSATION_FILES, folder):
        assert file.bytes == 4
        assert abs(file.changed_at - started) < timedelta(minutes=5)


def test_a_link_is_made_on_demand_for_whoever_gets_it(files: FileStore, folder: str) -> None:
    name = f"{folder}/a b.json"
    files.put(CONVERSATION_FILES, name, CONTENT)
    with urllib.request.urlopen(files.link(CONVERSATION_FILES, name, valid_s=60)) as opened:
        assert opened.read() == CONTENT


def test_a_name_that_is_none_is_refused(files: FileStore) -> None:
    for name in ("", "/a", "../a", "a/../b", "a//b", "a/", "./a", ".hidden", "é.json", "a#b", "a%2e", "a\nb", "a\\b"):
        for ask in (files.get, files.exists, files.delete, files.link):
            with pytest.raises(ValueError, match="is no name of a file"):
                ask(CONVERSATION_FILES, name)
        with pytest.raises(ValueError, match="is no name of a file"):
            files.put(CONVERSATION_FILES, name, b"")
    with pytest.raises(ValueError, match="there is no bucket 'avatars'"):
        files.put("avatars", "a", b"")
    with pytest.raises(ValueError, match="there is no bucket 'avatars'"):
        list(files.listed("avatars"))


@pytest.mark.parametrize("files", ["server", PROJECT], indirect=True)
def test_kf_52_a_link_expires_and_cannot_be_made_another_s(files: FileStore, folder: str) -> None:
    """KF-52: which is why none is stored."""
    for name in ("a.json", "b.json"):
        files.put(CONVERSATION_FILES, f"{folder}/{name}", CONTENT)
    link = files.link(CONVERSATION_FILES, f"{folder}/a.json", valid_s=1)
    for tampered in (link.replace("a.json", "b.json"), re.sub(r"token=.*", "token=", link), link[:-3] + "xyz"):
        assert refused(tampered) == 400
    until = time.monotonic() + 10
    while time.monotonic() < until and not refused(link):
        time.sleep(0.1)
    assert refused(link) == 400


def refused(link: str) -> int:
    try:
        with urllib.request.urlopen(link):
            return 0
    except urllib.error.HTTPError as error:
        return error.code
