"""Small jobs in a real database."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from small_jobs import empty_database, here, new_job

__all__ = ["empty_database", "here", "new_job"]
