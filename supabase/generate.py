"""Writes this folder's SQL anew: a file for each migration, and who may see what.

    .venv/bin/python supabase/generate.py

A migration is what Alembic makes of it on an empty Postgres. One is started for it, as for the tests.
tests/integration/supabase/test_folder.py fails while the folder is not up to date.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import psycopg
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import event, make_url

from brightrun.store.access import ACCESS
from brightrun.store.postgres import postgres_engine
from brightrun.store.schema import MIGRATIONS, migrating

HERE = Path(__file__).resolve().parent

ASKS = re.compile(r"SELECT|BEGIN|SHOW|SET LOCAL")
"""How a statement begins that changes nothing."""

HEAD = """\
-- Made by supabase/generate.py from {source}. Do not edit it.

"""


def contents(url: str) -> dict[str, str]:
    """Every file of the folder that is made, by its name; `url` is the address of an empty database."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    revisions = list(ScriptDirectory.from_config(config).walk_revisions())
    made = {
        f"migrations/{Path(revision.path).stem}.sql": _script(url, config, revision.revision, Path(revision.path))
        for revision in reversed(revisions)
    }
    own = ACCESS.relative_to(HERE.parent)
    return {**made, "access.sql": HEAD.format(source=own) + ACCESS.read_text(encoding="utf-8")}


def _script(url: str, config: Config, revision: str, source: Path) -> str:
    """What Alembic carries out for one migration."""
    engine = postgres_engine(make_url(url))
    statements: list[str] = []

    @event.listens_for(engine, "before_cursor_execute")
    def note(_connection: Any, cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if not ASKS.match(statement.lstrip()):
            written = psycopg.ClientCursor(cursor.connection).mogrify(statement, parameters or None)
            statements.append("\n".join(line.rstrip() for line in written.strip().splitlines()) + ";\n")

    with migrating(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    engine.dispose()
    return HEAD.format(source=source.relative_to(HERE.parent)) + "\n".join(statements)


def main() -> None:
    sys.path.insert(0, str(HERE.parent / "tests"))
    from database_servers import Postgres

    server = Postgres()
    try:
        with server.database(template="template1") as name:
            made = contents(server.address(name))
    finally:
        server.close()
    for old in (HERE / "migrations").glob("*.sql"):
        old.unlink()
    for name, text in made.items():
        (HERE / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
