"""Every test here is run in every kind of database: SQLite, Postgres, and Postgres behind a pooler."""

from database_servers import every_database_url

__all__ = ["every_database_url"]
