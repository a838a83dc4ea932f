"""A Supabase project, and its team."""

from supabase_servers import project
from team import team

__all__ = ["project", "team"]
