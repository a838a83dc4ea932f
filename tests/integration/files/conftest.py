"""A Storage of the tests' own, and small jobs in every kind of database."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))
sys.path.insert(0, str(Path(__file__).parents[2] / "unit"))
sys.path.insert(0, str(Path(__file__).parent))

from database_servers import pgbouncer, pgbouncer_url, postgres, postgres_url
from small_jobs import database_url, empty_database, here, home, new_job, sqlite_file_url
from storage_server import SERVICE_KEY, Storage, StorageThread

from brightrun.store.supabase_files import SupabaseFiles

__all__ = [
    "database_url",
    "empty_database",
    "here",
    "home",
    "new_job",
    "pgbouncer",
    "pgbouncer_url",
    "postgres",
    "postgres_url",
    "sqlite_file_url",
]


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
