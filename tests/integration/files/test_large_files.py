"""Large files go to Storage in parts; what breaks off goes on where it stopped."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from aiohttp import web
from storage_server import PART_BYTES, RESTRICTED_KEY, Behaviour, Bucket, Storage, answered, dropped

from brightrun.errors import FileRefusedError, FilesAwayError, FilesDeniedError, FileTakenError
from brightrun.store.files import DATASETS
from brightrun.store.supabase_files import SupabaseFiles

NAME = "d/abc/messages/train.parquet"
LARGE = bytes(range(256)) * (10 * PART_BYTES // 1024)
"""Two and a half parts."""
WHOLE = [PART_BYTES, PART_BYTES, PART_BYTES // 2]


@pytest.fixture(autouse=True)
def prepared(remote: SupabaseFiles) -> None:
    remote.prepare()


def test_a_large_file_goes_in_parts_and_a_small_one_does_not(remote: SupabaseFiles, storage: Storage) -> None:
    remote.put(DATASETS, NAME, LARGE)
    assert (storage.parts, remote.get(DATASETS, NAME)) == (WHOLE, LARGE)
    there = storage.buckets[DATASETS].objects[NAME]
    assert (there.content_type, there.cache_control) == ("application/vnd.apache.parquet", "0")
    remote.put(DATASETS, "d/small", LARGE[:PART_BYTES])
    assert storage.parts == WHOLE


def test_the_same_is_not_sent_again_and_another_replaces_it_where_it_may(
    remote: SupabaseFiles, storage: Storage
) -> None:
    remote.put(DATASETS, NAME, LARGE)
    remote.put(DATASETS, NAME, LARGE)
    assert storage.parts == WHOLE
    with pytest.raises(FileTakenError):
        remote.put(DATASETS, NAME, LARGE + b".", replace=False)
    remote.put(DATASETS, NAME, LARGE + b".")
    assert remote.get(DATASETS, NAME) == LARGE + b"."


def meets(storage: Storage, *behaviours: Behaviour | None) -> None:
    """The next requests, from the one that begins the upload, meet these; None: the usual answer."""
    storage.script.extend(behaviour or storage.answer for behaviour in behaviours)


async def cut_after(storage: Storage, request: web.Request) -> web.StreamResponse:
    await storage.answer(request)
    return await dropped(request)


def test_a_part_that_did_not_arrive_is_sent_again(remote: SupabaseFiles, storage: Storage) -> None:
    meets(storage, None, None, dropped)
    remote.put(DATASETS, NAME, LARGE)
    assert (storage.parts, remote.get(DATASETS, NAME)) == (WHOLE, LARGE)


@pytest.mark.parametrize("part", [1, 2, 3])
def test_a_part_whose_answer_was_lost_makes_no_other_file(remote: SupabaseFiles, storage: Storage, part: int) -> None:
    meets(storage, *[None] * part, lambda request: cut_after(storage, request))
    remote.put(DATASETS, NAME, LARGE)
    assert (storage.parts, remote.get(DATASETS, NAME)) == (WHOLE, LARGE)
    assert storage.uploads == [f"{DATASETS}/{NAME}"]


def test_after_an_outage_the_rest_is_sent(remote: SupabaseFiles, storage: Storage) -> None:
    meets(storage, None, None, *[dropped] * 2)
    with pytest.raises(FilesAwayError):
        remote.put(DATASETS, NAME, LARGE)
    assert (storage.parts, storage.names(DATASETS)) == (WHOLE[:1], [])
    remote.put(DATASETS, NAME, LARGE)
    assert (storage.parts, remote.get(DATASETS, NAME)) == (WHOLE, LARGE)


def test_a_server_in_trouble_is_away_and_the_rest_is_sent_later(remote: SupabaseFiles, storage: Storage) -> None:
    meets(storage, None, None, answered(b"in trouble", 503))
    with pytest.raises(FilesAwayError, match="503"):
        remote.put(DATASETS, NAME, LARGE)
    remote.put(DATASETS, NAME, LARGE)
    assert (storage.parts, remote.get(DATASETS, NAME)) == (WHOLE, LARGE)


def test_an_upload_that_storage_has_dropped_is_begun_anew(remote: SupabaseFiles, storage: Storage) -> None:
    meets(storage, None, None, answered(b"in trouble", 503))
    with pytest.raises(FilesAwayError):
        remote.put(DATASETS, NAME, LARGE)
    storage.partial.clear()
    remote.put(DATASETS, NAME, LARGE)
    assert (storage.parts, remote.get(DATASETS, NAME)) == ([PART_BYTES, *WHOLE], LARGE)


@pytest.fixture
def restricted(storage: Storage) -> Iterator[SupabaseFiles]:
    made = SupabaseFiles(storage.url, RESTRICTED_KEY)
    made._is_prepared = True  # the buckets are there
    yield made
    made.close()


def test_what_is_refused_is_said(remote: SupabaseFiles, restricted: SupabaseFiles, storage: Storage) -> None:
    with pytest.raises(FilesDeniedError, match="row-level security"):
        restricted.put(DATASETS, NAME, LARGE)
    storage.buckets[DATASETS] = Bucket(largest_bytes=len(LARGE) - 1)
    with pytest.raises(FileRefusedError, match=r"413.*Maximum size"):
        remote.put(DATASETS, NAME, LARGE)
    storage.buckets[DATASETS] = Bucket(content_types=["text/plain"])
    with pytest.raises(FileRefusedError, match="mime type"):
        remote.put(DATASETS, NAME, LARGE)
    assert storage.parts == []


def test_a_bucket_that_was_removed_is_made_again(remote: SupabaseFiles, storage: Storage) -> None:
    del storage.buckets[DATASETS]
    remote.put(DATASETS, NAME, LARGE)
    assert remote.get(DATASETS, NAME) == LARGE
