"""A Storage of the tests' own."""

from collections.abc import Iterator

import pytest
from storage_server import SERVICE_KEY, Storage, StorageThread

from brightrun.store.supabase_files import SupabaseFiles


@pytest.fixture
def storage() -> Iterator[Storage]:
    thread = StorageThread()
    yield thread.storage
    thread.close()


@pytest.fixture
def remote(storage: Storage) -> Iterator[SupabaseFiles]:
    made = SupabaseFiles(storage.url, SERVICE_KEY, timeout_s=5)
    yield made
    made.close()
