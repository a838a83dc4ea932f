"""Postgres or its pooler fails in the middle of a job: nothing is lost, nothing is sent twice, and the log says so."""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import adversary as api
import psycopg
import pytest
from adversary import Adversary
from database_servers import PgBouncer, Postgres, every_postgres
from small_jobs import JobAtHand, generate_all

from brightrun.errors import StoreAwayError
from brightrun.runtime import JobRuntime

NewJob = Callable[..., JobAtHand]
ITEMS = 30
BEFORE = 8
IN_FLIGHT = 4
WAIT_S = 30
STATEMENT_MS = 500
TRIES = 4
"""So often Prefect runs a task whose store was away."""


@dataclass(frozen=True)
class Servers:
    """What can fail, and the database that the job is in."""

    postgres: Postgres
    pgbouncer: PgBouncer
    name: str

    def cut(self) -> None:
        """End every session of the database."""
        self.postgres.ask(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{self.name}'")


@pytest.fixture
def servers(postgres: Postgres, pgbouncer: PgBouncer, database_url: str) -> Servers:
    return Servers(postgres, pgbouncer, database_url.rpartition("/")[2])


@pytest.fixture
def said(caplog: pytest.LogCaptureFixture) -> Iterator[Callable[[str], bool]]:
    """Whether the job's log says something."""
    logger = logging.getLogger("brightrun.job")
    before = logger.level, logger.propagate
    logger.setLevel(logging.INFO)
    logger.propagate = True
    yield lambda words: any(words in record.message for record in caplog.records)
    logger.level, logger.propagate = before


def wait_until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + WAIT_S
    while not holds():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)


def as_tasks_do(made: JobRuntime) -> None:
    """Everything that is owed, also where a shard broke off since the store was away."""
    for _ in range(TRIES):
        try:
            generate_all(made)
        except StoreAwayError:
            continue
        return


def restarted(servers: Servers, release: Callable[[], None], said: Callable[[str], bool]) -> None:
    servers.postgres.stop(signal.SIGINT)
    release()
    wait_until(lambda: said("the database is away"))
    servers.postgres.restart()


def connections_cut(servers: Servers, release: Callable[[], None], said: Callable[[str], bool]) -> None:
    servers.cut()
    release()
    for _ in range(5):
        servers.cut()
        time.sleep(0.02)  # some of the sessions are in the middle of something


behind_a_pooler = pytest.mark.parametrize("database_url", ["pgbouncer_url"], ids=["pgbouncer"], indirect=True)
FAULTS = [restarted, connections_cut]


@every_postgres
@pytest.mark.parametrize("fault", FAULTS)
def test_a_job_outlives_it(
    new_job: NewJob,
    adversary: Adversary,
    servers: Servers,
    said: Callable[[str], bool],
    fault: Callable[[Servers, Callable[[], None], Callable[[str], bool]], None],
) -> None:
    """Laws 1, 2 and 4."""
    outlives(new_job(ITEMS, concurrency=IN_FLIGHT), adversary, lambda release: fault(servers, release, said))
    assert said("the database is back") or not said("the database is away")


@every_postgres
def test_a_job_outlives_statements_that_take_too_long(
    new_job: NewJob, adversary: Adversary, servers: Servers, said: Callable[[str], bool]
) -> None:
    """Another session holds the ledger for longer than a statement may take."""

    def hold(release: Callable[[], None]) -> None:
        with psycopg.connect(servers.postgres.address(servers.name)) as other:
            other.execute("SET statement_timeout = 0")
            other.execute("LOCK TABLE generations IN ACCESS EXCLUSIVE MODE")
            release()
            wait_until(lambda: said("statement timeout"))

    servers.postgres.ask(f"ALTER DATABASE {servers.name} SET statement_timeout = '{STATEMENT_MS}ms'")
    servers.cut()  # it holds for new sessions
    outlives(new_job(ITEMS, concurrency=IN_FLIGHT), adversary, hold)
    assert said("the database is back")


@behind_a_pooler
def test_a_job_outlives_its_pooler(
    new_job: NewJob, adversary: Adversary, servers: Servers, said: Callable[[str], bool]
) -> None:
    def restarted(release: Callable[[], None]) -> None:
        servers.pgbouncer.stop(signal.SIGKILL)
        release()
        wait_until(lambda: said("the database is away"))
        servers.pgbouncer.restart()

    outlives(new_job(ITEMS, concurrency=IN_FLIGHT), adversary, restarted)
    assert said("the database is back")


def outlives(job: JobAtHand, adversary: Adversary, happens: Callable[[Callable[[], None]], None]) -> None:
    """Something happens while some replies are kept, some calls are on the wire, and the rest is owed."""
    released = threading.Event()
    adversary.then([api.reply()] * BEFORE)
    adversary.otherwise = api.stall(released)
    with job.runtime(adversary.url) as made, ThreadPoolExecutor(1) as pool:
        at_work = pool.submit(as_tasks_do, made)
        wait_until(lambda: len(adversary.received) == BEFORE + IN_FLIGHT)
        happens(released.set)
        at_work.result(WAIT_S)
    assert job.states == ["generated"] * ITEMS
    assert [call["state"] for call in job.calls] == ["replied"] * ITEMS
    assert len(adversary.received) == ITEMS
    job.assert_books_balance()
