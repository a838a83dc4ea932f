"""The adversary, a simulator, and small jobs as in the unit tests."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))
sys.path.insert(0, str(Path(__file__).parents[2] / "unit"))
sys.path.insert(0, str(Path(__file__).parent))

from adversary import Adversary, AdversaryThread
from database_servers import pgbouncer, pgbouncer_url, postgres, postgres_url, worker_url
from small_jobs import database_url, empty_database, here, home, new_job, sqlite_file_url

from brightrun.simulator.pytest_fixture import run_simulator, simulator

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
    "run_simulator",
    "simulator",
    "sqlite_file_url",
    "worker_url",
]


@pytest.fixture
def adversary() -> Iterator[Adversary]:
    thread = AdversaryThread()
    yield thread.adversary
    thread.close()
