"""A flow shaped like the real one, small enough to be stopped, killed and counted: what the tests run.

    python toy_flow.py ITEMS SECONDS CONCURRENCY MARKS

runs it as a user's script would, and ends with the command's exit codes. `MARKS` is a folder where it says
what has happened, for tests to wait on.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from pathlib import Path
from typing import Any, cast
from uuid import UUID

from prefect import State, runtime, task, unmapped
from prefect.states import Cancelled, Completed
from prefect.task_runners import ThreadPoolTaskRunner

from brightrun.errors import ExitCode, InterruptedRunError
from brightrun.stopping import StopSignal, signal_handlers
from flows.backend_truth import settle_task_runs
from flows.served_flow import served_flow
from flows.stop_watch import stop_watch

Summary = dict[str, Any]

# What a lane is in the real flow: one per process, with the signal, a limit, and what came of it.
stop = StopSignal()
wire = threading.Semaphore(1)
attempts: dict[int, int] = {}
sent: list[int] = []
landed: list[int] = []


@task(name="plan")
def plan(items: int) -> list[int]:
    return list(range(items))


@task(name="generate", task_run_name="item {item}", retries=1)
def generate(item: int, seconds: float, marks: str) -> int | State[Any]:
    """Every tenth item fails once, every fiftieth always; one that has sent nothing at a stop is Cancelled."""
    with wire:
        if stop.is_set:
            return Cancelled(message="stopped before it was sent")
        sent.append(item)
        time.sleep(seconds)
        landed.append(item)
    mark(marks, f"landed-{item}", item)
    attempts[item] = attempts.get(item, 0) + 1
    if item % 50 == 49 or (item % 10 == 9 and attempts[item] == 1):
        raise ConnectionError(f"item {item}, attempt {attempts[item]}")
    return item


@served_flow(task_runner=ThreadPoolTaskRunner(max_workers=64))
def toy_flow(items: int, seconds: float, concurrency: int, marks: str) -> Summary:
    """Plan, generate, settle."""
    global wire
    wire = threading.Semaphore(concurrency)
    run_id = UUID(str(runtime.flow_run.id))
    with signal_handlers(stop), stop_watch(run_id, stop, lambda: False, poll_s=0.5):
        planned = plan.submit(items)
        shards = planned.result()
        generated = generate.map(shards, unmapped(seconds), unmapped(marks))
        mark(marks, "generating", {"flow_run_id": run_id, "pid": os.getpid()})
        names = {future.task_run_id: f"item {item}" for future, item in zip(generated, shards, strict=True)}
        settled = settle_task_runs(run_id, [planned, *generated], names=names)
    states = [future.state.type.value for future in generated]
    summary = {
        "flow_run_id": run_id,
        "sent": len(sent),
        "landed": len(landed),
        "states": {kind: states.count(kind) for kind in sorted(set(states))},
        "settled": {"asked": settled.asked, "recorded": settled.recorded, "forced": settled.forced},
        "settle_seconds": round(settled.seconds, 2),
        "reason": stop.reason,
    }
    mark(marks, "summary", summary)
    if stop.is_set:
        return cast(Summary, Cancelled(message=f"stopped: {stop.reason}"))
    return cast(Summary, Completed(name="Short", data=summary))


def mark(folder: str, name: str, content: object) -> None:
    unfinished = Path(folder) / f"unfinished-{name}"
    unfinished.write_text(json.dumps(content, default=str))
    unfinished.rename(Path(folder) / name)


if __name__ == "__main__":
    try:
        outcome = toy_flow(int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
    except InterruptedRunError as interrupted:
        print(interrupted, file=sys.stderr)
        sys.exit(ExitCode.INTERRUPTED)
    print(json.dumps(outcome, default=str))
