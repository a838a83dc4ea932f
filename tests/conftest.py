"""What all tests share: a machine that is busy is no failure, and what is dear to set up is set up once."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parent / "unit"))

from database_servers import pgbouncer, pgbouncer_url, postgres, postgres_url, worker_url
from small_jobs import database_url, empty_database, here, home, new_job, sqlite_file_url

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
    "worker_url",
]

settings.register_profile("brightrun", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("brightrun")

TOGETHER = "tests/e2e/deployments"
"""A folder whose files share a worker pool, its worker and a run: one process has all of its tests."""


class ByFileOrFolder(LoadFileScheduling):
    """Each file to one process, and the files of `TOGETHER` to the same."""

    def _split_scope(self, nodeid: str) -> str:
        return TOGETHER if nodeid.startswith(TOGETHER) else super()._split_scope(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadFileScheduling | None:
    """In place of xdist's own `--dist loadfile`."""
    return ByFileOrFolder(config, log) if config.getoption("dist") == "loadfile" else None
