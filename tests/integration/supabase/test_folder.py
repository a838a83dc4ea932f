"""The folder supabase/ makes what `brightrun db upgrade` makes; and no table is without row level security."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import psycopg
import pytest
from database_servers import Postgres
from supabase_servers import OWNER, PLATFORM, empty_project

from brightrun.store.database import schema_at, upgrade_database
from brightrun.store.schema import KNOWN, Standing
from brightrun.store.tables import metadata

FOLDER = Path(__file__).parents[3] / "supabase"
CATALOGUE = {
    "columns": "SELECT table_name, column_name, data_type, character_maximum_length, is_nullable, column_default, "
    "collation_name FROM information_schema.columns WHERE table_schema = 'public'",
    "constraints": "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint "
    "WHERE connamespace = 'public'::regnamespace",
    "indexes": "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "policies": "SELECT tablename, policyname, permissive, roles::text, cmd, qual, with_check FROM pg_policies",
    "rights": "SELECT relname, relkind, relrowsecurity, relowner::regrole::text, relacl::text FROM pg_class "
    "WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'S', 'v', 'm')",
    "rights on columns": "SELECT attrelid::regclass::text, attname, attacl::text FROM pg_attribute "
    "WHERE attacl IS NOT NULL AND attrelid::regclass::text = ANY(%(tables)s)",
    "functions": "SELECT pg_get_functiondef(oid), proacl::text FROM pg_proc "
    "WHERE pronamespace = 'public'::regnamespace",
    "schema": "SELECT version_num FROM alembic_version",
}
OURS = {"tables": [*metadata.tables, "alembic_version"]}
SEQUENCES = {
    "anon": set(),
    "authenticated": {"reviews_id_seq"},
    "brightrun_worker": {
        "assessments_id_seq",
        "file_outbox_id_seq",
        "item_transitions_id_seq",
        "releases_id_seq",
        "verdicts_id_seq",
    },
}
"""Whose numbers each role may draw."""
UNGUARDED = (
    "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') "
    "AND NOT relrowsecurity"
)


def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("supabase_generate", FOLDER / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def catalogue(url: str) -> dict[str, list[tuple[object, ...]]]:
    """What a database is made of, and who may do what in it."""
    with psycopg.connect(url) as connection:
        return {name: sorted(connection.execute(query, OURS).fetchall(), key=str) for name, query in CATALOGUE.items()}


def rows(url: str, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(query, OURS).fetchall()


def test_the_folder_is_up_to_date(postgres: Postgres) -> None:
    with postgres.database(template="template1") as name:
        made = generator().contents(postgres.address(name))
    there = [*FOLDER.glob("migrations/*.sql"), FOLDER / "access.sql"]
    is_there = {path.relative_to(FOLDER).as_posix(): path.read_text(encoding="utf-8") for path in there}
    assert made == is_there, "type .venv/bin/python supabase/generate.py"


def test_applied_by_hand_it_makes_what_an_upgrade_makes(postgres: Postgres) -> None:
    with empty_project(postgres) as by_hand, empty_project(postgres) as upgraded:
        urls = [postgres.address(name, OWNER) for name in (by_hand, upgraded)]
        files = [*sorted(FOLDER.glob("migrations/*.sql")), FOLDER / "access.sql"]
        assert len(files) == len(KNOWN) + 1
        for path in [*files, FOLDER / "access.sql"]:  # the last one as often as one likes
            with psycopg.connect(urls[0]) as connection:
                connection.execute(path.read_text(encoding="utf-8").encode())
        upgrade_database(urls[1])
        made, wanted = (catalogue(url) for url in urls)
        for name in CATALOGUE:
            assert made[name] == wanted[name], name
            assert made[name], name
        assert schema_at(urls[0]).standing is Standing.CURRENT
        assert not schema_at(urls[0]).is_access_set  # by whom and in which version is not known
        upgrade_database(urls[0])
        assert schema_at(urls[0]).is_access_set
        assert catalogue(urls[0]) == wanted


@pytest.mark.parametrize("is_project", [True, False], ids=["supabase", "plain"])
def test_no_table_is_without_row_level_security(postgres: Postgres, is_project: bool) -> None:
    with empty_project(postgres) if is_project else postgres.database() as name:
        url = postgres.address(name, OWNER) if is_project else postgres.address(name)
        upgrade_database(url)
        assert rows(url, UNGUARDED) == []
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("CREATE TABLE forgotten (id int)")
        assert rows(url, UNGUARDED) == [("forgotten",)]


def test_of_every_table_it_is_said_what_the_pipeline_and_people_may_do(postgres: Postgres) -> None:
    """A new table has its line in access.sql: without it no worker could work, and no owner look."""
    seen = (
        "SELECT DISTINCT table_name FROM information_schema.role_table_grants "
        "WHERE grantee = '{role}' AND privilege_type = 'SELECT' AND table_name = ANY(%(tables)s)"
    )
    with empty_project(postgres) as name:
        url = postgres.address(name, OWNER)
        upgrade_database(url)
        found = {
            role: {table for (table,) in rows(url, seen.format(role=role))}
            for role in ("anon", "authenticated", "brightrun_worker")
        }
        doing = (
            "SELECT grantee, privilege_type FROM information_schema.role_table_grants "
            "WHERE grantee IN ('anon', 'authenticated', 'brightrun_worker') AND privilege_type IN "
            "('TRUNCATE', 'TRIGGER', 'REFERENCES', 'DELETE') AND table_name NOT IN ('workers', 'file_outbox')"
        )
        assert rows(url, doing) == []
        for role, may_use in SEQUENCES.items():
            usable = (
                f"SELECT sequencename FROM pg_sequences WHERE has_sequence_privilege('{role}', sequencename, 'USAGE')"
            )
            assert {name for (name,) in rows(url, usable)} == may_use, role
    assert found == {
        "anon": set(),
        "authenticated": set(metadata.tables),
        "brightrun_worker": {*metadata.tables, "alembic_version"} - {"members"},
    }


def test_a_plain_postgres_needs_none_of_the_roles(postgres: Postgres) -> None:
    """Whoever may make no roles has the tables all the same, and gives rights when the roles are there."""
    roles = ("authenticated", "brightrun_worker")
    postgres.ask(PLATFORM)
    for role in roles:
        postgres.ask(f"ALTER ROLE {role} RENAME TO {role}_elsewhere")
    try:
        postgres.ask("CREATE ROLE plain LOGIN PASSWORD 'plain-0123'")
        with postgres.database(template="template1") as name:
            postgres.ask(f"ALTER DATABASE {name} OWNER TO plain")
            url = f"postgresql://plain:plain-0123@127.0.0.1:{postgres.port}/{name}"
            upgrade_database(url)
            assert rows(url, UNGUARDED) == []
            assert rows(url, "SELECT * FROM pg_policies") == []
            assert schema_at(url).is_access_set
            postgres.ask("CREATE ROLE brightrun_worker NOLOGIN")
            assert not schema_at(url).is_access_set
            assert upgrade_database(url).standing is Standing.CURRENT
            given = set(rows(url, "SELECT DISTINCT policyname, roles::text FROM pg_policies"))
            assert given == {("brightrun_work", "{brightrun_worker}")}
        postgres.ask("DROP ROLE brightrun_worker")
        postgres.ask("DROP ROLE plain")
    finally:
        for role in roles:
            postgres.ask(f"ALTER ROLE {role}_elsewhere RENAME TO {role}")
