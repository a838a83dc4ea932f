"""Four workers share a job, are killed and started again at random: nothing is lost, and nothing is paid twice."""

from __future__ import annotations

import multiprocessing
import time
from collections import Counter
from collections.abc import Callable, Iterator
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from random import Random

import httpx
import pytest
from database_servers import on_both_databases
from shared_run import work
from small_jobs import JobAtHand

from brightrun.simulator.process import start_simulator
from brightrun.simulator.settings import SimulatorSettings

WORKERS, ITEMS, CONCURRENCY, KILLS = 4, 48, 3, 6
BOUND_S = 120
SEED = 20_261


@pytest.fixture
def claude(tmp_path: Path) -> Iterator[str]:
    simulator = start_simulator(SimulatorSettings(latency_s=(0.2, 0.6), seed=5), tmp_path / "simulator.log")
    yield simulator.url
    simulator.stop()


@on_both_databases
def test_kf_21_workers_that_are_killed_and_started_again_at_random_end_the_job(
    new_job: Callable[..., JobAtHand], claude: str
) -> None:
    """KF-20, KF-21, laws 1 and 2: what was on the wire at a kill is all that may have been paid in vain."""
    job = new_job(items=ITEMS, concurrency=CONCURRENCY)
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["brightrun.runtime", "brightrun.planning"])

    def started() -> ForkServerProcess:
        arguments = (str(job.here.config.home), job.here.config.database_url, job.id, claude)
        made = context.Process(target=work, args=arguments, daemon=True)
        made.start()
        return made

    rng, killed, deadline = Random(SEED), 0, time.monotonic() + BOUND_S
    workers = [started() for _ in range(WORKERS)]
    while any(worker.is_alive() for worker in workers):
        assert time.monotonic() < deadline, Counter(job.states)
        time.sleep(rng.uniform(0.1, 0.5))
        if killed < KILLS and job.states.count("generated") >= ITEMS * killed / (KILLS + 2):
            victim = rng.randrange(WORKERS)
            if workers[victim].is_alive():
                workers[victim].kill()
                workers[victim].join()
                killed += 1
                workers[victim] = started()
    assert killed == KILLS
    assert [worker.exitcode for worker in workers] == [0] * WORKERS
    assert job.states == ["generated"] * ITEMS
    calls = Counter(call["state"] for call in job.calls)
    assert calls["replied"] == ITEMS
    assert set(calls) <= {"replied", "possibly_paid"}
    by_item = Counter(call["item_id"] for call in job.calls if call["state"] == "replied")
    assert set(by_item.values()) == {1}
    assert calls["possibly_paid"] <= KILLS * CONCURRENCY * len({item["shard"] for item in job.items})
    account = httpx.get(f"{claude}/_simulator/account").json()
    assert ITEMS <= account["replies_delivered"] <= ITEMS + calls["possibly_paid"]
    job.assert_books_balance()
