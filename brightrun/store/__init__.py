"""The store: the database (SQLAlchemy Core, one code for SQLite and Postgres) and the files."""
