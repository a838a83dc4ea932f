"""A server that goes away in the middle: what was handed in waits, is written once, and the log says so."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait

import psycopg
import pytest
from database_servers import PgBouncer, Postgres, every_postgres, only_on_postgres
from small_jobs import JobAtHand
from sqlalchemy import Connection, func, insert, select, text, update

from brightrun.errors import StoreAwayError
from brightrun.store.database import open_database
from brightrun.store.tables import prompt_blocks
from brightrun.store.writer import LedgerWriter

WAIT_S = 60
BLOCKS = 300


def block(number: int) -> Callable[[Connection], int]:
    def make(connection: Connection) -> int:
        connection.execute(insert(prompt_blocks).values(sha256=str(number), text="x"))
        return number

    return make


def written(job: JobAtHand) -> int:
    with job.here.database.writing() as connection:
        block(1)(connection)
        return count(connection)


def count(connection: Connection) -> int:
    return int(connection.execute(select(func.count()).select_from(prompt_blocks)).scalar_one())


@every_postgres
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT], ids=["stopped", "crashed"])
def test_what_was_handed_in_outlives_the_server(
    new_job: Callable[..., JobAtHand], postgres: Postgres, how: signal.Signals
) -> None:
    job = new_job()
    writer = LedgerWriter(job.here.database)
    assert writer.submit(block(0)).result(WAIT_S) == 0
    futures = [writer.submit(block(number)) for number in range(1, BLOCKS // 2)]
    postgres.stop(how)
    futures += [writer.submit(block(number)) for number in range(BLOCKS // 2, BLOCKS)]
    assert wait(futures, timeout=0.5).not_done
    postgres.restart()
    assert [future.result(WAIT_S) for future in futures] == list(range(1, BLOCKS))
    writer.close()
    with job.here.database.reading() as connection:
        assert count(connection) == BLOCKS


@every_postgres
def test_who_begins_a_transaction_while_the_server_is_away_waits_for_it(
    new_job: Callable[..., JobAtHand], postgres: Postgres
) -> None:
    job = new_job()
    with job.here.database.reading() as connection:
        assert count(connection) == 0
    postgres.stop(signal.SIGQUIT)
    with ThreadPoolExecutor(2) as pool:
        asked = [pool.submit(written, job), pool.submit(lambda: job.states)]
        assert wait(asked, timeout=0.5).not_done == set(asked)
        postgres.restart()
        assert [each.result(WAIT_S) for each in asked] == [1, ["planned"]]


@only_on_postgres
def test_the_wait_for_a_server_has_an_end(new_job: Callable[..., JobAtHand], postgres: Postgres) -> None:
    """A pooler has a bound of its own (`query_wait_timeout`)."""
    job = new_job()
    postgres.stop(signal.SIGQUIT)
    with pytest.raises(StoreAwayError, match="refused"), job.here.database.writing(lock_wait_s=0.3):
        pass
    postgres.restart()


def test_what_was_handed_in_outlives_the_pooler(
    new_job: Callable[..., JobAtHand], postgres_url: str, pgbouncer: PgBouncer
) -> None:
    name = postgres_url.rpartition("/")[2]
    database = open_database(pgbouncer.address(name))
    writer = LedgerWriter(database)
    assert writer.submit(block(0)).result(WAIT_S) == 0
    pgbouncer.stop(signal.SIGKILL)
    futures = [writer.submit(block(number)) for number in range(1, BLOCKS)]
    assert wait(futures, timeout=0.5).not_done
    pgbouncer.restart()
    assert [future.result(WAIT_S) for future in futures] == list(range(1, BLOCKS))
    writer.close()
    with database.reading() as connection:
        assert count(connection) == BLOCKS
    database.close()


SERIALIZATION_FAILURE = text("DO $$ BEGIN RAISE EXCEPTION 'could not serialize' USING ERRCODE = '40001'; END $$")


def change(connection: Connection, number: int) -> None:
    connection.execute(update(prompt_blocks).where(prompt_blocks.c.sha256 == str(number)).values(text="changed"))


@every_postgres
def test_who_is_in_anothers_way_is_made_again_at_once(
    new_job: Callable[..., JobAtHand], postgres: Postgres, database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Of two transactions that wait for each other the server ends one; nobody calls that an absence."""
    writer = LedgerWriter(new_job().here.database)
    for number in (1, 2):
        writer.submit(block(number)).result(WAIT_S)
    tries: list[int] = []
    has_first = threading.Event()

    def clash(connection: Connection) -> int:
        tries.append(1)
        if len(tries) == 1:
            connection.execute(SERIALIZATION_FAILURE)
        change(connection, 1)
        has_first.set()
        change(connection, 2)
        return count(connection)

    with psycopg.connect(postgres.address(database_url.rpartition("/")[2])) as other:
        other.execute("SET deadlock_timeout = '60s'")  # so that it is the writer that is ended
        other.execute("UPDATE prompt_blocks SET text = 'other' WHERE sha256 = '2'")
        written = writer.submit(clash)
        assert has_first.wait(WAIT_S)
        other.execute("UPDATE prompt_blocks SET text = 'other' WHERE sha256 = '1'")
        other.rollback()
    assert written.result(WAIT_S) == 2
    writer.close()
    assert len(tries) == 3
    assert not [record for record in caplog.records if "away" in record.message]
