"""How processes on one key settle under the API's rate limits, without talking to each other.

    python benchmarks/rate_limits.py [--seconds 60] [--json FILE]

Each process runs a lane of its own (cap 64) on a job of its own against one simulator that enforces a limit as the
API does: a bucket that fills evenly, 429 with `retry-after`, rate-limit headers on every answer. It starts full; the
clock starts when it is empty. Reported: replies a second against what the limit allows, 429 for each reply, and what
the process that got least had of what the one that got most had.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from brightrun.claude.client import Endpoint
from brightrun.configuration import Configuration
from brightrun.planning import make_plan, open_job
from brightrun.runtime import JobRuntime
from brightrun.simulator import SimulatorSettings, start_simulator
from brightrun.spec import DatasetSpec
from brightrun.store.database import open_database, sqlite_url
from brightrun.store.files import LocalFiles
from brightrun.store.items import owed_shards
from brightrun.store.tables import generations
from brightrun.workplace import Workplace

ROOT = Path(__file__).parents[1]
ITEMS = 1_000  # per_cell's most
CAP = 64
LATENCY_S = (0.5, 1.5)
LIMITS = {
    "requests": {"requests_per_minute": 900},
    "output tokens": {"output_tokens_per_minute": 900_000},
}
EMPTY_BOUND_S = 120.0
NEARLY = 0.02
"""A bucket with no more than this share left is empty."""
POLL_S = 0.25


@dataclass(frozen=True)
class Settled:
    """One row."""

    limit: str
    processes: int
    seconds: float
    replies_per_s: float
    allowed_per_s: float
    of_allowed: float
    refusals_per_reply: float
    least_to_most: float


def work(url: str, home: Path, seconds: float) -> None:
    """A process: generate until the time is up, then say how many replies came in it."""
    spec = {
        "name": "rate-limits",
        "catalog": str(ROOT / "catalogs/financial_planning"),
        "grid": {
            "personas": ["pragmatic_optimist"],
            "arcs": ["confusion_to_clarity", "fear_to_confidence"],
            "topics": ["grandparent_529", "mortgage_payoff_strategy"],
            "per_cell": ITEMS,
        },
        "generate": {"budget_usd": 10_000, "concurrency": CAP},
    }
    config = Configuration(home, sqlite_url(home / "brightrun.db"))
    here = Workplace(config, open_database(config.database_url), LocalFiles(config.files))
    job = open_job(here.database, make_plan(DatasetSpec.model_validate(spec)), simulated=True).job
    print("ready", flush=True)
    end = float(sys.stdin.readline()) + seconds
    made = JobRuntime(here, job.id, Endpoint(url, "any", simulated=True), lambda: time.time() > end)
    with here.database.reading() as connection:
        shards = owed_shards(connection, job.id)
    with ThreadPoolExecutor(len(shards)) as pool:
        list(pool.map(lambda shard: made.generate(shard.number), shards))
    made.close()


def replies(home: Path, since: float, until: float) -> int:
    """Replies in a process's ledger between two times (UTC epoch)."""
    database = open_database(sqlite_url(home / "brightrun.db"))
    g = generations.c
    window = (datetime.fromtimestamp(at, UTC) for at in (since, until))
    query = select(func.count()).where(g.state == "replied", g.ended_at.between(*window))
    with database.reading() as connection:
        count = int(connection.execute(query).scalar_one())
    database.close()
    return count


def account(url: str) -> dict[str, Any]:
    with urllib.request.urlopen(f"{url}/_simulator/account", timeout=10) as answer:
        found: dict[str, Any] = json.load(answer)
    return found


def is_empty(limit: str, found: dict[str, Any], elapsed_s: float) -> bool:
    """Whether what the bucket held at the beginning is taken, and what has filled it since."""
    taken = found["replies_written"] if limit == "requests" else found["output_tokens"]
    size = next(iter(LIMITS[limit].values()))
    return bool(taken >= size * (1 - NEARLY) + size / 60 * elapsed_s)


def refused(found: dict[str, Any]) -> int:
    return int(found["errors"])


def settle(limit: str, processes: int, seconds: float) -> Settled:
    """So many processes under one limit for so long."""
    with tempfile.TemporaryDirectory() as folder:
        homes = [Path(folder) / str(number) for number in range(processes)]
        for home in homes:
            home.mkdir()
        simulator = start_simulator(SimulatorSettings(latency_s=LATENCY_S, **LIMITS[limit]), Path(folder) / "log")
        try:
            return _settle(limit, simulator.url, homes, seconds)
        finally:
            simulator.stop()


def _settle(limit: str, url: str, homes: list[Path], seconds: float) -> Settled:
    command = [sys.executable, __file__, "--work", url]
    workers = [
        subprocess.Popen(
            [*command, str(home), str(seconds + EMPTY_BOUND_S)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        for home in homes
    ]
    for worker in workers:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "ready\n"
    for worker in workers:
        assert worker.stdin is not None
        worker.stdin.write(f"{time.time()}\n")
        worker.stdin.flush()
    began = time.monotonic()
    while not is_empty(limit, account(url), time.monotonic() - began):
        assert time.monotonic() - began < EMPTY_BOUND_S, "the bucket did not get empty"
        time.sleep(POLL_S)
    before, since = account(url), time.time()
    time.sleep(seconds)
    after, until = account(url), time.time()
    for worker in workers:
        worker.terminate()
    for worker in workers:
        worker.wait(30)
    each = [replies(home, since, until) for home in homes]
    elapsed = until - since
    got = after["replies_written"] - before["replies_written"]
    if limit == "requests":
        allowed = LIMITS[limit]["requests_per_minute"] / 60
    else:
        size = (after["output_tokens"] - before["output_tokens"]) / got
        allowed = LIMITS[limit]["output_tokens_per_minute"] / 60 / size
    return Settled(
        limit=limit,
        processes=len(homes),
        seconds=round(elapsed, 1),
        replies_per_s=round(got / elapsed, 2),
        allowed_per_s=round(allowed, 2),
        of_allowed=round(got / elapsed / allowed, 3),
        refusals_per_reply=round((refused(after) - refused(before)) / got, 3),
        least_to_most=round(min(each) / max(max(each), 1), 2),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--work", nargs=3, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.work:
        url, home, seconds = arguments.work
        work(url, Path(home), float(seconds))
        return
    rows = []
    print("| limit | processes | replies/s | allowed | of allowed | 429 per reply | least to most |")
    print("|---|---|---|---|---|---|---|")
    for limit in LIMITS:
        for processes in (1, 2, 4):
            row = settle(limit, processes, arguments.seconds)
            rows.append(asdict(row))
            print(
                f"| {row.limit} | {row.processes} | {row.replies_per_s} | {row.allowed_per_s} | {row.of_allowed:.0%} | "
                f"{row.refusals_per_reply} | {row.least_to_most} |",
                flush=True,
            )
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
