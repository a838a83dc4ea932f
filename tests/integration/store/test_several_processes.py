"""Law 4 with several processes at one job: the budget holds, and the books balance."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal

from small_jobs import JobAtHand

PROCESSES = 2
ITEMS = 30
WORST_CASE_USD = Decimal(1)
BUDGET_USD = Decimal(14)  # not enough for every item
BOUND_S = 60

WORK = """
import asyncio, sys
from decimal import Decimal
from brightrun.store.database import open_database
from brightrun.store.ledger import Intent, KeptReply, Reservation, keep_replies, reserve
from brightrun.store.writer import LedgerWriter

url, job_id, worst = sys.argv[1], sys.argv[2], Decimal(sys.argv[3])
database = open_database(url)
writer = LedgerWriter(database)

async def work(item):
    call = "g-" + item
    intent = Intent(call, job_id, item, 1, 1, "online", "m", "{}", worst)
    if await writer.write_together(reserve, intent, call, urgent=True) is not Reservation.MADE:
        return 0
    reply = KeptReply(call, b"{}", worst, "msg", "req", "end_turn", {}, 1, 1, False, 200)
    await writer.write_together(keep_replies, reply, call)
    return 1

async def all_of_them():
    return sum(await asyncio.gather(*(work(item) for item in sys.argv[4:])))

print("ready", flush=True)
sys.stdin.readline()
print(asyncio.run(all_of_them()))
writer.close()
"""


def test_law_4_the_budget_holds_whoever_reserves(new_job: Callable[..., JobAtHand], database_url: str) -> None:
    job = new_job(ITEMS, budget_usd=BUDGET_USD)
    items = [item["id"] for item in job.items]
    command = [sys.executable, "-c", WORK, database_url, job.id, str(WORST_CASE_USD)]
    processes = [
        subprocess.Popen([*command, *items[n::PROCESSES]], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for n in range(PROCESSES)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    replied = sum(int(process.communicate(timeout=BOUND_S)[0]) for process in processes)
    assert [process.returncode for process in processes] == [0] * PROCESSES
    assert replied == BUDGET_USD
    assert len(job.calls) == replied
    assert (job.job.spent_usd, job.job.reserved_usd) == (BUDGET_USD, 0)
    job.assert_books_balance()
