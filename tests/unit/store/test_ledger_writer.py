"""The writer commits in order, lets nobody fail for another, and leaves nobody waiting."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator, Sequence

import pytest
from database_servers import only_on_sqlite
from small_jobs import JobAtHand
from sqlalchemy import Connection, event, func, insert, select

from brightrun.errors import StoreAwayError, StoreError
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


def test_what_is_urgent_is_committed_first(writer: LedgerWriter) -> None:
    made: list[str] = []

    def note(_connection: Connection, names: Sequence[str]) -> list[str]:
        made.append(",".join(names))
        return list(names)

    async def hand_in(held: Held) -> list[str]:
        waiting = [
            asyncio.create_task(writer.write_together(note, name, name, urgent=name.isupper())) for name in "aBcD"
        ]
        await asyncio.sleep(0)
        held.release.set()
        return await asyncio.gather(*waiting)

    assert asyncio.run(hand_in(Held(writer))) == ["a", "B", "c", "D"]
    assert made == ["B,D", "a,c"]


def test_its_connection_is_opened_anew_after_one_that_failed(database: Database, writer: LedgerWriter) -> None:
    seen: list[object] = []

    def note(connection: Connection) -> None:
        seen.append(connection.connection.dbapi_connection)

    def lose(connection: Connection) -> None:
        connection.connection.dbapi_connection.close()  # type: ignore[union-attr]
        connection.invalidate()
        raise ValueError("lost")

    for make in (note, note, lose, note):
        future = writer.submit(make)
        if make is lose:
            with pytest.raises(ValueError, match="lost"):
                future.result(WAIT_S)
        else:
            future.result(WAIT_S)
    first, same, other = seen
    assert first is same
    assert other is not first


def test_a_change_that_fails_takes_nobody_with_it(database: Database, writer: LedgerWriter) -> None:
    def fail(_connection: Connection) -> None:
        raise ValueError("mine")

    held = Held(writer)
    first, bad, twice, last = (writer.submit(make) for make in (block("a"), fail, block("a"), block("b")))
    held.release.set()
    assert (first.result(WAIT_S), last.result(WAIT_S)) == ("a", "b")
    with pytest.raises(ValueError, match="mine"):
        bad.result(WAIT_S)
    with pytest.raises(StoreError, match=r"(?i)unique"):
        twice.result(WAIT_S)
    assert there(database) == ["a", "b"]


def test_what_is_of_one_kind_is_made_in_one_go(database: Database, writer: LedgerWriter) -> None:
    made: list[tuple[str, list[str]]] = []

    def blocks(connection: Connection, names: Sequence[str]) -> list[str]:
        made.append(("blocks", list(names)))
        connection.execute(insert(prompt_blocks), [{"sha256": name, "text": name} for name in names])
        return [f"{name}!" for name in names]

    def refuse_b(connection: Connection, names: Sequence[str]) -> list[None]:
        made.append(("refuse_b", list(names)))
        if "b" in names:
            raise ValueError("b")
        blocks(connection, [f"r{name}" for name in names])
        return [None for _ in names]

    async def together() -> list[object]:
        held = Held(writer)
        kinds = [(blocks, "1"), (refuse_b, "a"), (blocks, "2"), (refuse_b, "b"), (blocks, "3")]
        writing = [asyncio.ensure_future(writer.write_together(kind, name, name)) for kind, name in kinds]
        writing.append(asyncio.ensure_future(writer.write(block("plain"))))
        await asyncio.sleep(0)
        held.release.set()
        return await asyncio.gather(*writing, return_exceptions=True)

    results = asyncio.run(together())
    assert [str(result) for result in results] == ["1!", "None", "2!", "b", "3!", "plain"]
    assert made[:2] == [("blocks", ["1", "2", "3"]), ("refuse_b", ["a", "b"])]
    assert made[2:] == [  # and then each alone, since one of them failed
        ("blocks", ["1"]),
        ("refuse_b", ["a"]),
        ("blocks", ["ra"]),
        ("blocks", ["2"]),
        ("refuse_b", ["b"]),
        ("blocks", ["3"]),
    ]
    assert there(database) == ["1", "2", "3", "plain", "ra"]


def test_those_who_wait_on_a_loop_that_is_gone_hold_up_nobody(database: Database, writer: LedgerWriter) -> None:
    held = Held(writer)
    loop = asyncio.new_event_loop()
    waiting = loop.create_task(writer.write(block("nobody waits")))
    loop.call_soon(loop.stop)
    loop.run_forever()
    waiting._log_destroy_pending = False  # type: ignore[attr-defined]  # it is left alone on purpose
    loop.close()
    held.release.set()
    assert writer.submit(block("next")).result(WAIT_S) == "next"
    assert there(database) == ["next", "nobody waits"]


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


def test_without_patience_a_database_that_is_away_is_told_to_everyone_at_once(here: Workplace) -> None:
    database = here.database
    tries: list[object] = []

    def away(connection: Connection) -> None:
        tries.append(connection)
        if len(tries) > 1:
            raise StoreAwayError("the database is away")

    writer = LedgerWriter(database, patience_s=0)
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


@only_on_sqlite
@pytest.mark.parametrize(
    ("pragma", "said"),
    [("query_only=ON", "readonly"), ("max_page_count=1", "full")],
    ids=["read-only", "disk full"],
)
def test_a_full_or_read_only_database_is_an_error_and_no_hang(here: Workplace, pragma: str, said: str) -> None:
    database = here.database
    writer = LedgerWriter(database, patience_s=0)
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
