"""Small jobs in a real database."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from small_jobs import database_url, empty_database, here, home, new_job, sqlite_file_url

__all__ = ["database_url", "empty_database", "here", "home", "new_job", "sqlite_file_url"]
