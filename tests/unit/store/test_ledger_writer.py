"""The writer commits in order, lets nobody fail for another, and leaves nobody waiting."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator

import pytest
from small_jobs import JobAtHand
from sqlalchemy import Connection, event, func, insert, select

from brightrun.errors import StoreError
from brightrun.store.database import Database
from brightrun.store.tables import prompt_blocks
from brightrun.store.writer import MOST_IN_A_GROUP, LedgerWriter
from brightrun.workplace import Workplace

WAIT_S = 20


@pytest.fixture
def database(here: Workplace) -> Database:
    return here.database


@pytest.fixture
def writer(database: Database) -> Iterator[LedgerWriter]:
    made = LedgerWriter(database)
    yield made
    made.close()


def block(name: str) -> Callable[[Connection], str]:
    def make(connection: Connection) -> str:
        connection.execute(insert(prompt_blocks).values(sha256=name, text=name))
        return name

    return make


def there(database: Database) -> list[str]:
    with database.reading() as connection:
        return sorted(connection.execute(select(prompt_blocks.c.sha256)).scalars())


class Held:
    """Holds the writer in a change of its own, so that what comes after makes one group."""

    def __init__(self, writer: LedgerWriter) -> None:
        self.entered, self.release = threading.Event(), threading.Event()
        self.done = writer.submit(self._wait)
        assert self.entered.wait(WAIT_S)

    def _wait(self, _connection: Connection) -> None:
        self.entered.set()
        assert self.release.wait(WAIT_S)


def test_what_waits_is_committed_together_and_in_order(database: Database, writer: LedgerWriter) -> None:
    commits: list[object] = []
    event.listen(database.engine, "commit", commits.append)
    held = Held(writer)
    seen: list[int] = []
    futures = [writer.submit(lambda connection, n=n: seen.append(n) or n) for n in range(50)]  # type: ignore[misc]
    held.release.set()
    assert [future.result(WAIT_S) for future in futures] == list(range(50))
    assert seen == list(range(50))
    assert len(commits) == 2


def test_a_group_has_a_size(database: Database, writer: LedgerWriter) -> None:
    commits: list[object] = []
    event.listen(database.engine, "commit", commits.append)
    held = Held(writer)
    futures = [writer.submit(block(str(n))) for n in range(MOST_IN_A_GROUP + 1)]
    held.release.set()
    for future in futures:
        future.result(WAIT_S)
    assert len(commits) == 3
    assert len(there(database)) == MOST_IN_A_GROUP + 1


def test_a_change_that_fails_takes_nobody_with_it(database: Database, writer: LedgerWriter) -> None:
    def fail(_connection: Connection) -> None:
        raise ValueError("mine")

    held = Held(writer)
    first, bad, twice, last = (writer.submit(make) for make in (block("a"), fail, block("a"), block("b")))
    held.release.set()
    assert (first.result(WAIT_S), last.result(WAIT_S)) == ("a", "b")
    with pytest.raises(ValueError, match="mine"):
        bad.result(WAIT_S)
    with pytest.raises(StoreError, match="UNIQUE"):
        twice.result(WAIT_S)
    assert there(database) == ["a", "b"]


def test_a_change_that_fails_leaves_nothing_of_itself(database: Database, writer: LedgerWriter) -> None:
    def half(connection: Connection) -> None:
        block("half")(connection)
        raise ValueError("after the first half")

    with pytest.raises(ValueError, match="half"):
        writer.submit(half).result(WAIT_S)
    assert there(database) == []


def test_close_commits_what_was_handed_in_and_then_refuses(database: Database) -> None:
    writer = LedgerWriter(database)
    futures = [writer.submit(block(str(n))) for n in range(300)]
    writer.close()
    assert all(future.done() for future in futures)
    assert len(there(database)) == 300
    with pytest.raises(StoreError, match="closed"):
        writer.submit(block("late"))
    writer.close()


def test_a_database_that_cannot_be_written_is_told_to_everyone_at_once(here: Workplace) -> None:
    database = here.database
    tries: list[object] = []

    def away(connection: Connection) -> None:
        tries.append(connection)
        if len(tries) > 1:
            raise StoreError("the database is away")

    writer = LedgerWriter(database)
    event.listen(database.engine, "begin", away)
    held = Held(writer)
    futures = [writer.submit(block(str(n))) for n in range(40)]
    held.release.set()
    for future in futures:
        with pytest.raises(StoreError, match="away"):
            future.result(WAIT_S)
    assert len(tries) == 2
    event.remove(database.engine, "begin", away)
    assert writer.submit(block("back")).result(WAIT_S) == "back"
    writer.close()


@pytest.mark.parametrize(
    ("pragma", "said"),
    [("query_only=ON", "readonly"), ("max_page_count=1", "full")],
    ids=["read-only", "disk full"],
)
def test_a_full_or_read_only_database_is_an_error_and_no_hang(here: Workplace, pragma: str, said: str) -> None:
    database = here.database
    writer = LedgerWriter(database)
    event.listen(database.engine, "checkout", lambda raw, _record, _proxy: raw.execute(f"PRAGMA {pragma}"))
    large = "x" * 200_000
    futures = [writer.submit(block(f"{n}{large}")) for n in range(3)]
    for future in futures:
        with pytest.raises(StoreError, match=said):
            future.result(WAIT_S)
    writer.close()


def test_a_cancelled_caller_does_not_stop_the_writer_nor_its_change(database: Database, writer: LedgerWriter) -> None:
    held = Held(writer)

    async def cancelled() -> bool:
        waiting = asyncio.ensure_future(writer.write(block("mine")))
        await asyncio.sleep(0)
        waiting.cancel()
        asyncio.get_running_loop().call_later(0.01, held.release.set)
        try:
            await waiting
        except asyncio.CancelledError:
            return there(database) == ["mine"]  # it came back only when the change was made
        return False

    assert asyncio.run(cancelled())
    assert writer.submit(block("next")).result(WAIT_S) == "next"


def test_nobody_can_take_a_change_back(database: Database, writer: LedgerWriter) -> None:
    held = Held(writer)
    future = writer.submit(block("mine"))
    assert not future.cancel()
    held.release.set()
    assert future.result(WAIT_S) == "mine"


def test_many_threads_write_through_one_writer(new_job: Callable[..., JobAtHand], writer: LedgerWriter) -> None:
    job = new_job()

    def write(thread: int) -> None:
        for n in range(40):
            writer.submit(block(f"{thread}-{n}")).result(WAIT_S)

    threads = [threading.Thread(target=write, args=(n,)) for n in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(WAIT_S)
    with job.here.database.reading() as connection:
        assert connection.execute(select(func.count()).select_from(prompt_blocks)).scalar() == 200
