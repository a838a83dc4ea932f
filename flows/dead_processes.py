"""Which process a flow run belongs to, and the end of runs whose process is gone.

The store knows the flow run that claimed a job last. A process can be killed before it claims one, or after it
has given it back and still reports to Prefect. So each run that a plain call makes carries the mark of its
process from the moment it exists, as a tag, and every flow begins by closing what dead processes of this
machine left open.
"""

from __future__ import annotations

import hashlib
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from prefect import tags
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
    FlowRunFilterTags,
)
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.context import TagsContext

from brightrun.local_server import process_start

KIND = "process"
BEGUN = (StateType.PENDING, StateType.RUNNING, StateType.CANCELLING)


def process_mark(pid: int) -> str:
    """The mark of a process of this machine: process ids come round again, with a start time they do not."""
    start = hashlib.blake2b((process_start(pid) or "").encode(), digest_size=4).hexdigest()
    return f"{KIND}:{socket.gethostname()}:{pid}:{start}"


@contextmanager
def marked_runs() -> Iterator[None]:
    """Flow runs made inside carry this process's mark."""
    with tags(process_mark(os.getpid())):
        yield


@contextmanager
def unmarked_task_runs() -> Iterator[None]:
    """Inside a flow run: task runs do not inherit the mark. Prefect asks its server for a slot for every tag."""
    kept = TagsContext.get().current_tags - {process_mark(os.getpid())}
    with TagsContext(current_tags=kept):
        yield


def runs_of_dead_processes(backend: SyncPrefectClient) -> list[FlowRun]:
    """Begun flow runs whose mark names a process of this machine that is gone; at most a page of them."""
    begun = FlowRunFilter(
        state=FlowRunFilterState(type=FlowRunFilterStateType(any_=list(BEGUN))),
        tags=FlowRunFilterTags(is_null_=False),
    )
    return [run for run in backend.read_flow_runs(flow_run_filter=begun) if any(map(_is_of_a_dead_one, run.tags))]


def _is_of_a_dead_one(tag: str) -> bool:
    kind, _, rest = tag.partition(":")
    host, _, pid_and_start = rest.partition(":")
    pid = pid_and_start.partition(":")[0]
    return kind == KIND and host == socket.gethostname() and pid.isdigit() and tag != process_mark(int(pid))
