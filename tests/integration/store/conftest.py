"""Small jobs in every kind of database: SQLite, Postgres, and Postgres behind a pooler."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))
sys.path.insert(0, str(Path(__file__).parents[2] / "unit"))

from database_servers import every_database_url, pgbouncer, pgbouncer_url, postgres, postgres_url
from small_jobs import empty_database, here, home, new_job, sqlite_file_url

__all__ = [
    "empty_database",
    "every_database_url",
    "here",
    "home",
    "new_job",
    "pgbouncer",
    "pgbouncer_url",
    "postgres",
    "postgres_url",
    "sqlite_file_url",
]
