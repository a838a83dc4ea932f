"""The processes that throughput.py measures: each brings a reply to every item of a job, and prints its figures.

    python benchmarks/generating_clients.py bare|ours|cheap URL JOB_ID IN_FLIGHT

`bare` is a loop around the SDK's client: so many workers, each taking the next request and awaiting its message.
`ours` is the generate stage of a build: Prefect's mapped tasks, the lane, the ledger, the parse. `cheap` posts the same
requests with aiohttp alone, to show what the server can do. BRIGHTRUN_HOME says where the job is.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import aiohttp
from prefect import unmapped
from prefect.task_runners import ThreadPoolTaskRunner

from brightrun.catalog import Catalog
from brightrun.claude.client import Endpoint, make_client
from brightrun.generation import request_body
from brightrun.prompts import PromptWriter
from brightrun.spec import parse_spec
from brightrun.store.items import owed_items, owed_shards
from brightrun.store.jobs import catalog_json, get_job, state_counts
from brightrun.store.states import ItemState
from brightrun.workplace import workplace
from flows.build_dataset import TASK_THREADS
from flows.job_run import job_run
from flows.served_flow import served_flow
from flows.task_runs import task_runs
from tasks.generate import generate
from tasks.job_ref import JobRef


def memory_kb(name: str) -> int:
    """A line of /proc/self/status: VmRSS, or VmHWM for the peak. (The peak of getrusage would count the parent's.)"""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))


@dataclass
class Figures:
    """What one process used for its calls."""

    replies: int = 0
    seconds: float = 0.0
    cpu_s: float = 0.0
    settle_s: float = 0.0
    rss_before_kb: int = 0
    rss_peak_kb: int = 0

    @contextmanager
    def measured(self) -> Iterator[None]:
        self.rss_before_kb = memory_kb("VmRSS")
        began, began_cpu = time.perf_counter(), time.process_time()
        yield
        self.seconds, self.cpu_s = time.perf_counter() - began, time.process_time() - began_cpu
        self.rss_peak_kb = memory_kb("VmHWM")


def request_bodies(job_id: str) -> list[dict[str, Any]]:
    """The requests of the job, as our lane sends them."""
    database = workplace().database
    with database.reading() as connection:
        job = get_job(connection, job_id)
        catalog = Catalog.model_validate(catalog_json(connection, job_id))
        shards = [shard.number for shard in owed_shards(connection, job_id)]
        items = [owed.item for shard in shards for owed in owed_items(connection, job_id, shard)]
    spec, writer = parse_spec(job.spec, job_id), PromptWriter(catalog)
    return [request_body(spec, catalog, writer.write(item)) for item in items]


def bare(url: str, job_id: str, in_flight: int) -> Figures:
    """The SDK's client and nothing else."""
    bodies = request_bodies(job_id)
    figures = Figures()

    async def run() -> None:
        client = make_client(Endpoint(base_url=url, api_key="a-key"), 120.0)
        waiting = iter(bodies)

        async def work() -> None:
            for body in waiting:
                message = await client.messages.create(**body)
                figures.replies += message.stop_reason == "end_turn"

        with figures.measured():
            await asyncio.gather(*(work() for _ in range(in_flight)))
        await client.close()

    asyncio.run(run())
    return figures


def cheap(url: str, job_id: str, in_flight: int) -> Figures:
    """The same requests as bytes that are ready, through aiohttp alone."""
    bodies = [json.dumps(body).encode() for body in request_bodies(job_id)]
    headers = {"x-api-key": "any", "content-type": "application/json"}
    figures = Figures()

    async def run() -> None:
        waiting = iter(bodies)

        async def work(session: aiohttp.ClientSession) -> None:
            for body in waiting:
                async with session.post(f"{url}/v1/messages", data=body, headers=headers) as answer:
                    figures.replies += len(await answer.read()) > 0

        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=in_flight)) as session:
            with figures.measured():
                await asyncio.gather(*(work(session) for _ in range(in_flight)))

    asyncio.run(run())
    return figures


def ours(url: str, job_id: str, _in_flight: int) -> Figures:
    """The generate stage as a build runs it, from the first task handed in to the last that ended."""
    figures = Figures()
    endpoint = Endpoint(base_url=url, api_key="a-key", simulated=True)

    @served_flow(name="throughput", task_runner=ThreadPoolTaskRunner(max_workers=TASK_THREADS))
    def generate_stage() -> None:
        with task_runs() as runs:
            job = JobRef(job_id)
            with job_run(job, endpoint, runs.flow_run_id) as run:
                shards = next(run.rounds())
                with figures.measured():
                    runs.wait(generate.map(unmapped(job), shards), [shard.name for shard in shards])
            began = time.perf_counter()
        figures.settle_s = time.perf_counter() - began

    generate_stage()
    with workplace().database.reading() as connection:
        figures.replies = state_counts(connection, job_id)[ItemState.GENERATED]
    return figures


def main() -> None:
    kind, url, job_id, in_flight = sys.argv[1:]
    run = {"bare": bare, "cheap": cheap, "ours": ours}[kind]
    print(json.dumps(asdict(run(url, job_id, int(in_flight)))))


if __name__ == "__main__":
    main()
