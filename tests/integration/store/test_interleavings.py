"""Law 4 under interleaving: many hand in at once, through the real writer, and the books balance at every moment."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from decimal import Decimal
from functools import partial

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_jobs import JobAtHand
from sqlalchemy import select

from brightrun.store.jobs import get_job
from brightrun.store.ledger import (
    CallFailure,
    Intent,
    KeptReply,
    Reservation,
    keep_failures,
    keep_replies,
    reserve,
    take_over,
)
from brightrun.store.spend import spend
from brightrun.store.tables import generations
from brightrun.store.writer import LedgerWriter

ITEMS = 4
WORST_CASE_USD = Decimal(1)
BUDGET_USD = Decimal(5)  # less than all that is asked for, so that some do not fit
COROUTINES, THREADS = 6, 2
WAIT_S = 30

moves = st.lists(
    st.tuples(
        st.sampled_from(["intend", "intend", "reply", "reply without usage", "fail", "lose", "take over"]),
        st.integers(0, 99),
        st.decimals(0, WORST_CASE_USD, places=12),
    ),
    max_size=12,
)
scripts = st.lists(moves, min_size=COROUTINES + THREADS, max_size=COROUTINES + THREADS)


class Callers:
    """Several who begin and end calls of one job; anyone may end anyone's call, also one that has ended."""

    def __init__(self, job: JobAtHand, writer: LedgerWriter) -> None:
        self._job = job
        self._writer = writer
        self._items = [item["id"] for item in job.items]
        self._numbers = iter(range(1, 10_000))
        self.made: list[str] = []

    async def on_the_loop(self, script: list[tuple[str, int, Decimal]]) -> None:
        for what, number, amount in script:
            if what == "intend":
                intent = self._intent(number)
                try:
                    if await self._writer.write_together(reserve, intent, "intent") is Reservation.MADE:
                        self.made.append(intent.generation_id)
                except ValueError:
                    continue  # the item's attempts are used up: nothing is owed to it
            elif what == "take over":
                await self._writer.write(partial(take_over, job_id=self._job.id, attempts_per_item=3))
            elif self.made:
                call = self.made[number % len(self.made)]
                if what.startswith("reply"):
                    await self._writer.write_together(keep_replies, self._reply(call, what, amount), call)
                else:
                    await self._writer.write_together(keep_failures, self._failure(call, what), call)

    def in_a_thread(self, script: list[tuple[str, int, Decimal]]) -> None:
        asyncio.run(self.on_the_loop(script))

    def _intent(self, number: int) -> Intent:
        call = next(self._numbers)
        item_id = self._items[number % len(self._items)]
        return Intent(
            f"{self._job.id[-6:]}-{call}", self._job.id, item_id, 1, call, "online", "m", "{}", WORST_CASE_USD
        )

    def _reply(self, call: str, what: str, amount: Decimal) -> KeptReply:
        cost = None if what == "reply without usage" else amount
        return KeptReply(call, b"{}", cost, "msg", "req", "end_turn", {}, 1, 1, False, 200)

    def _failure(self, call: str, what: str) -> CallFailure:
        return CallFailure(call, "overloaded", "no", possibly_paid=what == "lose")


@contextmanager
def watched(job: JobAtHand) -> Iterator[list[str]]:
    """What was out of balance at any moment while inside, as another reader sees it."""
    wrong: list[str] = []
    ended = threading.Event()

    def watch() -> None:
        while not ended.is_set():
            with job.here.database.reading() as connection:
                row, sums = get_job(connection, job.id), spend(connection, job.id)
            if (row.spent_usd, row.reserved_usd) != (sums.cost_usd, sums.reserved_usd):
                wrong.append(f"{row.spent_usd}, {row.reserved_usd} is not {sums.cost_usd}, {sums.reserved_usd}")
            if row.spent_usd + row.reserved_usd > row.budget_usd:
                wrong.append(f"{row.spent_usd} + {row.reserved_usd} is over the budget")

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield wrong
    finally:
        ended.set()
        watcher.join(WAIT_S)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(scripts=scripts)
def test_law_4_the_books_balance_while_many_write_at_once(
    new_job: Callable[..., JobAtHand], scripts: list[list[tuple[str, int, Decimal]]]
) -> None:
    job = new_job(ITEMS, budget_usd=BUDGET_USD)
    writer = LedgerWriter(job.here.database)
    callers = Callers(job, writer)

    async def all_at_once() -> None:
        await asyncio.gather(*(callers.on_the_loop(script) for script in scripts[:COROUTINES]))

    with watched(job) as wrong, ThreadPoolExecutor(THREADS) as pool:
        in_threads = [pool.submit(callers.in_a_thread, script) for script in scripts[COROUTINES:]]
        asyncio.run(all_at_once())
        for thread in in_threads:
            thread.result(WAIT_S)
        writer.close()
    assert wrong == []
    job.assert_books_balance()
    with job.here.database.reading() as connection:
        query = select(generations).where(generations.c.job_id == job.id)
        calls = connection.execute(query).mappings().all()
    assert sorted(call["id"] for call in calls) == sorted(callers.made)
    for call in calls:
        assert 0 <= call["cost_usd"] + call["reserved_usd"] <= WORST_CASE_USD
        assert (call["reserved_usd"] > 0) == (call["state"] == "open")
