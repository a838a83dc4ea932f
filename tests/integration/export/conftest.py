"""The unit tests' records and small jobs serve here too."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "unit"))
sys.path.insert(0, str(Path(__file__).parents[2] / "unit" / "export"))

from small_jobs import database_url, empty_database, here, home, new_job, sqlite_file_url

from brightrun.simulator.pytest_fixture import run_simulator, simulator

__all__ = [
    "database_url",
    "empty_database",
    "here",
    "home",
    "new_job",
    "run_simulator",
    "simulator",
    "sqlite_file_url",
]
