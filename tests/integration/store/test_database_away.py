"""Law 1 while the database is away: what waits is held on to and written when it is back, and the log says so."""

from __future__ import annotations

import logging
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import wait
from contextlib import contextmanager

import pytest
from database_servers import only_on_sqlite
from sqlalchemy import Connection, event, insert, select

from brightrun.errors import StoreAwayError
from brightrun.store.database import Database
from brightrun.store.tables import prompt_blocks
from brightrun.store.writer import LedgerWriter
from brightrun.workplace import Workplace

WAIT_S = 30
TRY_S = 0.05
LOCKED_TRIES = 4

HOLD_FILE = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=10)
connection.execute("BEGIN EXCLUSIVE")
print("locked", flush=True)
sys.stdin.read()
"""
HOLD_TABLE = """
import psycopg, sys
connection = psycopg.connect(sys.argv[1])
connection.execute("LOCK TABLE prompt_blocks IN ACCESS EXCLUSIVE MODE")
print("locked", flush=True)
sys.stdin.read()
"""


class Tries:
    """Counts the transactions that are tried."""

    def __init__(self, database: Database) -> None:
        self.count = 0
        event.listen(database.engine, "checkout", self._note)

    def _note(self, _raw: object, _record: object, _proxy: object) -> None:
        self.count += 1

    def wait_for(self, more: int) -> None:
        """Until so many more were tried."""
        wanted, deadline = self.count + more, time.monotonic() + WAIT_S
        while self.count < wanted:
            assert time.monotonic() < deadline
            time.sleep(0.01)


@pytest.fixture
def said(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """What the job's log is told."""
    logger = logging.getLogger("brightrun.job")
    before = logger.level, logger.propagate
    logger.setLevel(logging.INFO)
    logger.propagate = True
    yield caplog
    logger.level, logger.propagate = before


@contextmanager
def locked(here: Workplace) -> Iterator[None]:
    """What is written locked by another process while inside."""
    url = here.config.database_url
    hold = HOLD_FILE if url.startswith("sqlite") else HOLD_TABLE
    command = [sys.executable, "-c", hold, url.removeprefix("sqlite:///")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdin is not None
        assert holder.stdout.readline() == "locked\n"
        yield
        holder.stdin.close()
        holder.wait(WAIT_S)


def block(name: str) -> tuple[Callable[[Connection], str], str]:
    """A change and its name."""

    def make(connection: Connection) -> str:
        connection.execute(insert(prompt_blocks).values(sha256=name, text="x" * 5_000))
        return name

    return make, name


def kept(database: Database) -> set[str]:
    with database.reading() as connection:
        return set(connection.execute(select(prompt_blocks.c.sha256)).scalars())


def test_what_waits_for_a_locked_database_is_written_when_the_lock_is_gone(
    here: Workplace, said: pytest.LogCaptureFixture
) -> None:
    writer, tries = LedgerWriter(here.database, try_s=TRY_S), Tries(here.database)
    with locked(here):
        futures = [writer.submit(*block(str(n))) for n in range(300)]
        tries.wait_for(LOCKED_TRIES)
        assert not any(future.done() for future in futures)
    assert [future.result(WAIT_S) for future in futures] == [str(n) for n in range(300)]
    writer.close()
    assert len(kept(here.database)) == 300
    assert [record.message.split(";")[0].split(" after")[0] for record in said.records] == [
        "the database is away",
        "the database is back",
    ]


@only_on_sqlite
def test_what_waits_for_room_on_the_disk_is_written_when_there_is_some(
    here: Workplace, said: pytest.LogCaptureFixture
) -> None:
    database, room = here.database, ["max_page_count=1"]
    event.listen(database.engine, "checkout", lambda raw, _record, _proxy: raw.execute(f"PRAGMA {room[0]}"))
    writer, tries = LedgerWriter(database), Tries(database)
    futures = [writer.submit(*block(str(n))) for n in range(20)]
    tries.wait_for(2)
    assert not any(future.done() for future in futures)
    room[0] = "max_page_count=1000000"
    assert [future.result(WAIT_S) for future in futures] == [str(n) for n in range(20)]
    writer.close()
    assert "full" in said.records[0].message
    assert len(said.records) == 2


def test_patience_has_an_end_and_then_the_log_names_what_is_lost(
    here: Workplace, said: pytest.LogCaptureFixture
) -> None:
    writer = LedgerWriter(here.database, patience_s=0.3, try_s=TRY_S)
    with locked(here):
        futures = [writer.submit(*block(f"g-{n}")) for n in range(3)]
        for future in futures:
            with pytest.raises(StoreAwayError, match="lock"):
                future.result(WAIT_S)
        began = time.monotonic()
        with pytest.raises(StoreAwayError, match="lock"):  # and nobody who comes later waits as long again
            writer.submit(*block("g-later")).result(WAIT_S)
        assert time.monotonic() - began < WAIT_S / 3
    assert writer.submit(*block("back")).result(WAIT_S) == "back"
    writer.close()
    lost = " ".join(record.message for record in said.records if record.message.startswith("not written"))
    assert all(name in lost for name in ("g-0", "g-1", "g-2", "g-later"))
    assert kept(here.database) == {"back"}


def test_to_close_while_the_database_is_away_is_bounded(here: Workplace, said: pytest.LogCaptureFixture) -> None:
    writer, tries = LedgerWriter(here.database, try_s=TRY_S, closing_patience_s=0.2), Tries(here.database)
    with locked(here):
        futures = [writer.submit(*block(f"g-{n}")) for n in range(300)]
        tries.wait_for(2)
        began = time.monotonic()
        writer.close()
        assert time.monotonic() - began < WAIT_S / 3
    assert all(isinstance(future.exception(), StoreAwayError) for future in futures)
    lost = " ".join(record.message for record in said.records if record.message.startswith("not written"))
    assert all(f"g-{n}" in lost for n in range(300))


def test_closing_writes_what_waits_if_the_database_comes_back_in_time(here: Workplace) -> None:
    writer, tries = LedgerWriter(here.database, try_s=TRY_S), Tries(here.database)
    futures = []
    with locked(here):
        futures = [writer.submit(*block(str(n))) for n in range(10)]
        tries.wait_for(2)
    writer.close()
    assert not wait(futures, WAIT_S).not_done
    assert len(kept(here.database)) == 10


def test_a_change_with_a_fault_of_its_own_waits_for_nothing(here: Workplace, said: pytest.LogCaptureFixture) -> None:
    writer = LedgerWriter(here.database)
    assert writer.submit(*block("a")).result(WAIT_S) == "a"
    with pytest.raises(Exception, match=r"(?i)unique") as caught:
        writer.submit(*block("a")).result(WAIT_S)
    assert not isinstance(caught.value, StoreAwayError)
    writer.close()
    assert said.records == []
