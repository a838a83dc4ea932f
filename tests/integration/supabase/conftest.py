"""A Supabase project, and small jobs as in the unit tests."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))
sys.path.insert(0, str(Path(__file__).parents[2] / "unit"))
sys.path.insert(0, str(Path(__file__).parent))

from database_servers import postgres
from supabase_servers import project
from team import team

__all__ = ["postgres", "project", "team"]
