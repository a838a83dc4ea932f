"""A real Postgres and a real PgBouncer for tests: found, started without rights; and a database for each test.

Where they are not installed, tests that ask for them are skipped with the reason; in CI they fail.
"""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from brightrun.store.database import upgrade_database

START_S = 30
USER = "brightrun"
PASSWORD = "p@ss/geheim-7"
WRITTEN_PASSWORD = "p%40ss%2Fgeheim-7"
TEMPLATE = "migrated"
WORKER = "runner"
"""A login that is in the role brightrun_worker, and has no right of its own."""

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "max_connections": "200",
    "fsync": "off",  # a killed server keeps what it wrote; only a machine that dies would lose it
    "full_page_writes": "off",
    "synchronous_commit": "off",  # whoever relies on it has to ask for it
    "lc_messages": "C",
}


def missing(what: str, how: str) -> None:
    """A service that is not there: a failure in CI, a skipped test elsewhere; `how` it is installed."""
    said = f"{what} is not installed ({how})"
    if os.environ.get("CI") == "true":
        pytest.fail(said)
    pytest.skip(said)


def program(name: str) -> str | None:
    """Where a server's program is; Debian keeps Postgres's off the path."""
    beside = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)
    return shutil.which(name) or next(map(str, beside), None) or shutil.which(name, path="/usr/sbin")


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


class Server:
    """A server's process in a folder of its own; as root it runs as somebody else, since Postgres refuses root."""

    def __init__(self, name: str) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix=f"brightrun-{name}-"))
        self.port = free_port()
        self.user: str | None = None
        if os.getuid() == 0:
            self.user = "postgres" if any(entry.pw_name == "postgres" for entry in pwd.getpwall()) else "nobody"
            shutil.chown(self.folder, self.user)
        self.process: subprocess.Popen[bytes] | None = None

    def write(self, name: str, text: str) -> Path:
        """A file of the server's own."""
        path = self.folder / name
        path.write_text(text)
        path.chmod(0o600)
        if self.user:
            shutil.chown(path, self.user)
        return path

    def run(self, command: list[str]) -> None:
        subprocess.run(command, cwd=self.folder, user=self.user, check=True, capture_output=True, timeout=START_S)

    def start(self, command: list[str]) -> None:
        """Start it, and wait until it answers."""
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(command, cwd=self.folder, user=self.user, stdout=log, stderr=log)
        deadline = time.monotonic() + START_S
        while not self.answers():
            assert time.monotonic() < deadline, (self.folder / "log").read_text()
            time.sleep(0.02)

    def answers(self) -> bool:
        try:
            psycopg.connect(self.address("postgres"), connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """End it: SIGINT cuts what is connected off, SIGKILL is a crash."""
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(START_S)
            self.process = None

    def close(self) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def address(self, name: str, user: str = USER) -> str:
        """The address of a database, as libpq and Bright Run take it."""
        return f"postgresql://{user}:{WRITTEN_PASSWORD}@127.0.0.1:{self.port}/{name}"


class Postgres(Server):
    """A Postgres with a migrated database to copy."""

    def __init__(self) -> None:
        super().__init__("postgres")
        self._numbers = itertools.count(1)
        password = self.write("password", PASSWORD)
        settings = [option for name, value in SETTINGS.items() for option in ("-c", f"{name}={value}")]
        data = str(self.folder / "data")
        access = ["-U", USER, "-A", "scram-sha-256", f"--pwfile={password}"]
        self.run([str(program("initdb")), "-D", data, *access, "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"])
        self._command = [str(program("postgres")), "-D", data, "-p", str(self.port), "-k", str(self.folder), *settings]
        self.start(self._command)
        self.ask(f"CREATE DATABASE {TEMPLATE}")
        upgrade_database(self.address(TEMPLATE))
        self.ask(f"CREATE ROLE {WORKER} LOGIN PASSWORD '{PASSWORD}' IN ROLE brightrun_worker")

    def restart(self) -> None:
        """Start it again after it was stopped."""
        self.start(self._command)

    def ask(self, statement: str) -> list[tuple[object, ...]]:
        """Have a statement carried out by the server itself, past every pooler."""
        with psycopg.connect(self.address("postgres"), autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    @contextmanager
    def database(self, template: str = TEMPLATE) -> Iterator[str]:
        """The name of a new database, gone at the end."""
        name = f"test_{next(self._numbers)}"
        self.ask(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        try:
            yield name
        finally:
            self.ask(f"DROP DATABASE {name} WITH (FORCE)")


class PgBouncer(Server):
    """A pooler in transaction mode; the transactions of one client go to one session after the other."""

    def __init__(self, behind: Postgres) -> None:
        super().__init__("pgbouncer")
        users = self.write("users", "".join(f'"{user}" "{PASSWORD}"\n' for user in (USER, WORKER)))
        settings = {
            "listen_addr": "127.0.0.1",
            "listen_port": self.port,
            "unix_socket_dir": "",
            "auth_type": "scram-sha-256",
            "auth_file": users,
            "pool_mode": "transaction",
            "server_round_robin": 1,
            "default_pool_size": 20,
            "max_client_conn": 500,
            "server_login_retry": 1,
            "ignore_startup_parameters": "extra_float_digits",
        }
        lines = [f"{name} = {value}" for name, value in settings.items()]
        databases = f"[databases]\n* = host=127.0.0.1 port={behind.port}\n"
        path = self.write("pgbouncer.ini", databases + "[pgbouncer]\n" + "\n".join(lines) + "\n")
        self._command = [str(program("pgbouncer")), str(path)]
        self.start(self._command)

    def restart(self) -> None:
        """Start it again after it was stopped."""
        self.start(self._command)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A Postgres of this test run's own."""
    if program("postgres") is None:
        missing("Postgres", "apt-get install postgresql")
    server = Postgres()
    yield server
    server.close()


@pytest.fixture(scope="session")
def pgbouncer(postgres: Postgres) -> Iterator[PgBouncer]:
    """A PgBouncer in transaction mode before `postgres`."""
    if program("pgbouncer") is None:
        missing("PgBouncer", "apt-get install pgbouncer")
    server = PgBouncer(postgres)
    yield server
    server.close()


@pytest.fixture
def postgres_url(postgres: Postgres) -> Iterator[str]:
    """A migrated database of the test's own, reached directly."""
    with postgres.database() as name:
        yield postgres.address(name)


@pytest.fixture
def pgbouncer_url(postgres: Postgres, pgbouncer: PgBouncer) -> Iterator[str]:
    """A migrated database of the test's own, reached through the pooler."""
    with postgres.database() as name:
        yield pgbouncer.address(name)


@pytest.fixture
def worker_url(postgres: Postgres) -> Iterator[str]:
    """A migrated database of the test's own, for a login that may do the pipeline's work and nothing else."""
    with postgres.database() as name:
        yield postgres.address(name, WORKER)


only_on_sqlite = pytest.mark.parametrize("database_url", ["sqlite_file_url"], ids=["sqlite"], indirect=True)
"""For what only the embedded database has."""

on_every_database = pytest.mark.parametrize(
    "database_url",
    ["sqlite_file_url", "postgres_url", "pgbouncer_url"],
    ids=["sqlite", "postgres", "pgbouncer"],
    indirect=True,
)
"""For what is to hold on every kind, among tests that are else run on the embedded database alone."""

on_both_databases = pytest.mark.parametrize(
    "database_url", ["sqlite_file_url", "postgres_url"], ids=["sqlite", "postgres"], indirect=True
)
"""For what takes long, and where the pooler makes no difference."""

every_postgres = pytest.mark.parametrize(
    "database_url", ["postgres_url", "pgbouncer_url"], ids=["postgres", "pgbouncer"], indirect=True
)
"""For what only a server has, reached directly and through the pooler."""

only_on_postgres = pytest.mark.parametrize("database_url", ["postgres_url"], ids=["postgres"], indirect=True)
"""For what a pooler does in its own way."""


@pytest.fixture(
    name="database_url",
    params=["sqlite_file_url", "postgres_url", "pgbouncer_url"],
    ids=["sqlite", "postgres", "pgbouncer"],
)
def every_database_url(request: pytest.FixtureRequest) -> str:
    """The same test on every kind of database; in place of small_jobs' own."""
    url: str = request.getfixturevalue(request.param)
    return url
